// Bytes as the certs library passes them about, and how they are printed.
#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace chainmend::certs {

using Bytes = std::vector<std::uint8_t>;
using ByteView = std::span<const std::uint8_t>;
using Sha256 = std::array<std::uint8_t, 32>;

std::string hex(ByteView bytes);         // lower case, no separators
std::string hex_colons(ByteView bytes);  // "AB:CD:.." as key ids are usually shown

Sha256 sha256(ByteView bytes);
// SHA-1 in capitals, as Windows shows the thumbprint of a certificate.
std::string thumbprint(ByteView der);

inline ByteView as_bytes(std::string_view text) {
  return {reinterpret_cast<const std::uint8_t*>(text.data()), text.size()};
}
inline std::string_view as_text(ByteView bytes) {
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

// Hash of a Sha256 for unordered containers: its first bytes are already as good as random.
struct Sha256Hash {
  std::size_t operator()(const Sha256& digest) const noexcept;
};

}  // namespace chainmend::certs
