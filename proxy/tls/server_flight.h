// What a server says in the clear in its part of a handshake: ServerHello, Certificate,
// ServerKeyExchange and CertificateRequest, read by ourselves from the bodies of the messages
// (RecordReader finds them). Pure: bytes in, plain data out. Everything comes from a stranger:
// nothing is read past the bytes given, and nothing is allocated by a length field.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "certs/bytes.h"

namespace chainmend::tls {

// RFC 5246 7.4.1.3, RFC 8446 4.1.3.
struct ServerHello {
  std::uint16_t version = 0;  // negotiated: supported_versions where it was sent
  std::uint16_t suite = 0;
  std::uint8_t compression = 0;
  std::size_t session_id_size = 0;
  bool retry = false;    // a HelloRetryRequest (RFC 8446 4.1.4): the client shall say hello again
  bool resumed = false;  // TLS 1.3: a pre-shared key was accepted
  std::uint16_t group = 0;  // TLS 1.3: of the key share sent or, in a retry, asked for; 0: none
  std::vector<std::uint16_t> extensions;  // types in order
  std::string alpn;                       // extension 16 as sent; empty: none

  bool has_extension(std::uint16_t type) const;
};
// Nothing when it is malformed.
std::optional<ServerHello> read_server_hello(certs::ByteView body);

// The certificates that a server showed.
struct ServerList {
  enum class State : std::uint8_t {
    unseen,  // not yet, or none, or encrypted
    whole,
    too_long,  // more than kMaxCertificates or 64 KiB; not looked at
    malformed,
  };
  static constexpr std::size_t kMaxCertificates = 32;
  State state = State::unseen;
  std::vector<certs::Bytes> certificates;  // DER, as sent; when whole, at least one
};
// Up to TLS 1.2 (RFC 5246 7.4.2). Never `unseen`.
ServerList read_certificate_list(certs::ByteView body);

// What a ServerKeyExchange tells of the group in use, up to TLS 1.2.
struct KeyExchange {
  std::uint16_t group = 0;  // a named curve (RFC 8422 5.4); 0: none
  std::size_t dh_bits = 0;  // of the prime of a DHE suite (RFC 5246 7.4.3); 0: none
};
// elliptic: the suite in use is ECDHE, else DHE. Nothing when it is malformed.
std::optional<KeyExchange> read_server_key_exchange(certs::ByteView body, bool elliptic);

// The wish for a client certificate, up to TLS 1.2 (RFC 5246 7.4.4).
struct CertificateRequest {
  // More names are counted and not kept: Schannel gives up on 16 KB of them anyway.
  static constexpr std::size_t kMaxNames = 512;
  std::vector<std::uint8_t> types;
  std::vector<std::uint16_t> signature_algorithms;  // TLS 1.2 alone
  std::vector<certs::Bytes> names;  // DER of the distinguished names, at most kMaxNames
  std::size_t name_count = 0;
  std::size_t names_size = 0;  // bytes of the whole list, with its length fields
};
// Nothing when it is malformed.
std::optional<CertificateRequest> read_certificate_request(certs::ByteView body,
                                                           std::uint16_t version);

}  // namespace chainmend::tls
