// Listeners: which addresses are bound, and for which listener. Another configuration is planned
// first, which opens what is new and may fail, and put in force after, which cannot. Main thread.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "config/config.h"
#include "proxy/server/worker.h"

namespace chainmend::server {

class Listeners {
 public:
  struct Bound {
    std::string listener;
    std::string address;  // as the kernel has it: with the port that it chose for port 0
    std::uint16_t port = 0;
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
  void commit(Plan&& plan) { bound_ = std::move(plan.bound); }

  const Sockets& bound() const { return bound_; }
  // Where a listener that is in force really listens.
  const std::string& address_of(const config::Listener& listener,
                                const config::Endpoint& endpoint) const;

 private:
  Sockets bound_;
};

}  // namespace chainmend::server
