#include "config/quote.h"

#include <cstddef>
#include <cstdint>
#include <utility>

#include <fmt/format.h>

namespace chainmend::config {

namespace {

// The code point that text begins with, and its length in bytes; text is valid UTF-8.
std::pair<char32_t, std::size_t> first_character(std::string_view text) {
  const auto first = static_cast<std::uint8_t>(text[0]);
  const std::size_t length = first < 0x80 ? 1 : first < 0xE0 ? 2 : first < 0xF0 ? 3 : 4;
  if (length == 1 || length > text.size()) {
    return {first, 1};
  }
  char32_t code = first & (0xFFU >> (length + 1));
  for (std::size_t i = 1; i < length; ++i) {
    code = (code << 6U) | (static_cast<std::uint8_t>(text[i]) & 0x3FU);
  }
  return {code, length};
}

// Characters that look like a blank or like nothing, or that turn the line around: with them two
// different words look the same (Unicode: controls, spaces other than U+0020, format characters).
bool is_invisible(char32_t c) {
  return c < 0x20 || (c >= 0x7F && c <= 0xA0) || c == 0xAD || c == 0x061C || c == 0x1680 ||
         c == 0x180E || (c >= 0x2000 && c <= 0x200F) || (c >= 0x2028 && c <= 0x202F) ||
         (c >= 0x205F && c <= 0x206F) || c == 0x3000 || c == 0xFEFF;
}

}  // namespace

std::string quote(std::string_view text) {
  constexpr std::size_t kMost = 40;
  const bool cut = text.size() > kMost;
  if (cut) {
    std::size_t end = kMost;
    while (end > 0 && (static_cast<std::uint8_t>(text[end]) & 0xC0U) == 0x80U) {
      --end;
    }
    text = text.substr(0, end);
  }
  std::string out = "\"";
  while (!text.empty()) {
    const auto [code, length] = first_character(text);
    if (is_invisible(code)) {
      out += fmt::format("<U+{:04X}>", static_cast<std::uint32_t>(code));
    } else {
      out += text.substr(0, length);
    }
    text.remove_prefix(length);
  }
  return out + (cut ? "...\"" : "\"");
}

std::string visible(std::string_view text) {
  std::string out;
  while (!text.empty()) {
    const auto [code, length] = first_character(text);
    if (!is_invisible(code)) {
      out += text.substr(0, length);
    }
    text.remove_prefix(length);
  }
  return out;
}

}  // namespace chainmend::config
