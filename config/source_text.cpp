#include "config/source_text.h"

#include <algorithm>
#include <cstdint>

#include <fmt/format.h>

#include "config/utf8.h"

namespace chainmend::config {
namespace {

constexpr std::string_view kByteOrderMark = "\xEF\xBB\xBF";

Location locate(std::string_view text, std::size_t offset, const std::string& file) {
  const std::string_view before = text.substr(0, offset);
  const std::size_t line_start = before.rfind('\n') + 1;  // npos + 1 == 0
  return {file, static_cast<int>(std::ranges::count(before, '\n')) + 1,
          static_cast<int>(offset - line_start) + 1};
}

std::optional<Diagnostic> refuse_encoding(std::string_view text, const std::string& file) {
  if (text.starts_with("\xFF\xFE") || text.starts_with("\xFE\xFF")) {
    return Diagnostic{{file, 1, 1}, "this file is UTF-16; save it as UTF-8"};
  }
  for (std::size_t at = 0; at < text.size();) {
    const Character character = first_character(text.substr(at));
    const auto byte = static_cast<std::uint8_t>(text[at]);
    if (!character.valid) {
      return Diagnostic{
          locate(text, at, file),
          fmt::format("byte 0x{:02X} is not UTF-8; save the file as UTF-8 text", byte)};
    }
    const bool control = byte < 0x20 && byte != '\n' && byte != '\r' && byte != '\t';
    if (control || byte == 0x7F) {
      return Diagnostic{locate(text, at, file),
                        fmt::format("byte 0x{:02X} does not belong in a text file", byte)};
    }
    at += character.bytes.size();
  }
  return std::nullopt;
}

std::optional<Diagnostic> refuse_tabs(std::string_view text, const std::string& file) {
  for (std::size_t start = 0; start < text.size();) {
    const std::size_t content = std::min(text.find_first_not_of(" \t", start), text.size());
    const std::size_t tab = text.substr(start, content - start).find('\t');
    const bool blank = content == text.size() || text[content] == '\n' || text[content] == '\r' ||
                       text[content] == '#';
    if (tab != std::string_view::npos && !blank) {
      return Diagnostic{locate(text, start + tab, file),
                        "this line is indented with a tab; YAML wants spaces"};
    }
    const std::size_t end = text.find('\n', content);
    start = end == std::string_view::npos ? text.size() : end + 1;
  }
  return std::nullopt;
}

}  // namespace

std::optional<Diagnostic> refuse_text(std::string_view text, const std::string& file) {
  if (text.size() > kMaxFileSize) {
    return Diagnostic{{file, 0, 0}, "the file is larger than 1 MiB; that is no configuration"};
  }
  if (text.starts_with(kByteOrderMark)) {
    text.remove_prefix(kByteOrderMark.size());  // columns are counted without it
  }
  if (auto refused = refuse_encoding(text, file)) {
    return refused;
  }
  return refuse_tabs(text, file);
}

std::string_view line_of(std::string_view text, int number) {
  for (int line = 1; line < number; ++line) {
    const std::size_t end = text.find('\n');
    if (end == std::string_view::npos) {
      return {};
    }
    text.remove_prefix(end + 1);
  }
  return text.substr(0, text.find_first_of("\r\n"));
}

}  // namespace chainmend::config
