#include "proxy/server/notifier.h"

#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <ctime>

#include "config/values.h"
#include "proxy/server/environment.h"

namespace chainmend::server {

namespace {

using std::chrono::microseconds;

// What a stop takes beside the wait for connections: saving, the last lines of the log.
constexpr std::chrono::seconds kToEnd{10};

// A year: what is longer is no timeout.
constexpr std::uint64_t kMostMicroseconds = 365ULL * 24 * 3600 * 1'000'000;

// Since the boot, as systemd measures.
microseconds monotonic_now() {
  timespec now{};
  ::clock_gettime(CLOCK_MONOTONIC, &now);
  return std::chrono::duration_cast<microseconds>(std::chrono::seconds(now.tv_sec) +
                                                  std::chrono::nanoseconds(now.tv_nsec));
}

// Unset also when it is another process that is watched.
std::optional<microseconds> take_watchdog_timeout() {
  const std::string pid = take_variable("WATCHDOG_PID");
  const auto own_id = static_cast<std::uint64_t>(::getpid());
  const auto timeout = config::parse_number(take_variable("WATCHDOG_USEC"));
  const bool ours = pid.empty() || config::parse_number(pid) == own_id;
  const bool sane = timeout && *timeout > 0 && *timeout < kMostMicroseconds;
  return ours && sane ? std::optional(microseconds(*timeout)) : std::nullopt;
}

}  // namespace

Notifier Notifier::from_environment() {
  Notifier notifier;
  std::string address = take_variable("NOTIFY_SOCKET");
  const std::optional<microseconds> timeout = take_watchdog_timeout();
  const bool is_name = address.starts_with('/') || address.starts_with('@');
  if (is_name && address.size() > 1 && address.size() < sizeof(sockaddr_un::sun_path)) {
    notifier.address_ = std::move(address);
    notifier.socket_ = FileDescriptor(::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0));
    notifier.watchdog_timeout_ = timeout;
  }
  return notifier;
}

void Notifier::ready(std::string_view status) const {
  send("READY=1\nSTATUS=" + std::string(status));
}

void Notifier::reloading() const {
  send("RELOADING=1\nMONOTONIC_USEC=" + std::to_string(monotonic_now().count()) +
       "\nSTATUS=reloading");
}

void Notifier::stopping(std::string_view status, std::chrono::milliseconds at_most) const {
  send("STOPPING=1\nEXTEND_TIMEOUT_USEC=" + std::to_string(microseconds(at_most + kToEnd).count()) +
       "\nSTATUS=" + std::string(status));
}

void Notifier::alive() const { send("WATCHDOG=1"); }

void Notifier::send(const std::string& lines) const {
  if (!socket_) {
    return;
  }
  sockaddr_un to{};
  to.sun_family = AF_UNIX;
  std::ranges::copy(address_, to.sun_path);
  if (to.sun_path[0] == '@') {
    to.sun_path[0] = '\0';  // abstract: unix(7)
  }
  const auto size = static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + address_.size());
  ::sendto(socket_.get(), lines.data(), lines.size(), MSG_DONTWAIT | MSG_NOSIGNAL,
           reinterpret_cast<const sockaddr*>(&to), size);
}

}  // namespace chainmend::server
