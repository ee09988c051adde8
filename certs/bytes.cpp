#include "certs/bytes.h"

#include <openssl/evp.h>

#include <cstring>

namespace chainmend::certs {

namespace {

std::string digits_of(ByteView bytes, const char* digits, bool colons) {
  std::string out;
  out.reserve(bytes.size() * 3);
  for (const std::uint8_t byte : bytes) {
    if (colons && !out.empty()) {
      out += ':';
    }
    out += digits[byte >> 4];
    out += digits[byte & 0x0F];
  }
  return out;
}

}  // namespace

std::string hex(ByteView bytes) { return digits_of(bytes, "0123456789abcdef", false); }

std::string hex_colons(ByteView bytes) { return digits_of(bytes, "0123456789ABCDEF", true); }

Sha256 sha256(ByteView bytes) {
  // Looked up once: OpenSSL's own shorthands do it each time, under a lock. Never freed, as OpenSSL
  // has cleaned up before our destructors would.
  static const EVP_MD* const kAlgorithm = EVP_MD_fetch(nullptr, "SHA256", nullptr);
  Sha256 digest{};
  EVP_Digest(bytes.data(), bytes.size(), digest.data(), nullptr, kAlgorithm, nullptr);
  return digest;
}

std::string thumbprint(ByteView der) {
  std::array<std::uint8_t, 20> digest{};
  EVP_Digest(der.data(), der.size(), digest.data(), nullptr, EVP_sha1(), nullptr);
  return digits_of(digest, "0123456789ABCDEF", false);
}

std::size_t Sha256Hash::operator()(const Sha256& digest) const noexcept {
  std::size_t value = 0;
  std::memcpy(&value, digest.data(), sizeof value);
  return value;
}

}  // namespace chainmend::certs
