// Appending to a head that is being written. Inside the codec only.
#pragma once

#include <charconv>
#include <cstdint>
#include <string>
#include <string_view>

namespace chainmend::http {

inline void append_number(std::uint64_t number, std::string& out) {
  char digits[20];
  const auto end = std::to_chars(digits, digits + sizeof digits, number).ptr;
  out.append(digits, end);
}

inline void append_field(std::string_view name, std::string_view value, std::string& out) {
  out.append(name).append(": ").append(value).append("\r\n");
}

inline void append_field(std::string_view name, std::uint64_t value, std::string& out) {
  out.append(name).append(": ");
  append_number(value, out);
  out.append("\r\n");
}

// "HTTP/1.1 502 Bad Gateway\r\n"
inline void append_status_line(unsigned status, std::string_view reason, std::string& out) {
  out.append("HTTP/1.1 ");
  append_number(status, out);
  out.append(" ").append(reason).append("\r\n");
}

}  // namespace chainmend::http
