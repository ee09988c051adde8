#include "proxy/net/socket_options.h"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>

namespace chainmend::net {

namespace {

void set(int fd, int level, int option, int value) {
  ::setsockopt(fd, level, option, &value, sizeof value);
}

void set_probes(int fd, int idle_s, int interval_s, int count) {
  set(fd, SOL_SOCKET, SO_KEEPALIVE, 1);
  set(fd, IPPROTO_TCP, TCP_KEEPIDLE, idle_s);
  set(fd, IPPROTO_TCP, TCP_KEEPINTVL, interval_s);
  set(fd, IPPROTO_TCP, TCP_KEEPCNT, count);
}

}  // namespace

void set_tcp_options(int fd) {
  set(fd, IPPROTO_TCP, TCP_NODELAY, 1);
  set_probes(fd, 60, 15, 4);
}

void probe_often(int fd) { set_probes(fd, 5, 5, 4); }

}  // namespace chainmend::net
