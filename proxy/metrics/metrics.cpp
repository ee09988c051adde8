#include "proxy/metrics/metrics.h"

namespace chainmend::metrics {

namespace {

std::optional<std::chrono::sys_seconds> time_of(const std::atomic<std::int64_t>& unix_seconds) {
  const std::int64_t at = unix_seconds.load(std::memory_order_relaxed);
  return at == 0 ? std::nullopt : std::optional(std::chrono::sys_seconds(std::chrono::seconds(at)));
}

}  // namespace

ListenerMetrics& Metrics::listener(std::string_view name) {
  const std::lock_guard lock(mutex_);
  auto& handle = listeners_[std::string(name)];
  if (!handle) {
    handle = std::make_unique<ListenerMetrics>(policies_);
  }
  return *handle;
}

RouteMetrics& Metrics::route(std::string_view listener, std::string_view route) {
  const std::lock_guard lock(mutex_);
  auto& handle = routes_[{std::string(listener), std::string(route)}];
  if (!handle) {
    handle = std::make_unique<RouteMetrics>();
  }
  return *handle;
}

UpstreamServerMetrics& Metrics::upstream_server(std::string_view upstream,
                                                std::string_view server) {
  const std::lock_guard lock(mutex_);
  auto& handle = upstream_servers_[{std::string(upstream), std::string(server)}];
  if (!handle) {
    handle = std::make_unique<UpstreamServerMetrics>();
  }
  return *handle;
}

UpstreamMetrics& Metrics::upstream(std::string_view upstream) {
  const std::lock_guard lock(mutex_);
  auto& handle = upstreams_[std::string(upstream)];
  if (!handle) {
    handle = std::make_unique<UpstreamMetrics>();
  }
  return *handle;
}

void Metrics::certificate_matches(std::vector<CertificateMatch> matches) {
  const std::lock_guard lock(mutex_);
  matches_ = std::move(matches);
}

std::shared_ptr<UpstreamChainMetrics> Metrics::upstream_chain(std::string_view upstream) {
  const std::lock_guard lock(mutex_);
  auto fresh = std::make_shared<UpstreamChainMetrics>();
  std::weak_ptr<UpstreamChainMetrics>& shown = upstream_chains_[std::string(upstream)];
  if (const auto before = shown.lock()) {
    fresh->complete_.store(before->complete_.load());
  }
  shown = fresh;
  return fresh;
}

PolicyLabel Metrics::policy(std::string_view name) {
  const std::lock_guard lock(mutex_);
  return {policies_.number(name)};
}

ServerNameLabel Metrics::server_name(ListenerMetrics& listener, std::string_view name) {
  const std::lock_guard lock(mutex_);
  return {listener.names_.number(name)};
}

void Metrics::certificates(std::vector<CertificateState> states) {
  const std::lock_guard lock(mutex_);
  certificates_ = std::move(states);
}

std::vector<ClientCounts> Metrics::clients() const {
  const std::lock_guard lock(mutex_);
  std::vector<ClientCounts> out;
  for (const auto& [name, listener] : listeners_) {
    for (std::size_t i = 0; i < ClientType::count(); ++i) {
      const auto& cells = listener->clients_[i];
      ClientCounts counts{.listener = name, .type = ClientType::at(i)};
      std::uint64_t sum = 0;
      for (std::size_t outcome = 0; outcome < counts.outcomes.size(); ++outcome) {
        counts.outcomes[outcome] = cells.outcomes[static_cast<tls::Outcome>(outcome)].value();
        sum += counts.outcomes[outcome];
      }
      for (std::size_t reason = 0; reason < counts.reasons.size(); ++reason) {
        counts.reasons[reason] = cells.reasons[static_cast<tls::Reason>(reason)].value();
      }
      counts.last_success = time_of(cells.last_success);
      for (std::size_t version = 0; version < kVersions.size(); ++version) {
        counts.versions[version] = {cells.negotiated[version].value(),
                                    time_of(cells.last_negotiated[version])};
      }
      if (sum > 0) {
        out.push_back(std::move(counts));
      }
    }
  }
  return out;
}

}  // namespace chainmend::metrics
