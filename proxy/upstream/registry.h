// Registry: the servers and turns of all upstreams that some snapshot still names, so that the next
// snapshot goes on with the same ones. It owns none of them.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <utility>

#include "proxy/metrics/metrics.h"
#include "proxy/upstream/server.h"
#include "proxy/upstream/upstream.h"

namespace chainmend::upstream {

// Used by whoever builds snapshots, on one thread at a time.
class Registry {
 public:
  // metrics must outlive it and everything that it gives.
  explicit Registry(metrics::Metrics& metrics) : metrics_(metrics) {}

  // The server of that upstream with that name: the one that is known, or a new one.
  std::shared_ptr<Server> server(const std::string& upstream, const Address& address);
  std::shared_ptr<Turn> turn(const std::string& upstream);

 private:
  metrics::Metrics& metrics_;
  // By name of the upstream, and of its server.
  std::map<std::pair<std::string, std::string>, std::weak_ptr<Server>> servers_;
  std::map<std::string, std::weak_ptr<Turn>> turns_;
};

}  // namespace chainmend::upstream
