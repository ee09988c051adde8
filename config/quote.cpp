#include "config/quote.h"

#include <cstddef>
#include <cstdint>

#include <fmt/format.h>

#include "config/utf8.h"

namespace chainmend::config {

namespace {

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
    const Character first = first_character(text);
    if (!first.valid) {
      out += fmt::format("<0x{:02X}>", static_cast<std::uint8_t>(first.bytes[0]));
    } else if (is_invisible(first.code)) {
      out += fmt::format("<U+{:04X}>", static_cast<std::uint32_t>(first.code));
    } else {
      out += first.bytes;
    }
    text.remove_prefix(first.bytes.size());
  }
  return out + (cut ? "...\"" : "\"");
}

std::string visible(std::string_view text) {
  std::string out;
  while (!text.empty()) {
    const Character first = first_character(text);
    if (first.valid && !is_invisible(first.code)) {
      out += first.bytes;
    }
    text.remove_prefix(first.bytes.size());
  }
  return out;
}

}  // namespace chainmend::config
