// ClientHello: the facts of the first message a TLS client sends, read by ourselves from the raw
// first flight, so that they are known whatever OpenSSL later thinks of it. Pure: bytes in, plain
// data out. Everything here comes from a stranger: nothing is read past the bytes given, and
// nothing is allocated by a length field.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

namespace chainmend::clients {

// A hello that does not end within this many bytes of the first flight is given up on.
inline constexpr std::size_t kMaxFirstFlight = 16384;

// Versions as on the wire.
inline constexpr std::uint16_t kSsl2 = 0x0002;
inline constexpr std::uint16_t kSsl3 = 0x0300;
inline constexpr std::uint16_t kTls10 = 0x0301;
inline constexpr std::uint16_t kTls11 = 0x0302;
inline constexpr std::uint16_t kTls12 = 0x0303;
inline constexpr std::uint16_t kTls13 = 0x0304;

// Metric label of a version: "ssl2hello" "ssl3" "tls1.0" ... "tls1.3", else "unknown".
const char* version_label(std::uint16_t version);

// Values that clients mix in to keep servers tolerant (RFC 8701): 0x0a0a, 0x1a1a, ... 0xfafa.
constexpr bool is_grease(std::uint16_t v) {
  return (v & 0x0f0f) == 0x0a0a && (v >> 8) == (v & 0xff);
}

enum class HelloFormat {
  tls,    // TLS records
  sslv2,  // RFC 5246 appendix E.2: old Java, Windows XP, Windows CE
};

struct ClientHello {
  HelloFormat format = HelloFormat::tls;
  std::uint16_t record_version = 0;  // of the first record; 0 in SSLv2 format, which has none
  std::uint16_t legacy_version = 0;  // client_version of the message
  std::vector<std::uint16_t>
      supported_versions;  // extension 43, in order, GREASE included; empty: not sent
  // In the client's order, GREASE and signalling values (00ff, 5600) included. In SSLv2 format
  // those of the three-byte kinds that name a suite of SSL 3 or later.
  std::vector<std::uint16_t> suites;
  bool has_extensions = false;                      // false: no extension block at all
  std::vector<std::uint16_t> extensions;            // types in order, GREASE included
  std::vector<std::uint16_t> groups;                // extension 10
  std::vector<std::uint8_t> point_formats;          // extension 11
  std::vector<std::uint16_t> signature_algorithms;  // extension 13
  std::vector<std::string> alpn;  // extension 16; bytes outside printable ASCII as "\xNN"
  std::string
      server_name;  // extension 0, lower case, other than printable ASCII as "\xNN"; empty: none
  std::size_t session_id_size = 0;
  std::size_t ticket_size =
      0;                    // extension 35; 0: none offered (an empty one only asks for a ticket)
  bool offers_psk = false;  // extension 41: asks to resume a TLS 1.3 session

  bool has_extension(std::uint16_t type) const;
  bool offers_suite(std::uint16_t suite) const;
  // The best version offered, GREASE and versions above TLS 1.3 left out of supported_versions.
  std::uint16_t max_version() const;
};

enum class FlightKind {
  need_more,  // a hello so far, not yet whole
  hello,
  http_request,  // plain HTTP on a TLS port
  proxy_header,  // of the PROXY protocol, where nobody expects one
  not_tls,       // none of these
  malformed,     // TLS records whose handshake message is no well-formed ClientHello
  too_long,      // not whole within kMaxFirstFlight
};

struct FirstFlight {
  FlightKind kind = FlightKind::need_more;
  ClientHello hello;  // filled when kind is hello
};

// Parses what arrived so far, from the first byte of the connection on. Call it again with more
// bytes on need_more. A malformed body of one extension only leaves that extension's facts empty.
FirstFlight parse_client_hello(std::span<const std::uint8_t> bytes);

// ClientHello::server_name from the body of extension 0 alone.
std::string read_server_name(std::span<const std::uint8_t> extension_body);

}  // namespace chainmend::clients
