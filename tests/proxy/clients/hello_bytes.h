// Builds the bytes of a ClientHello field by field, for tests that need one that no library would
// send.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace chainmend::clients::testing {

using Bytes = std::vector<std::uint8_t>;

inline void put16(Bytes& out, std::size_t value) {
  out.push_back(static_cast<std::uint8_t>(value >> 8));
  out.push_back(static_cast<std::uint8_t>(value));
}
inline void append(Bytes& out, const Bytes& more) {
  out.insert(out.end(), more.begin(), more.end());
}

inline Bytes bytes_of(std::string_view text) { return {text.begin(), text.end()}; }
inline Bytes from_hex(std::string_view hex) {
  Bytes out;
  for (std::size_t i = 0; i + 1 < hex.size(); i += 2) {
    out.push_back(static_cast<std::uint8_t>(std::stoi(std::string(hex.substr(i, 2)), nullptr, 16)));
  }
  return out;
}
inline Bytes u16s(const std::vector<std::uint16_t>& values) {
  Bytes out;
  for (const std::uint16_t v : values) {
    put16(out, v);
  }
  return out;
}
inline Bytes with_length16(const Bytes& body) {
  Bytes out;
  put16(out, body.size());
  append(out, body);
  return out;
}
inline Bytes with_length8(const Bytes& body) {
  Bytes out{static_cast<std::uint8_t>(body.size())};
  append(out, body);
  return out;
}

struct HelloBytes {
  std::uint16_t record_version = 0x0301;
  std::uint16_t version = 0x0301;
  Bytes session_id;
  std::vector<std::uint16_t> suites{0x002f, 0x0035};
  std::vector<std::pair<std::uint16_t, Bytes>> extensions;  // none: no extension block

  static Bytes server_name(std::string_view name) {
    Bytes entry{0};
    append(entry, with_length16(bytes_of(name)));
    return with_length16(entry);
  }

  // The handshake message, header included.
  Bytes message() const {
    Bytes body;
    put16(body, version);
    body.insert(body.end(), 32, 0x5a);
    append(body, with_length8(session_id));
    append(body, with_length16(u16s(suites)));
    append(body, {1, 0});
    if (!extensions.empty()) {
      Bytes block;
      for (const auto& [type, content] : extensions) {
        put16(block, type);
        append(block, with_length16(content));
      }
      append(body, with_length16(block));
    }
    Bytes out{1, 0};
    append(out, with_length16(body));
    return out;
  }
  // In records of at most fragment bytes each.
  Bytes records(std::size_t fragment = 16384) const {
    const Bytes whole = message();
    Bytes out;
    for (std::size_t at = 0; at < whole.size(); at += fragment) {
      const auto begin = whole.begin() + static_cast<std::ptrdiff_t>(at);
      const Bytes part(begin,
                       begin + static_cast<std::ptrdiff_t>(std::min(fragment, whole.size() - at)));
      out.push_back(22);
      put16(out, record_version);
      append(out, with_length16(part));
    }
    return out;
  }
  // In SSLv2 format (RFC 5246 E.2); extensions do not exist there.
  Bytes sslv2() const {
    Bytes message{1};
    put16(message, version);
    put16(message, suites.size() * 3);
    put16(message, session_id.size());
    put16(message, 32);
    for (const std::uint16_t suite : suites) {
      message.push_back(0);
      put16(message, suite);
    }
    append(message, session_id);
    message.insert(message.end(), 32, 0x5a);
    Bytes out;
    put16(out, message.size() | 0x8000);
    append(out, message);
    return out;
  }
};

}  // namespace chainmend::clients::testing
