// Overview: what there is to say of the running process at one instant. Collected in one place
// (Server::overview); the JSON pages and the status page are all written from it.
#pragma once

#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "config/config.h"
#include "proxy/logs/last_failures.h"
#include "proxy/metrics/metrics.h"
#include "proxy/server/client_history.h"
#include "proxy/serving/builder.h"
#include "proxy/serving/issuers.h"
#include "proxy/serving/report.h"
#include "proxy/upstream/upstream.h"

namespace chainmend::server {

// A server behind, and how it stands.
struct ServerStanding {
  std::string name;
  metrics::ServerState state = metrics::ServerState::up;
  upstream::Wanted wanted = upstream::Wanted::enabled;
  std::uint32_t in_use = 0;
  std::uint32_t max_connections = 0;  // 0: no limit
  std::uint32_t weight = 1;
  std::uint32_t priority = 0;
  std::chrono::seconds ejected_for{0};
  std::vector<std::string> addresses;
  std::vector<upstream::CheckState> checks;
  std::optional<std::chrono::sys_seconds> last_success;
  std::optional<upstream::Server::Failure> last_failure;
  enums::Array<std::uint64_t, metrics::UpstreamFailure> failures;
  enums::Array<std::int64_t, metrics::UpstreamState> connections;
  // From the end of a request's head to the first byte of its answer: half of them, and 95 of a
  // hundred, took no longer. Nothing: no answer yet, or it was slower than any bound.
  std::optional<std::chrono::nanoseconds> median, slow;
};

struct UpstreamStanding {
  std::string name;
  std::vector<ServerStanding> servers;
};

ServerStanding standing_of(const upstream::Peer& peer);
UpstreamStanding standing_of(const upstream::Upstream& upstream);

struct ClientStanding {
  metrics::ClientCounts counts;
  std::vector<Minute> minutes;  // ClientHistory
};

struct AiaStanding {
  bool fetches = false;
  std::size_t cached = 0;  // intermediates of ours
  enums::Array<std::uint64_t, metrics::AiaOutcome> outcomes;
  std::vector<std::string> problems;  // of the cache
};

// aia: null when it is off.
AiaStanding aia_standing(serving::AiaService* aia, const metrics::ProcessMetrics& counts);

struct Overview {
  metrics::BuildInfo versions;
  std::chrono::system_clock::time_point now, started;
  std::chrono::system_clock::time_point loaded;  // the configuration in force
  std::string config_file;
  std::string last_reload_error;           // empty: the last one succeeded
  std::string last_refresh_error;          // likewise
  std::vector<std::string> needs_restart;  // keys whose new values only a restart takes
  std::size_t open_connections = 0;
  bool draining = false;
  bool may_change = false;                                // by the page: a token is configured
  std::map<std::string, std::vector<std::string>> bound;  // where each listener really listens
  std::shared_ptr<const serving::Report> report;          // never null
  std::vector<UpstreamStanding> upstreams;
  std::vector<ClientStanding> clients;
  std::vector<logs::LastFailure> failures;  // the newest first
  AiaStanding aia;
};

}  // namespace chainmend::server
