// What Metrics holds. For metrics.cpp, which writes it, and exposition.cpp, which reads it.
#pragma once

#include <array>
#include <atomic>
#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <utility>
#include <vector>

#include "proxy/metrics/metrics.h"

namespace chainmend::metrics {

struct Metrics::State {
  template <typename Key, typename Handle>
  using Handles = std::map<Key, std::unique_ptr<Handle>>;
  using NamePair = std::pair<std::string, std::string>;

  BuildInfo build;

  mutable std::mutex mutex;  // guards the maps and lists, not the cells of the handles in them
  Handles<std::string, ListenerMetrics> listeners;
  Handles<NamePair, RouteMetrics> routes;
  Handles<NamePair, UpstreamServerMetrics> upstream_servers;
  std::map<std::string, std::weak_ptr<UpstreamChainMetrics>> upstream_chains;
  std::vector<std::string> policies{"other"};  // by PolicyLabel::index
  std::vector<CertificateState> certificates;

  std::array<Counter, 6> aia_fetches;
  std::array<Counter, 2> reloads;  // failure, success
  std::atomic<bool> last_load_good{false};
  std::atomic<std::int64_t> last_good_load{0};  // Unix time in milliseconds; 0: none yet
  std::array<std::atomic<std::uint64_t>, 2> log_dropped{};
};

}  // namespace chainmend::metrics
