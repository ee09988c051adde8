#include "config/yaml_text.h"

#include <fmt/format.h>

#include <algorithm>

namespace chainmend::config {

namespace {

constexpr std::string_view kPlain =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_./-";

// Means itself without quotes, in brackets as well (YAML 1.2, 7.3.3). A colon is safe before a
// slash or a digit: https://10.0.0.11:443.
bool is_plain(std::string_view text) {
  if (text.empty() || text.front() == '-' || text.front() == ':') {
    return false;
  }
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char next = i + 1 < text.size() ? text[i + 1] : ' ';
    const bool is_safe_colon = text[i] == ':' && (next == '/' || (next >= '0' && next <= '9'));
    if (kPlain.find(text[i]) == kPlain.npos && !is_safe_colon) {
      return false;
    }
  }
  return true;
}

bool is_control(char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7f; }

}  // namespace

std::string scalar(std::string_view text) {
  if (is_plain(text)) {
    return std::string(text);
  }
  std::string out;
  if (std::ranges::none_of(text, is_control)) {
    for (const char c : text) {
      out.append(c == '\'' ? 2 : 1, c);
    }
    return "'" + out + "'";
  }
  for (const char c : text) {
    if (is_control(c)) {
      out += fmt::format("\\x{:02x}", static_cast<unsigned char>(c));
    } else {
      out += c == '"' || c == '\\' ? std::string{'\\', c} : std::string{c};
    }
  }
  return '"' + out + '"';
}

}  // namespace chainmend::config
