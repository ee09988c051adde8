// ServingState: everything that serving a connection needs to know, built from one reading of the
// configuration and never changed after: contexts, chains, routes, upstreams, metric handles.
// Workers share it; a connection keeps the state it began with, so a reload never changes the rules
// under it.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "config/config.h"
#include "proxy/clients/classifier.h"
#include "proxy/metrics/handles.h"
#include "proxy/tls/context.h"
#include "proxy/tls/shadow_policy.h"
#include "proxy/upstream/upstream.h"

namespace chainmend::serving {

struct Route {
  std::string prefix;  // lower case, as http::normalise_path writes paths
  const upstream::Upstream* upstream = nullptr;
  metrics::RouteMetrics* metrics = nullptr;  // process-lived
};

struct Listener {
  std::string name;
  config::Mode mode = config::Mode::http;
  tls::ServerContextPtr tls;  // null: plain
  config::ListenerTimeouts timeouts;
  std::vector<Route> routes;  // longest prefix first; mode tcp: exactly one
  std::vector<config::Located<config::Endpoint>> endpoints;
  metrics::ListenerMetrics* metrics = nullptr;  // process-lived

  // The route of a normalised path: the longest prefix that ends at a segment's end. Null: none.
  const Route* route_for(std::string_view normalised_path) const;
};

// A policy to compare refused hellos with.
struct Shadow {
  tls::ShadowPolicy policy;
  metrics::PolicyLabel label;
};

struct ServingState {
  std::map<std::string, std::unique_ptr<const upstream::Upstream>, std::less<>> upstreams;
  std::vector<std::unique_ptr<const Listener>> listeners;
  // Never null.
  std::shared_ptr<const clients::Classifier> classifier =
      std::make_shared<const clients::Classifier>();
  std::vector<Shadow> shadows;  // every policy, configured and built-in
  bool learn_clients = true;    // from what they ask for
  std::size_t max_connections = 0;
  std::uint64_t generation = 0;

  const Listener* find_listener(std::string_view name) const;
};

using ServingStatePtr = std::shared_ptr<const ServingState>;

}  // namespace chainmend::serving
