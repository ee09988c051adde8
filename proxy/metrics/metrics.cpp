#include "proxy/metrics/metrics.h"

#include <algorithm>

#include "proxy/metrics/exposition.h"
#include "proxy/metrics/state.h"

namespace chainmend::metrics {
namespace {

std::int64_t unix_milliseconds(std::chrono::system_clock::time_point at) {
  return std::chrono::floor<std::chrono::milliseconds>(at).time_since_epoch().count();
}

// Where a name stands among those known so far; a new one is added while there are fewer than
// `most`, and is the first of them, `other`, after that.
std::uint8_t number_of(std::string_view name, std::vector<std::string>& known, std::size_t most) {
  const auto found = std::ranges::find(known, name);
  if (found != known.end()) {
    return static_cast<std::uint8_t>(found - known.begin());
  }
  if (known.size() >= most) {
    return 0;
  }
  known.emplace_back(name);
  return static_cast<std::uint8_t>(known.size() - 1);
}

}  // namespace

Metrics::Metrics(BuildInfo build) : state_(std::make_unique<State>()) {
  state_->build = std::move(build);
}
Metrics::~Metrics() = default;

ListenerMetrics& Metrics::listener(std::string_view name) {
  const std::lock_guard lock(state_->mutex);
  auto& handle = state_->listeners[std::string(name)];
  if (!handle) {
    handle = std::make_unique<ListenerMetrics>(std::string(name));
  }
  return *handle;
}

RouteMetrics& Metrics::route(std::string_view listener, std::string_view route) {
  const std::lock_guard lock(state_->mutex);
  auto& handle = state_->routes[{std::string(listener), std::string(route)}];
  if (!handle) {
    handle = std::make_unique<RouteMetrics>(std::string(listener), std::string(route));
  }
  return *handle;
}

UpstreamServerMetrics& Metrics::upstream_server(std::string_view upstream,
                                                std::string_view server) {
  const std::lock_guard lock(state_->mutex);
  auto& handle = state_->upstream_servers[{std::string(upstream), std::string(server)}];
  if (!handle) {
    handle = std::make_unique<UpstreamServerMetrics>(std::string(upstream), std::string(server));
  }
  return *handle;
}

std::shared_ptr<UpstreamChainMetrics> Metrics::upstream_chain(std::string_view upstream) {
  const std::lock_guard lock(state_->mutex);
  auto fresh = std::make_shared<UpstreamChainMetrics>();
  std::weak_ptr<UpstreamChainMetrics>& shown = state_->upstream_chains[std::string(upstream)];
  if (const auto before = shown.lock()) {
    fresh->complete_.store(before->complete_.load());
  }
  shown = fresh;
  return fresh;
}

PolicyLabel Metrics::policy(std::string_view name) {
  const std::lock_guard lock(state_->mutex);
  return {number_of(name, state_->policies, kMaxPolicies + 1)};
}

ServerNameLabel Metrics::server_name(ListenerMetrics& listener, std::string_view name) {
  const std::lock_guard lock(state_->mutex);
  return {number_of(name, listener.names_, kMaxServerNames + 2)};
}

void Metrics::certificates(std::vector<CertificateState> states) {
  const std::lock_guard lock(state_->mutex);
  state_->certificates = std::move(states);
}

void Metrics::aia_fetch(AiaOutcome outcome) {
  state_->aia_fetches[static_cast<std::size_t>(outcome)].add();
}

void Metrics::config_loaded(std::chrono::system_clock::time_point at) {
  state_->last_good_load.store(unix_milliseconds(at), std::memory_order_relaxed);
  state_->last_load_good.store(true, std::memory_order_relaxed);
}

void Metrics::reload_succeeded(std::chrono::system_clock::time_point at) {
  state_->reloads[1].add();
  config_loaded(at);
}

void Metrics::reload_failed() {
  state_->reloads[0].add();
  state_->last_load_good.store(false, std::memory_order_relaxed);
}

void Metrics::log_dropped(LogName log, std::uint64_t total) {
  state_->log_dropped[static_cast<std::size_t>(log)].store(total, std::memory_order_relaxed);
}

std::vector<ClientCounts> Metrics::clients() const {
  const std::lock_guard lock(state_->mutex);
  std::vector<ClientCounts> out;
  for (const auto& [name, listener] : state_->listeners) {
    for (std::size_t i = 0; i < ClientType::count(); ++i) {
      const auto& cells = listener->clients_[i];
      ClientCounts counts{name, ClientType::at(i), {}, std::nullopt};
      std::uint64_t sum = 0;
      for (std::size_t outcome = 0; outcome < counts.outcomes.size(); ++outcome) {
        sum += counts.outcomes[outcome] = cells.outcomes[outcome].value();
      }
      if (const auto last = cells.last_success.load(std::memory_order_relaxed); last != 0) {
        counts.last_success = std::chrono::sys_seconds(std::chrono::seconds(last));
      }
      if (sum > 0) {
        out.push_back(std::move(counts));
      }
    }
  }
  return out;
}

std::string Metrics::scrape() const { return Exposition(*state_).text(); }

}  // namespace chainmend::metrics
