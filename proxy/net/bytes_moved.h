// What the kernel knows of a TCP connection's progress.
#pragma once

#include <cstdint>

namespace chainmend::net {

struct BytesMoved {
  std::uint64_t acknowledged = 0;  // by the peer, since the connection began
  std::uint64_t received = 0;      // from it
};

// Nothing moved where it cannot be said.
BytesMoved bytes_moved(int fd);

}  // namespace chainmend::net
