// Registry: the servers and commons of all upstreams that some snapshot still names, so that the
// next snapshot goes on with the same ones. It owns none of them.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <utility>

#include "certs/bytes.h"
#include "proxy/metrics/metrics.h"
#include "proxy/upstream/server.h"
#include "proxy/upstream/upstream.h"

namespace chainmend::upstream {

// Used by whoever builds snapshots, on one thread at a time.
class Registry {
 public:
  // metrics must outlive it and everything that it gives.
  explicit Registry(metrics::Metrics& metrics);

  // The server of that upstream with that name: the one that is known, or a new one.
  std::shared_ptr<Server> server(const std::string& upstream, const Address& address);
  std::shared_ptr<Common> common(const std::string& upstream);
  // Random, of this registry: what cookies are signed with that have no key of the operator's.
  const certs::Bytes& cookie_key() const { return cookie_key_; }

 private:
  metrics::Metrics& metrics_;
  certs::Bytes cookie_key_;
  // By name of the upstream, and of its server.
  std::map<std::pair<std::string, std::string>, std::weak_ptr<Server>> servers_;
  std::map<std::string, std::weak_ptr<Common>> commons_;
};

}  // namespace chainmend::upstream
