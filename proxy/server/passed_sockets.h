// PassedSockets: listening sockets that whoever started this process had opened already, as systemd
// does for the ListenStream= of a socket unit (sd_listen_fds(3)). They stay open as long as the
// process lives, so that a reload can give one up and take it again, and their queues outlive the
// process where the other side keeps them, too: a restart then loses no connection. Main thread.
#pragma once

#include <string>
#include <string_view>
#include <tl/expected.hpp>
#include <vector>

#include "config/config.h"
#include "proxy/server/listening_socket.h"

namespace chainmend::server {

struct PassedSocket {
  std::string name;  // FileDescriptorName= of the unit; without it systemd gives the unit's own
  config::Endpoint address;
  FileDescriptor socket;
};

class PassedSockets {
 public:
  PassedSockets() = default;
  // Takes what LISTEN_PID, LISTEN_FDS and LISTEN_FDNAMES announce to this process, and removes the
  // variables. To be called while there is one thread. The error names the descriptor.
  static tl::expected<PassedSockets, std::string> from_environment();
  // `count` descriptors from `first` on, owned from now on even when they are refused. names: one
  // each, with colons between them.
  static tl::expected<PassedSockets, std::string> take(int first, int count,
                                                       std::string_view names);

  const std::vector<PassedSocket>& all() const { return all_; }
  // Those of this name.
  std::vector<const PassedSocket*> named(std::string_view name) const;
  // The one with this address, or null.
  const PassedSocket* at(const config::Endpoint& address) const;

  // No process but those that also hold the sockets listens on them from now on.
  void close();

 private:
  std::vector<PassedSocket> all_;
};

// `count` descriptors of the one socket: who accepts on any of them takes from one queue.
tl::expected<std::vector<FileDescriptor>, std::string> duplicates(const PassedSocket& passed,
                                                                  std::size_t count);

}  // namespace chainmend::server
