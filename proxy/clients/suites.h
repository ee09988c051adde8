// Cipher suites by number, as they stand in hellos: names for people, and what a number says of the
// key exchange. Names are IANA's ("TLS Cipher Suites" registry), also of what this OpenSSL cannot
// speak; suites with pre-shared keys or passwords are left out.
#pragma once

#include <cstdint>
#include <string>

namespace chainmend::clients {

// "TLS_RSA_WITH_AES_128_CBC_SHA"; of an unknown one its number, "0x1234".
std::string suite_name(std::uint16_t suite);

// What a server proves with its certificate's key under a suite up to TLS 1.2, and what the secret
// is made with. In TLS 1.3 neither is the suite's business.
enum class Authentication : std::uint8_t { unknown, rsa, ecdsa, dss, anonymous, any };
enum class KeyExchangeKind : std::uint8_t { unknown, rsa, dh, dhe, ecdh, ecdhe, any };
Authentication authentication_of(std::uint16_t suite);
KeyExchangeKind key_exchange_of(std::uint16_t suite);

}  // namespace chainmend::clients
