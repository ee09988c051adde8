// What the HTTP fuzz targets share. The first byte of an input decides how the rest is cut, so that
// the fuzzer chooses the places.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <string_view>

namespace chainmend::fuzz {

// A property of the codec does not hold for this input.
inline void require(bool holds, const char* what) {
  if (!holds) {
    std::fprintf(stderr, "violated: %s\n", what);
    std::abort();
  }
}

// Sizes of the pieces that a message arrives in: 1 to 16 bytes, decided by the seed.
class Cuts {
 public:
  explicit Cuts(std::uint8_t seed) : state_(seed + 1U) {}
  std::size_t next() {
    state_ = state_ * 1664525U + 1013904223U;
    return 1 + (state_ >> 28);
  }

 private:
  std::uint32_t state_;
};

inline std::string_view text(const std::uint8_t* data, std::size_t size) {
  return {reinterpret_cast<const char*>(data), size};
}

}  // namespace chainmend::fuzz
