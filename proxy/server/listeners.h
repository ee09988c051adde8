// Listeners: which addresses are bound, and for which listener. Another configuration is planned
// first, which opens what is new and may fail, and put in force after, which cannot. Main thread.
//
// A socket that was passed to this process serves in place of one of our own: the listener that it
// is named after takes it, whatever that says where to listen, else the one that says its address.
#pragma once

#include <chrono>
#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "config/config.h"
#include "proxy/server/passed_sockets.h"
#include "proxy/server/worker.h"

namespace chainmend::server {

class Listeners {
 public:
  // passed must outlive it.
  explicit Listeners(const PassedSockets& passed) : passed_(passed) {}

  struct Bound {
    std::string listener;
    std::string address;  // as the kernel has it: with the port that it chose for port 0
    std::uint16_t port = 0;
    bool passed = false;
  };
  // A socket stays open over reloads as long as its key is configured. By key.
  using Sockets = std::map<std::string, Bound>;

  struct Plan {
    Sockets bound;                          // what will be
    std::vector<Publication> publications;  // one for each worker, their states still to be set
  };

  // Opens the sockets that config needs and that are not open yet, one for each of so many workers.
  // On error all of them are closed again. The error has a line for each address.
  config::Result<Plan> plan(const config::Config& config, std::size_t workers) const;
  // The plan's publications have been given to the workers.
  void commit(Plan&& plan);

  const Sockets& bound() const { return bound_; }
  // Where a listener that is in force really listens.
  std::vector<std::string> addresses_of(const config::Listener& listener) const;
  // Passed sockets that nobody accepts on.
  std::vector<const PassedSocket*> unused() const;

 private:
  // An address that a listener is to have, and where it gets its socket from.
  struct Wanted {
    std::string key;
    config::Located<config::Endpoint> at;
    const PassedSocket* passed = nullptr;  // null: we bind it
  };
  std::vector<Wanted> wanted_by(const config::Listener& listener) const;
  tl::expected<std::vector<FileDescriptor>, std::string> open(const Wanted& wanted,
                                                              std::size_t workers) const;

  bool has_port(std::uint16_t port) const;

  const PassedSockets& passed_;
  Sockets bound_;
  // Ports that were closed, and when: workers take a moment to empty the queues of their sockets.
  std::map<std::uint16_t, std::chrono::steady_clock::time_point> closing_;
};

}  // namespace chainmend::server
