#include "proxy/cli/terminal.h"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <string_view>

namespace chainmend::cli {

namespace {

const char* code_of(Style style) {
  switch (style) {
    case Style::plain:
      return "";
    case Style::bold:
      return "\033[1m";
    case Style::dim:
      return "\033[2m";
    case Style::good:
      return "\033[32m";
    case Style::warning:
      return "\033[33m";
    case Style::bad:
      return "\033[31m";
  }
  return "";
}

// Columns that UTF-8 text takes, one per code point.
std::size_t width_of(std::string_view text) {
  return static_cast<std::size_t>(std::count_if(text.begin(), text.end(), [](char c) {
    return (static_cast<unsigned char>(c) & 0xC0) != 0x80;
  }));
}

}  // namespace

Terminal::Terminal(std::FILE* stream) : stream_(stream), is_terminal_(isatty(fileno(stream)) == 1) {
  const char* term = std::getenv("TERM");
  has_colours_ = is_terminal_ && std::getenv("NO_COLOR") == nullptr && term != nullptr &&
                 std::string_view(term) != "dumb";
}

std::string Terminal::styled(Style style, const std::string& text) const {
  return has_colours_ && style != Style::plain ? code_of(style) + text + "\033[0m" : text;
}

void Terminal::line(const std::string& text) const { std::fputs((text + "\n").c_str(), stream_); }

void Terminal::wrapped(const std::string& first, std::size_t indent, std::string_view text) const {
  constexpr std::size_t kWidth = 80;
  std::string out = first;
  std::size_t width = indent;
  while (!text.empty()) {
    const auto end = std::min(text.find(' '), text.size());
    const std::string_view word = text.substr(0, end);
    if (width > indent && width + 1 + width_of(word) > kWidth) {
      line(out);
      out.assign(indent, ' ');
      width = indent;
    }
    if (width > indent) {
      out += ' ';
      ++width;
    }
    out += word;
    width += width_of(word);
    text = text.substr(std::min(end + 1, text.size()));
  }
  line(out);
}

void Terminal::table(const std::vector<std::string>& header,
                     const std::vector<std::vector<std::string>>& rows) const {
  if (!is_terminal_) {
    line(fmt::format("{}", fmt::join(header, "\t")));
    for (const auto& row : rows) {
      line(fmt::format("{}", fmt::join(row, "\t")));
    }
    return;
  }
  std::vector<std::size_t> widths(header.size());
  for (std::size_t column = 0; column < header.size(); ++column) {
    widths[column] = width_of(header[column]);
    for (const auto& row : rows) {
      widths[column] = std::max(widths[column], width_of(row[column]));
    }
  }
  const auto print = [&](const std::vector<std::string>& cells, Style style) {
    std::string text;
    for (std::size_t column = 0; column < cells.size(); ++column) {
      const bool last = column + 1 == cells.size();
      text +=
          cells[column] + std::string(last ? 0 : widths[column] - width_of(cells[column]) + 2, ' ');
    }
    line(styled(style, text));
  };
  print(header, Style::bold);
  for (const auto& row : rows) {
    print(row, Style::plain);
  }
}

}  // namespace chainmend::cli
