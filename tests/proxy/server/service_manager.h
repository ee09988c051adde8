// A service manager as far as a process sees it: the socket where it listens for sd_notify(3), and
// the variables that it sets.
#pragma once

#include <gtest/gtest.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <array>
#include <cstdlib>
#include <cstring>
#include <string>

#include "proxy/server/notifier.h"
#include "tests/certs/temp_folder.h"

namespace chainmend::server::testing {

class ServiceManager {
 public:
  // name: of its socket; "@..." is an abstract one, "" a path in a folder of its own.
  explicit ServiceManager(std::string name = "")
      : name_(name.empty() ? folder_.path("notify") : std::move(name)) {
    sockaddr_un at{};
    at.sun_family = AF_UNIX;
    std::memcpy(at.sun_path, name_.data(), name_.size());
    if (at.sun_path[0] == '@') {
      at.sun_path[0] = '\0';
    }
    const auto size = static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + name_.size());
    EXPECT_EQ(::bind(socket_.get(), reinterpret_cast<const sockaddr*>(&at), size), 0);
  }

  // The notifier of a process that it started. watchdog: WATCHDOG_USEC.
  Notifier start(const char* watchdog = nullptr, const char* watched = nullptr) const {
    ::setenv("NOTIFY_SOCKET", name_.c_str(), 1);
    if (watchdog != nullptr) {
      ::setenv("WATCHDOG_USEC", watchdog, 1);
    }
    if (watched != nullptr) {
      ::setenv("WATCHDOG_PID", watched, 1);
    }
    return Notifier::from_environment();
  }

  // The next datagram, or "" when none comes in time.
  std::string receive(int milliseconds = 10'000) const {
    pollfd wait{socket_.get(), POLLIN, 0};
    std::array<char, 4096> block{};
    if (::poll(&wait, 1, milliseconds) != 1) {
      return "";
    }
    const ssize_t got = ::recv(socket_.get(), block.data(), block.size(), 0);
    return {block.data(), static_cast<std::size_t>(std::max<ssize_t>(got, 0))};
  }

 private:
  certs::testing::TempFolder folder_;
  std::string name_;
  FileDescriptor socket_{::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0)};
};

}  // namespace chainmend::server::testing
