#include "proxy/logs/escape.h"

#include <algorithm>

#include "config/utf8.h"

namespace chainmend::logs {
namespace {

using config::Character;

bool is_control(char32_t c) { return c < 0x20 || (c >= 0x7F && c < 0xA0); }

// Zero-width, direction-changing and line-separating characters: invisible, or able to reorder what
// is seen.
bool is_deceptive(char32_t c) {
  return c == 0xAD || c == 0x61C || c == 0x180E || (c >= 0x200B && c <= 0x200F) ||
         (c >= 0x2028 && c <= 0x202E) || (c >= 0x2060 && c <= 0x206F) || c == 0xFEFF ||
         (c >= 0xFFF9 && c <= 0xFFFB) || (c >= 0xE0000 && c <= 0xE0FFF);
}

bool is_printable(const Character& c) {
  return c.valid && !is_control(c.code) && !is_deceptive(c.code);
}

bool is_bare(char c) { return c > ' ' && c < 0x7F && c != '"' && c != '\\' && c != '='; }

void append_hex(std::string& out, std::string_view bytes) {
  constexpr std::string_view kDigits = "0123456789abcdef";
  for (const char c : bytes) {
    const auto byte = static_cast<unsigned char>(c);
    out += "\\x";
    out += kDigits[byte >> 4U];
    out += kDigits[byte & 0xFU];
  }
}

void append_character(std::string& out, const Character& c) {
  switch (c.code) {
    case '"':
      out += "\\\"";
      return;
    case '\\':
      out += "\\\\";
      return;
    case '\n':
      out += "\\n";
      return;
    case '\r':
      out += "\\r";
      return;
    case '\t':
      out += "\\t";
      return;
    default:
      break;
  }
  if (is_printable(c)) {
    out += c.bytes;
  } else {
    append_hex(out, c.bytes);
  }
}

// Calls take(character) for each; bytes that are no UTF-8 come one by one.
template <typename Take>
void for_each_character(std::string_view text, const Take& take) {
  while (!text.empty()) {
    const Character first = config::first_character(text);
    take(first);
    text.remove_prefix(first.bytes.size());
  }
}

}  // namespace

void append_value(std::string& out, std::string_view value) {
  const bool cut = value.size() > kMaxValueBytes;
  value = value.substr(0, kMaxValueBytes);
  if (!value.empty() && !cut && std::ranges::all_of(value, is_bare)) {
    out += value;
    return;
  }
  out += '"';
  for_each_character(value, [&out](const Character& c) { append_character(out, c); });
  out += '"';
  if (cut) {
    out += "...";
  }
}

std::string visible(std::string_view text) {
  std::string out;
  for_each_character(text, [&out](const Character& c) {
    if (is_printable(c)) {
      out += c.bytes;
    } else {
      append_hex(out, c.bytes);
    }
  });
  return out;
}

}  // namespace chainmend::logs
