// Character classes of HTTP and URI grammars in one table, and what is built on it. Inside the
// codec only.
#pragma once

#include <array>
#include <cstdint>
#include <string_view>

namespace chainmend::http {

enum CharClass : std::uint8_t {
  kToken = 1,  // tchar, RFC 9110 5.6.2
  kHost = 2,   // a DNS name, an IPv4 address, and '_' as Windows hosts have it
  kPath = 4,   // see build_char_table()
  kQuery = 8,
  kDigit = 16,
  kControl = 32,  // 0-31 but HTAB, and DEL
};

constexpr std::array<std::uint8_t, 256> build_char_table() {
  std::array<std::uint8_t, 256> table{};
  const auto add = [&table](std::string_view characters, std::uint8_t classes) {
    for (const char c : characters) {
      table[static_cast<unsigned char>(c)] |= classes;
    }
  };
  add("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-._~", kToken | kHost);
  add("0123456789", kDigit);
  add("!#$%&'*+^`|", kToken);
  for (unsigned c = 0x21; c <= 0x7e; ++c) {
    table[c] |= kPath | kQuery;
  }
  // Visible ASCII passes, because browsers and phones write "[]|^" into paths and almost anything
  // into queries (ActiveSync: User=DOMAIN\name) without encoding it. What servers read in two ways
  // does not: '#', and in paths '\', which IIS takes for '/'.
  table['#'] &= static_cast<std::uint8_t>(~(kPath | kQuery));
  for (const char c : std::string_view("\\\"<>{}`?")) {
    table[static_cast<unsigned char>(c)] &= static_cast<std::uint8_t>(~kPath);
  }
  for (unsigned c = 0; c < 0x20; ++c) {
    table[c] |= c == '\t' ? 0 : kControl;
  }
  table[0x7f] |= kControl;
  return table;
}

inline constexpr std::array<std::uint8_t, 256> kCharTable = build_char_table();

constexpr bool is(char c, CharClass wanted) noexcept {
  return (kCharTable[static_cast<unsigned char>(c)] & wanted) != 0;
}

constexpr char lower(char c) noexcept {
  return c >= 'A' && c <= 'Z' ? static_cast<char>(c | 0x20) : c;
}

// 0..15, or -1.
constexpr int hex_value(char c) noexcept {
  if (is(c, kDigit)) {
    return c - '0';
  }
  const char letter = lower(c);
  return letter >= 'a' && letter <= 'f' ? letter - 'a' + 10 : -1;
}

// Index of the first character that is not of the class, or the size.
constexpr std::size_t span_of(std::string_view text, CharClass wanted,
                              std::size_t from = 0) noexcept {
  while (from < text.size() && is(text[from], wanted)) {
    ++from;
  }
  return from;
}

constexpr bool all_of(std::string_view text, CharClass wanted) noexcept {
  return span_of(text, wanted) == text.size();
}

// Without surrounding OWS (RFC 9110 5.6.3).
constexpr std::string_view trim(std::string_view text) noexcept {
  while (!text.empty() && (text.front() == ' ' || text.front() == '\t')) {
    text.remove_prefix(1);
  }
  while (!text.empty() && (text.back() == ' ' || text.back() == '\t')) {
    text.remove_suffix(1);
  }
  return text;
}

}  // namespace chainmend::http
