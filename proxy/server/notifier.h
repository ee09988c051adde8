// Notifier: tells the service manager how this process is, by the datagrams of sd_notify(3) to the
// socket that NOTIFY_SOCKET names. Without that variable it does nothing.
//
// The protocol is one datagram of lines; libsystemd would bring a compressor library or four into a
// process that faces the Internet, for that.
//
// A lost datagram is not told: the manager is gone then, or its queue is full. Any one thread.
#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <string_view>

#include "proxy/server/listening_socket.h"

namespace chainmend::server {

class Notifier {
 public:
  Notifier() = default;
  // Takes NOTIFY_SOCKET, WATCHDOG_USEC and WATCHDOG_PID out of the environment. To be called while
  // there is one thread.
  static Notifier from_environment();

  // status: one line of our own words, shown by `systemctl status`.
  void ready(std::string_view status) const;
  // To be followed by ready(), however the reload ends.
  void reloading() const;
  // at_most: how long it takes; the manager's own patience is extended by that.
  void stopping(std::string_view status, std::chrono::milliseconds at_most) const;
  // Due within watchdog_timeout() of the last one.
  void alive() const;

  // Unset: nobody watches.
  std::optional<std::chrono::microseconds> watchdog_timeout() const { return watchdog_timeout_; }

 private:
  void send(const std::string& lines) const;

  std::string address_;  // a path, or an abstract name behind '@'
  FileDescriptor socket_;
  std::optional<std::chrono::microseconds> watchdog_timeout_;
};

}  // namespace chainmend::server
