#include "proxy/server/listening_socket.h"

#include <linux/filter.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <boost/asio/ip/tcp.hpp>
#include <cerrno>
#include <cstring>
#include <utility>

#include "proxy/net/socket_options.h"

namespace chainmend::server {

namespace asio = boost::asio;

FileDescriptor& FileDescriptor::operator=(FileDescriptor&& other) noexcept {
  FileDescriptor old(std::exchange(fd_, other.release()));
  return *this;
}

FileDescriptor::~FileDescriptor() {
  if (fd_ >= 0) {
    ::close(fd_);
  }
}

int FileDescriptor::release() { return std::exchange(fd_, -1); }

namespace {

std::string explain(int error) {
  switch (error) {
    case EADDRINUSE:
      return "address already in use: another program listens there (see `ss -ltnp`)";
    case EADDRNOTAVAIL:
      return "no interface of this machine has that address";
    case EACCES:
      return "permission denied: ports below 1024 need root or CAP_NET_BIND_SERVICE; where "
             "process.user is set, only a start can add the first of them";
    default:
      return std::strerror(error);
  }
}

// shared: with SO_REUSEPORT. Returns the socket, or errno.
tl::expected<FileDescriptor, int> bind_one(const asio::ip::tcp::endpoint& endpoint, bool shared) {
  FileDescriptor fd(::socket(endpoint.protocol().family(),
                             SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, IPPROTO_TCP));
  if (!fd) {
    return tl::unexpected<int>(errno);
  }
  net::set_tcp_options(fd.get());  // for those it will accept
  const int on = 1;
  ::setsockopt(fd.get(), SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
  if (shared) {
    ::setsockopt(fd.get(), SOL_SOCKET, SO_REUSEPORT, &on, sizeof on);
  }
  if (endpoint.address().is_v6()) {
    ::setsockopt(fd.get(), IPPROTO_IPV6, IPV6_V6ONLY, &on, sizeof on);
  }
  if (::bind(fd.get(), endpoint.data(), static_cast<socklen_t>(endpoint.size())) != 0) {
    return tl::unexpected<int>(errno);
  }
  return fd;
}

}  // namespace

tl::expected<std::vector<FileDescriptor>, std::string> open_listening_sockets(
    const ListenAddress& at, unsigned count, Sharing sharing) {
  boost::system::error_code error;
  const auto address = asio::ip::make_address(at.address, error);
  if (error) {
    return tl::unexpected<std::string>("not a numeric address");
  }
  asio::ip::tcp::endpoint endpoint(address, at.port);
  // A socket of our own with SO_REUSEPORT would share the port with another process of this user in
  // silence, and each would get a part of the connections: ask for the port alone first.
  if (sharing == Sharing::among_ourselves) {
    if (auto alone = bind_one(endpoint, false); !alone) {
      return tl::unexpected<std::string>(explain(alone.error()));
    }
  }
  std::vector<FileDescriptor> sockets;
  for (unsigned i = 0; i < count; ++i) {
    auto fd = bind_one(endpoint, sharing != Sharing::exclusive);
    if (!fd) {
      return tl::unexpected<std::string>(explain(fd.error()));
    }
    if (::listen(fd->get(), SOMAXCONN) != 0) {
      return tl::unexpected<std::string>(explain(errno));
    }
    endpoint.port(bound_port(fd->get()));
    sockets.push_back(std::move(*fd));
  }
  return sockets;
}

void refuse_new_connections(int fd) {
  // Classic BPF over the TCP header: byte 13 has the flags (RFC 9293 3.1); SYN without ACK is
  // dropped, everything else passes.
  constexpr std::uint32_t kFlags = 13;
  constexpr std::uint32_t kSynAck = 0x12;
  constexpr std::uint32_t kSyn = 0x02;
  std::array<sock_filter, 5> program{{
      BPF_STMT(BPF_LD | BPF_B | BPF_ABS, kFlags),
      BPF_STMT(BPF_ALU | BPF_AND | BPF_K, kSynAck),
      BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, kSyn, 0, 1),
      BPF_STMT(BPF_RET | BPF_K, 0),
      BPF_STMT(BPF_RET | BPF_K, 0xFFFFFFFF),
  }};
  const sock_fprog filter{static_cast<unsigned short>(program.size()), program.data()};
  // Without it a connection that comes in the last moment is reset, as everywhere else.
  ::setsockopt(fd, SOL_SOCKET, SO_ATTACH_FILTER, &filter, sizeof filter);
}

namespace {

sockaddr_storage bound_address(int fd) {
  sockaddr_storage storage{};
  socklen_t size = sizeof storage;
  if (::getsockname(fd, reinterpret_cast<sockaddr*>(&storage), &size) != 0) {
    storage.ss_family = AF_UNSPEC;
  }
  return storage;
}

}  // namespace

std::uint16_t bound_port(int fd) {
  const sockaddr_storage storage = bound_address(fd);
  if (storage.ss_family == AF_UNSPEC) {
    return 0;
  }
  return storage.ss_family == AF_INET6
             ? ntohs(reinterpret_cast<const sockaddr_in6&>(storage).sin6_port)
             : ntohs(reinterpret_cast<const sockaddr_in&>(storage).sin_port);
}

int address_family(int fd) { return bound_address(fd).ss_family; }

}  // namespace chainmend::server
