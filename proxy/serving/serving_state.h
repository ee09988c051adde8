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
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "config/config.h"
#include "proxy/clients/classifier.h"
#include "proxy/http/head.h"
#include "proxy/http/rewrite.h"
#include "proxy/metrics/listener.h"
#include "proxy/metrics/route.h"
#include "proxy/metrics/server_names.h"
#include "proxy/serving/identity_fields.h"
#include "proxy/serving/upstream_chain.h"
#include "proxy/tls/context.h"
#include "proxy/tls/shadow_policy.h"
#include "proxy/upstream/upstream.h"

namespace chainmend::serving {

struct Timeouts {
  // Of the upstream's own, unless the route says otherwise.
  std::optional<std::chrono::milliseconds> connect, handshake;
  std::chrono::milliseconds response{};
  std::chrono::milliseconds client_idle{};
  std::chrono::milliseconds server_idle{};
};

// Whether a pattern, in lower case, "*.contoso.com" or a name, stands for this host without port.
bool fits_host(std::string_view pattern, std::string_view host);

// Route: which requests, and what becomes of them.
struct Route {
  std::string prefix;                            // lower case, as http::normalise_path writes paths
  const upstream::Upstream* upstream = nullptr;  // null: redirect, or an answer of our own
  metrics::RouteMetrics* metrics = nullptr;      // process-lived
  std::string host = {};                         // lower case, "*.contoso.com"; empty: any
  std::vector<std::string> methods = {};         // empty: any
  std::optional<config::Redirect> redirect = {};
  unsigned status = 0;  // of both
  std::vector<http::FieldChange> request_changes = {};
  std::vector<http::FieldChange> response_changes = {};
  Timeouts timeouts = {};
  std::uint64_t max_body = config::kNoLimit;
  std::optional<std::chrono::milliseconds> continue_after = {};
  std::optional<std::size_t> request_rate = {};  // see config::MessageLimits
  std::string name = {};                         // its label in logs and metrics
  config::Via via = config::Via::automatic;
  bool requires_certificate = false;  // of the client
  IdentityFields identity = {};       // that tell the server of it

  // host: without port, in any case.
  bool fits(std::string_view normalised_path, std::string_view request_host,
            std::string_view method) const;
};

// Which of two routes that fit one request is the better one.
bool says_more(const Route& a, const Route& b);

// Passthrough: which clients' TLS goes on to a server as it is.
struct Passthrough {
  config::ClientMatch match;                      // empty: everyone
  std::vector<clients::ClientType> client_types;  // by Classifier::admit(); empty: any
  const upstream::Upstream* upstream = nullptr;
  std::shared_ptr<const UpstreamChain> chain;  // told what the server shows
};

struct Listener {
  std::string name;
  config::Mode mode = config::Mode::http;
  tls::ServerContextPtr tls;  // null: plain, or everything is passed through
  // The first that fits wins; what none takes ends here. Mode passthrough: one that fits everyone.
  std::vector<Passthrough> passthrough;
  config::ListenerTimeouts timeouts;
  http::HeadLimits limits;
  std::optional<std::size_t> answer_rate;  // see config::MessageLimits
  std::optional<std::size_t> max_connections;
  std::vector<config::Network> trusted_sources;
  bool proxy_protocol = false;
  bool forwarded = false;
  std::vector<Route> routes;  // says_more() first; mode tcp: exactly one; passthrough: none
  std::vector<config::Located<config::Endpoint>> endpoints;
  metrics::ListenerMetrics* metrics = nullptr;  // process-lived
  metrics::ServerNames server_names;            // that its certificates and rules speak of

  // The best route of a request; null: none fits. Allocates nothing.
  const Route* route_for(std::string_view normalised_path, std::string_view host,
                         std::string_view method) const;
  bool trusts(const config::Address& source) const;
  // The rule that takes this client; null: none.
  const Passthrough* passthrough_for(const clients::Caller& caller,
                                     const clients::Classifier& classifier) const;
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
  config::Limits limits;
  config::AccessLog access;                       // its file is open elsewhere
  std::vector<clients::ClientType> access_types;  // whose requests it has; empty: everyone's
  std::uint64_t generation = 0;

  // Whether requests go there, so that we speak TLS with it where it does; else clients' TLS goes
  // on to it as it is.
  bool takes_requests(const upstream::Upstream& upstream) const;
  const Listener* find_listener(std::string_view name) const;
  // The peers whose connections may wait in a pool.
  std::vector<const upstream::Peer*> pooled_peers() const;
};

using ServingStatePtr = std::shared_ptr<const ServingState>;

}  // namespace chainmend::serving
