#include "proxy/diagnose/lint/listing_text.h"

#include <algorithm>

#include "config/utf8.h"
#include "proxy/diagnose/read/decoder.h"

namespace chainmend::diagnose {

namespace {

constexpr std::size_t kLooked = 4096;     // bytes, to tell the encoding
constexpr std::size_t kSureOfBytes = 32;  // printable characters in a row that are no UTF-16
constexpr std::size_t kSureOfUtf16 = 8;   // pairs of a character and a zero

bool is_plain(char c) { return (c >= ' ' && c <= '~') || c == '\r' || c == '\n' || c == '\t'; }

// Where in UTF-16 of little endian a text of single bytes begins; npos: nowhere.
std::size_t find_bytes(std::string_view text) {
  std::size_t run = 0;
  bool has_line_end = false;  // in the run
  for (std::size_t i = 0; i < text.size(); ++i) {
    run = is_plain(text[i]) ? run + 1 : 0;
    has_line_end = run > 1 && (has_line_end || (text[i] == '\n' && text[i - 1] == '\r'));
    if (run >= kSureOfBytes && has_line_end) {
      return i + 1 - run;
    }
  }
  return std::string_view::npos;
}

// Where in a text of single bytes UTF-16 of little endian begins; npos: nowhere.
std::size_t find_utf16(std::string_view text) {
  std::size_t run = 0;
  for (std::size_t i = 0; i + 1 < text.size();) {
    if (is_plain(text[i]) && text[i + 1] == '\0') {
      i += 2;
      if (++run == kSureOfUtf16) {
        const std::size_t from = i - 2 * run;
        const bool has_mark = from >= 2 && text.substr(from - 2, 2) == "\xFF\xFE";
        return has_mark ? from - 2 : from;
      }
    } else {
      run = 0;
      ++i;
    }
  }
  return std::string_view::npos;
}

std::string from_utf16(std::string_view text) {
  constexpr std::string_view kMark = "\xFF\xFE";
  Decoder decoder;
  decoder.decode(kMark);  // which settles the encoding
  return std::string(decoder.decode(text.starts_with(kMark) ? text.substr(kMark.size()) : text));
}

// What PowerShell 7 puts around words to colour them: ESC, "[", numbers, "m".
void take_colours_out(std::string& text) {
  std::size_t kept = 0;
  for (std::size_t at = 0; at < text.size();) {
    if (text[at] == '\x1b' && at + 1 < text.size() && text[at + 1] == '[') {
      const auto end = text.find_first_not_of("0123456789;", at + 2);
      if (end != std::string::npos && text[end] == 'm') {
        at = end + 1;
        continue;
      }
    }
    text[kept++] = text[at++];
  }
  text.resize(kept);
}

std::string_view without_mark(std::string_view text) {
  constexpr std::string_view kMark = "\xEF\xBB\xBF";
  return text.starts_with(kMark) ? text.substr(kMark.size()) : text;
}

// By the first bytes of its UTF-8: Hangul, kana, ideographs, and the full width forms.
bool is_wide(std::string_view character) {
  const auto begins = [character](std::string_view from, std::string_view to) {
    return character >= from && character < to;
  };
  return begins("\xE1\x84\x80", "\xE1\x85\xA0") || begins("\xE2\xBA\x80", "\xEA\x93\x90") ||
         begins("\xEA\xB0\x80", "\xED\x9E\xA4") || begins("\xEF\xA4\x80", "\xEF\xAC\x80") ||
         begins("\xEF\xBC\x80", "\xEF\xBD\xA1") || begins("\xEF\xBF\xA0", "\xEF\xBF\xA7") ||
         begins("\xF0\xA0\x80\x80", "\xF0\xB0\x80\x80");
}

}  // namespace

ListingText read_listing_text(certs::ByteView bytes) {
  ListingText out;
  if (bytes.size() > kMaxListingBytes) {
    bytes = bytes.first(kMaxListingBytes);
    out.damages.push_back("it has more than " + std::to_string(kMaxListingBytes / 1024 / 1024) +
                          " MiB; what is behind was not read");
  }
  std::string_view rest = certs::as_text(bytes);
  bool is_mixed = false;
  bool ends_within = false;
  Decoder first;
  first.decode(rest.substr(0, kLooked));
  bool is_utf16 = first.is_utf16();
  if (is_utf16 && rest.starts_with("\xFE\xFF")) {
    out.utf8 = Decoder().decode(rest);
    ends_within = rest.size() % 2 != 0;
    rest = {};
  }
  while (!rest.empty()) {
    const std::size_t other = is_utf16 ? find_bytes(rest) : find_utf16(rest);
    const std::size_t size = std::min(other, rest.size());
    is_mixed |= size < rest.size();
    ends_within |= is_utf16 && size % 2 != 0 && size == rest.size();
    out.utf8 += is_utf16 ? from_utf16(rest.substr(0, size)) : without_mark(rest.substr(0, size));
    rest.remove_prefix(size);
    is_utf16 = !is_utf16;
  }
  const auto is_nul = [](char c) { return c == '\0'; };
  const bool has_nul = std::ranges::any_of(out.utf8, is_nul);
  std::erase_if(out.utf8, is_nul);
  take_colours_out(out.utf8);
  if (is_mixed) {
    out.damages.emplace_back(
        "the text changes its encoding on the way, as when two programs write one file; names may "
        "be garbled where it does");
  }
  if (has_nul) {
    out.damages.emplace_back("there are NUL bytes in the text; they were left out");
  }
  if (ends_within) {
    out.damages.emplace_back("the text ends within a character of UTF-16: its end is missing");
  }
  if (std::ranges::count(out.utf8, '\n') > static_cast<std::ptrdiff_t>(kMaxLines)) {
    out.damages.push_back("it has more than " + std::to_string(kMaxLines) +
                          " lines; those behind were not read");
  }
  return out;
}

std::vector<std::string_view> lines_of(std::string_view text) {
  std::vector<std::string_view> lines;
  while (!text.empty() && lines.size() < kMaxLines) {
    const auto end = text.find('\n');
    std::string_view line = text.substr(0, end);
    text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
    if (line.ends_with('\r')) {
      line.remove_suffix(1);
    }
    lines.push_back(line);
  }
  return lines;
}

std::string_view without_blanks(std::string_view text) {
  constexpr std::string_view kNoBreak = "\xC2\xA0";
  const auto is_blank = [](char c) { return c == ' ' || c == '\t' || c == '\r'; };
  for (;;) {
    if (!text.empty() && is_blank(text.front())) {
      text.remove_prefix(1);
    } else if (!text.empty() && is_blank(text.back())) {
      text.remove_suffix(1);
    } else if (text.starts_with(kNoBreak)) {
      text.remove_prefix(kNoBreak.size());
    } else if (text.ends_with(kNoBreak)) {
      text.remove_suffix(kNoBreak.size());
    } else {
      return text;
    }
  }
}

std::size_t width_of(std::string_view text) {
  const auto is_ascii = [](char c) { return static_cast<unsigned char>(c) < 0x80; };
  if (std::ranges::all_of(text, is_ascii)) {
    return text.size();
  }
  std::size_t width = 0;
  while (!text.empty()) {
    const config::Character c = config::first_character(text);
    text.remove_prefix(c.bytes.size());
    width += !c.valid ? c.bytes.size() : is_wide(c.bytes) ? 2 : 1;
  }
  return width;
}

std::size_t indent_of(std::string_view line) {
  const auto first = line.find_first_not_of(" \t");
  return first == std::string_view::npos ? line.size() : first;
}

bool is_hex_digit(char c) {
  return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
}

std::string hex_digits(std::string_view text) {
  std::string digits;
  if (text.size() > kMaxListedText) {
    return digits;
  }
  for (const char c : without_blanks(text)) {
    if (is_hex_digit(c)) {
      digits += c >= 'a' ? static_cast<char>(c - 'a' + 'A') : c;
    } else if (c != ' ' && c != ':') {
      return {};
    }
  }
  return digits;
}

}  // namespace chainmend::diagnose
