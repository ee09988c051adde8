// ByteReader: numbers and vectors of TLS messages (RFC 8446 3), taken off the front of borrowed
// bytes. A read past the end gives zeros and sticks: check ok() once, at the end.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

namespace chainmend::clients {

using ByteView = std::span<const std::uint8_t>;

class ByteReader {
 public:
  explicit ByteReader(ByteView bytes) : bytes_(bytes) {}

  bool ok() const { return ok_; }
  bool empty() const { return bytes_.empty(); }
  bool finished() const { return ok_ && empty(); }

  ByteView take(std::size_t size) {
    if (size > bytes_.size()) {
      ok_ = false;
      bytes_ = {};
      return {};
    }
    const ByteView taken = bytes_.first(size);
    bytes_ = bytes_.subspan(size);
    return taken;
  }
  std::uint8_t u8() {
    const ByteView b = take(1);
    return b.empty() ? std::uint8_t{0} : b[0];
  }
  std::uint16_t u16() {
    const ByteView b = take(2);
    return b.empty() ? std::uint16_t{0} : static_cast<std::uint16_t>(b[0] << 8 | b[1]);
  }
  std::size_t u24() {
    const ByteView b = take(3);
    return b.empty()
               ? 0
               : static_cast<std::size_t>(b[0]) << 16 | static_cast<std::size_t>(b[1]) << 8 | b[2];
  }
  ByteView vector8() { return take(u8()); }
  ByteView vector16() { return take(u16()); }
  ByteView vector24() { return take(u24()); }

 private:
  ByteView bytes_;
  bool ok_ = true;
};

}  // namespace chainmend::clients
