// A client of 2005 in miniature: says hello in SSLv2 format (RFC 5246 E.2), offers TLS 1.0 with
// TLS_RSA_WITH_AES_128_CBC_SHA, and finishes the handshake. No library in use today does that any
// more but Java's.
#pragma once

#include <openssl/x509.h>

#include <cstdint>
#include <string>
#include <vector>

namespace chainmend::tls::testing {

class Sslv2HelloClient {
 public:
  using Bytes = std::vector<std::uint8_t>;
  Bytes hello();
  // From the server's flight (ServerHello .. ServerHelloDone) to ClientKeyExchange,
  // ChangeCipherSpec and Finished.
  Bytes finish(const Bytes& server_flight, X509* server_certificate);

 private:
  Bytes transcript_;  // every handshake message, without record headers
};

}  // namespace chainmend::tls::testing
