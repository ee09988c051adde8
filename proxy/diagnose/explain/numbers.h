// Numbers in text.
#pragma once

#include <charconv>
#include <cstdint>
#include <optional>
#include <string_view>

namespace chainmend::diagnose {

// The number at the beginning of text, whatever stands behind. base: 10 or 16, without "0x".
inline std::optional<std::int64_t> leading_number(std::string_view text, int base = 10) {
  std::int64_t value = 0;
  const auto error = std::from_chars(text.data(), text.data() + text.size(), value, base).ec;
  return error == std::errc() ? std::optional(value) : std::nullopt;
}

// The whole of text as a number.
inline std::optional<std::int64_t> whole_number(std::string_view text, int base = 10) {
  std::int64_t value = 0;
  const auto [stopped, error] =
      std::from_chars(text.data(), text.data() + text.size(), value, base);
  return error == std::errc() && stopped == text.data() + text.size() ? std::optional(value)
                                                                      : std::nullopt;
}

}  // namespace chainmend::diagnose
