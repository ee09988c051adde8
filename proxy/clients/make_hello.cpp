#include "proxy/clients/make_hello.h"

#include <algorithm>
#include <array>
#include <initializer_list>

namespace chainmend::clients {
namespace {

using Bytes = std::vector<std::uint8_t>;

constexpr std::uint16_t kX25519 = 29;
constexpr std::uint16_t kP256 = 23;
constexpr std::size_t kPaddedSize = 512;  // RFC 7685: shorter hellos trip old load balancers
constexpr std::uint8_t kFiller = 0x5a;    // of random and session id

void put(Bytes& out, const Bytes& more) { out.insert(out.end(), more.begin(), more.end()); }
void put16(Bytes& out, std::size_t value) {
  out.push_back(static_cast<std::uint8_t>(value >> 8));
  out.push_back(static_cast<std::uint8_t>(value));
}
Bytes vector8(const Bytes& content) {
  Bytes out{static_cast<std::uint8_t>(content.size())};
  put(out, content);
  return out;
}
Bytes vector16(const Bytes& content) {
  Bytes out;
  put16(out, content.size());
  put(out, content);
  return out;
}
Bytes u16s(const std::vector<std::uint16_t>& values) {
  Bytes out;
  for (const std::uint16_t value : values) {
    put16(out, value);
  }
  return out;
}
Bytes text(std::string_view characters) { return {characters.begin(), characters.end()}; }

// RFC 6066 section 3.
Bytes server_name_body(std::string_view name) {
  Bytes entry{0};
  put(entry, vector16(text(name)));
  return vector16(entry);
}

// RFC 7301 section 3.1, and ALPS, which has the same form.
Bytes protocols_body(const std::vector<std::string_view>& names) {
  Bytes list;
  for (const std::string_view name : names) {
    put(list, vector8(text(name)));
  }
  return vector16(list);
}

// RFC 7748 section 4.1: the u-coordinate of X25519's base point.
Bytes base_point_x25519() {
  Bytes point(32, 0);
  point[0] = 9;
  return point;
}

// FIPS 186-4, D.1.2.3, uncompressed.
Bytes base_point_p256() {
  static constexpr std::array<std::uint8_t, 65> kPoint = {
      0x04, 0x6b, 0x17, 0xd1, 0xf2, 0xe1, 0x2c, 0x42, 0x47, 0xf8, 0xbc, 0xe6, 0xe5,
      0x63, 0xa4, 0x40, 0xf2, 0x77, 0x03, 0x7d, 0x81, 0x2d, 0xeb, 0x33, 0xa0, 0xf4,
      0xa1, 0x39, 0x45, 0xd8, 0x98, 0xc2, 0x96, 0x4f, 0xe3, 0x42, 0xe2, 0xfe, 0x1a,
      0x7f, 0x9b, 0x8e, 0xe7, 0xeb, 0x4a, 0x7c, 0x0f, 0x9e, 0x16, 0x2b, 0xce, 0x33,
      0x57, 0x6b, 0x31, 0x5e, 0xce, 0xcb, 0xb6, 0x40, 0x68, 0x37, 0xbf, 0x51, 0xf5};
  return {kPoint.begin(), kPoint.end()};
}

// RFC 8446 section 4.2.8: a share for the first group that we have one for, and one byte for a
// group of GREASE.
Bytes key_share_body(const ClientStack& stack) {
  Bytes shares;
  for (const std::uint16_t group : stack.groups) {
    if (is_grease(group)) {
      put16(shares, group);
      put(shares, vector16({0}));
    } else if (group == kX25519 || group == kP256) {
      put16(shares, group);
      put(shares, vector16(group == kX25519 ? base_point_x25519() : base_point_p256()));
      break;
    }
  }
  return vector16(shares);
}

// What the clients of stacks.h send in an extension. Of most the presence is all.
Bytes body_of(std::uint16_t extension, const ClientStack& stack, std::string_view server_name) {
  switch (extension) {
    case 0:
      return server_name_body(server_name);
    case 5:  // status_request: OCSP, no responders, no extensions (RFC 6066 section 8)
      return {1, 0, 0, 0, 0};
    case 10:
      return vector16(u16s(stack.groups));
    case 11:
      return vector8(stack.point_formats);
    case 13:
    case 50:  // signature_algorithms_cert
      return vector16(u16s(stack.signatures));
    case 16:
      return protocols_body(stack.alpn);
    case 17:  // status_request_v2: one request for a list of OCSP answers (RFC 6961 section 2.2)
      return vector16({2, 0, 4, 0, 0, 0, 0});
    case 27:  // compress_certificate: brotli (RFC 8879 section 7.3)
      return vector8({0, 2});
    case 28:  // record_size_limit (RFC 8449)
      return {0x40, 0x01};
    case 34:  // delegated_credential (RFC 9345)
      return vector16(u16s({0x0403, 0x0503, 0x0603, 0x0203}));
    case 43:
      return vector8(u16s(stack.versions));
    case 45:  // psk_key_exchange_modes: with (EC)DHE
      return vector8({1});
    case 51:
      return key_share_body(stack);
    case 17513:  // application settings of Chromium
      return protocols_body({"h2"});
    case 65281:  // renegotiation_info of a first handshake (RFC 5746)
      return {0};
    default:
      return {};
  }
}

Bytes handshake_message(const Bytes& body) {
  Bytes message{1, static_cast<std::uint8_t>(body.size() >> 16)};
  put(message, vector16(body));
  return message;
}

Bytes message_with(const ClientStack& stack, const Bytes& extensions) {
  Bytes body;
  put16(body, stack.version);
  body.insert(body.end(), 32, kFiller);
  put(body, vector8(Bytes(stack.versions.empty() ? 0 : 32, kFiller)));  // RFC 8446 D.4
  put(body, vector16(u16s(stack.suites)));
  put(body, {1, 0});  // no compression
  if (!extensions.empty()) {
    put(body, vector16(extensions));
  }
  return handshake_message(body);
}

Bytes extensions_of(const ClientStack& stack, std::string_view server_name, std::size_t padding) {
  Bytes out;
  for (const std::uint16_t type : stack.extensions) {
    if (type == 0 && server_name.empty()) {
      continue;
    }
    put16(out, type);
    put(out, vector16(type == 21 ? Bytes(padding, 0) : body_of(type, stack, server_name)));
  }
  return out;
}

// RFC 5246 appendix E.2.
Bytes sslv2_hello(const ClientStack& stack) {
  Bytes message{1};
  put16(message, stack.version);
  put16(message, stack.suites.size() * 3);
  put16(message, 0);   // session id
  put16(message, 32);  // challenge
  for (const std::uint16_t suite : stack.suites) {
    message.push_back(0);
    put16(message, suite);
  }
  message.insert(message.end(), 32, kFiller);
  Bytes out;
  put16(out, message.size() | 0x8000);
  put(out, message);
  return out;
}

}  // namespace

std::vector<std::uint8_t> make_hello(const ClientStack& stack, std::string_view server_name) {
  if (stack.format == HelloFormat::sslv2) {
    return sslv2_hello(stack);
  }
  Bytes message = message_with(stack, extensions_of(stack, server_name, 0));
  if (message.size() < kPaddedSize) {
    message = message_with(stack, extensions_of(stack, server_name, kPaddedSize - message.size()));
  }
  Bytes out{22};
  put16(out, stack.record_version);
  put(out, vector16(message));
  return out;
}

}  // namespace chainmend::clients
