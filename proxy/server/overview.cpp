#include "proxy/server/overview.h"

#include "proxy/upstream/choice.h"

namespace chainmend::server {

namespace {

// The bound that this share of the events did not exceed.
std::optional<std::chrono::nanoseconds> bound_of(const metrics::Histogram& times, double share) {
  std::uint64_t all = 0;
  for (std::size_t i = 0; i <= times.bounds().size(); ++i) {
    all += times.bucket(i);
  }
  std::uint64_t sum = 0;
  for (std::size_t i = 0; i < times.bounds().size() && all > 0; ++i) {
    sum += times.bucket(i);
    if (static_cast<double>(sum) >= share * static_cast<double>(all)) {
      return times.bounds()[i];
    }
  }
  return std::nullopt;
}

}  // namespace

ServerStanding standing_of(const upstream::Peer& peer) {
  const upstream::Server& server = *peer.server;
  const auto now = upstream::Server::Clock::now();
  ServerStanding out;
  out.name = server.name();
  out.state = upstream::state_of(server, now);
  out.wanted = server.wanted();
  out.in_use = server.in_use();
  out.max_connections = peer.max_connections;
  out.weight = peer.weight;
  out.priority = peer.priority;
  if (server.ejected(now)) {
    out.ejected_for =
        std::chrono::ceil<std::chrono::seconds>(server.ejected_until() - now.time_since_epoch());
  }
  for (const auto& address : peer.server->addresses().all()) {
    out.addresses.push_back(address.to_string());
  }
  out.checks = server.checks();
  out.last_success = server.last_success();
  out.last_failure = server.last_failure();
  for (std::size_t i = 0; i < enums::count<metrics::UpstreamFailure>(); ++i) {
    const auto reason = static_cast<metrics::UpstreamFailure>(i);
    out.failures[reason] = server.counts().failures(reason);
  }
  for (std::size_t i = 0; i < enums::count<metrics::UpstreamState>(); ++i) {
    const auto state = static_cast<metrics::UpstreamState>(i);
    out.connections[state] = server.counts().connections(state);
  }
  out.median = bound_of(server.counts().times_to_first_byte(), 0.5);
  out.slow = bound_of(server.counts().times_to_first_byte(), 0.95);
  return out;
}

UpstreamStanding standing_of(const upstream::Upstream& upstream) {
  UpstreamStanding out{upstream.name, {}};
  for (const upstream::Peer& peer : upstream.peers) {
    out.servers.push_back(standing_of(peer));
  }
  return out;
}

AiaStanding aia_standing(serving::AiaService* aia, const metrics::ProcessMetrics& counts) {
  AiaStanding out;
  if (aia != nullptr) {
    out.fetches = aia->fetches();
    out.cached = aia->cache().size();
    for (const certs::Error& problem : aia->cache().problems()) {
      out.problems.push_back(problem.describe());
    }
  }
  for (std::size_t i = 0; i < out.outcomes.size(); ++i) {
    const auto outcome = static_cast<metrics::AiaOutcome>(i);
    out.outcomes[outcome] = counts.aia_fetches(outcome);
  }
  return out;
}

}  // namespace chainmend::server
