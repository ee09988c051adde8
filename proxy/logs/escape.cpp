#include "proxy/logs/escape.h"

#include <algorithm>
#include <boost/locale/utf.hpp>

namespace chainmend::logs {
namespace {

using Utf8 = boost::locale::utf::utf_traits<char>;
using boost::locale::utf::code_point;

bool is_control(code_point c) { return c < 0x20 || (c >= 0x7F && c < 0xA0); }

// Zero-width, direction-changing and line-separating characters: invisible, or able to reorder what
// is seen.
bool is_deceptive(code_point c) {
  return c == 0xAD || c == 0x61C || c == 0x180E || (c >= 0x200B && c <= 0x200F) ||
         (c >= 0x2028 && c <= 0x202E) || (c >= 0x2060 && c <= 0x206F) || c == 0xFEFF ||
         (c >= 0xFFF9 && c <= 0xFFFB) || (c >= 0xE0000 && c <= 0xE0FFF);
}

bool is_printable(code_point c) {
  return c != boost::locale::utf::illegal && c != boost::locale::utf::incomplete &&
         !is_control(c) && !is_deceptive(c);
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

void append_character(std::string& out, code_point c, std::string_view bytes) {
  switch (c) {
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
    out += bytes;
  } else {
    append_hex(out, bytes);
  }
}

// Calls take(character, its bytes) for each character; bytes that are no UTF-8 come one by one, as
// illegal ones.
template <typename Take>
void for_each_character(std::string_view text, const Take& take) {
  for (const char* p = text.begin(); p != text.end();) {
    const char* next = p;
    const code_point c = Utf8::decode(next, text.end());
    if (c == boost::locale::utf::illegal) {
      next = p + 1;  // the decoder may have swallowed the start of a good character
    }
    take(c, std::string_view(p, next));
    p = next;
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
  for_each_character(
      value, [&out](code_point c, std::string_view bytes) { append_character(out, c, bytes); });
  out += '"';
  if (cut) {
    out += "...";
  }
}

std::string visible(std::string_view text) {
  std::string out;
  for_each_character(text, [&out](code_point c, std::string_view bytes) {
    if (is_printable(c)) {
      out += bytes;
    } else {
      append_hex(out, bytes);
    }
  });
  return out;
}

}  // namespace chainmend::logs
