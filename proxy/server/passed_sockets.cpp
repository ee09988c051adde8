#include "proxy/server/passed_sockets.h"

#include <fcntl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <boost/asio/ip/tcp.hpp>
#include <cerrno>
#include <cstdint>
#include <cstring>
#include <utility>

#include "config/quote.h"
#include "config/values.h"
#include "proxy/net/socket_options.h"
#include "proxy/server/environment.h"

namespace chainmend::server {

namespace {

constexpr int kFirst = 3;  // SD_LISTEN_FDS_START
constexpr std::uint64_t kMost = 1024;

bool option_is(int fd, int option, int wanted) {
  int value = 0;
  socklen_t size = sizeof value;
  return ::getsockopt(fd, SOL_SOCKET, option, &value, &size) == 0 && value == wanted;
}

bool listens_on_tcp(int fd) {
  const int family = address_family(fd);
  return (family == AF_INET || family == AF_INET6) && option_is(fd, SO_TYPE, SOCK_STREAM) &&
         option_is(fd, SO_ACCEPTCONN, 1);
}

config::Endpoint address_of(int fd) {
  boost::asio::ip::tcp::endpoint endpoint;
  socklen_t size = static_cast<socklen_t>(endpoint.capacity());
  if (::getsockname(fd, endpoint.data(), &size) != 0) {
    return {};
  }
  return {endpoint.address().to_string(), endpoint.port()};
}

// As our own sockets are: closed by exec, never waiting, and with what accepted ones inherit.
void set_up(int fd) {
  ::fcntl(fd, F_SETFD, FD_CLOEXEC);
  ::fcntl(fd, F_SETFL, ::fcntl(fd, F_GETFL) | O_NONBLOCK);
  net::set_tcp_options(fd);
}

std::string described(const PassedSocket& passed) {
  return "descriptor " + std::to_string(passed.socket.get()) + " (" + config::quote(passed.name) +
         ")";
}

}  // namespace

tl::expected<PassedSockets, std::string> PassedSockets::from_environment() {
  const std::string pid = take_variable("LISTEN_PID");
  const std::string count = take_variable("LISTEN_FDS");
  const std::string names = take_variable("LISTEN_FDNAMES");
  // Somebody else's when the process is another: a shell between us and the one that set them.
  if (config::parse_number(pid) != static_cast<std::uint64_t>(::getpid())) {
    return PassedSockets();
  }
  const auto passed = config::parse_number(count);
  if (!passed || *passed > kMost) {
    return tl::unexpected("LISTEN_FDS=" + config::quote(count) + " is no number of descriptors");
  }
  return take(kFirst, static_cast<int>(*passed), names);
}

tl::expected<PassedSockets, std::string> PassedSockets::take(int first, int count,
                                                             std::string_view names) {
  PassedSockets taken;
  for (int fd = first; fd < first + count; ++fd) {
    const std::size_t end = std::min(names.find(':'), names.size());
    taken.all_.push_back({std::string(names.substr(0, end)), {}, FileDescriptor(fd)});
    names.remove_prefix(std::min(end + 1, names.size()));
  }
  for (PassedSocket& passed : taken.all_) {
    const int fd = passed.socket.get();
    if (!listens_on_tcp(fd)) {
      return tl::unexpected(
          described(passed) +
          " is no listening TCP socket: the ListenStream= of a socket unit for chainmend names an "
          "address and a port, and Accept= is no");
    }
    const config::Endpoint address = address_of(fd);
    if (taken.at(address) != nullptr) {
      return tl::unexpected("two sockets were passed that listen on " + address.text() +
                            "; one serves all workers");
    }
    passed.address = address;
    set_up(fd);
  }
  return taken;
}

std::vector<const PassedSocket*> PassedSockets::named(std::string_view name) const {
  std::vector<const PassedSocket*> found;
  for (const PassedSocket& one : all_) {
    if (one.name == name) {
      found.push_back(&one);
    }
  }
  return found;
}

const PassedSocket* PassedSockets::at(const config::Endpoint& address) const {
  const auto found = std::ranges::find(all_, address, &PassedSocket::address);
  return found == all_.end() ? nullptr : &*found;
}

void PassedSockets::close() {
  for (PassedSocket& one : all_) {
    one.socket = FileDescriptor();
  }
}

tl::expected<std::vector<FileDescriptor>, std::string> duplicates(const PassedSocket& passed,
                                                                  std::size_t count) {
  std::vector<FileDescriptor> copies;
  while (copies.size() < count) {
    FileDescriptor copy(::fcntl(passed.socket.get(), F_DUPFD_CLOEXEC, 0));
    if (!copy) {
      return tl::unexpected(std::string(std::strerror(errno)));
    }
    copies.push_back(std::move(copy));
  }
  return copies;
}

}  // namespace chainmend::server
