// The C library's tcp_info ends before what is asked for here, and cannot stand beside the kernel's
// in one file: hence a file of its own.
#include "proxy/net/bytes_moved.h"

#include <linux/tcp.h>
#include <netinet/in.h>
#include <sys/socket.h>

namespace chainmend::net {

BytesMoved bytes_moved(int fd) {
  tcp_info info{};
  socklen_t size = sizeof info;
  if (::getsockopt(fd, IPPROTO_TCP, TCP_INFO, &info, &size) != 0) {
    return {};
  }
  return {info.tcpi_bytes_acked, info.tcpi_bytes_received};
}

}  // namespace chainmend::net
