// What is counted of the servers behind. Thread-safe, a relaxed addition or store per verb.
#pragma once

#include <atomic>
#include <cstdint>
#include <span>

#include "proxy/enums/names.h"
#include "proxy/metrics/cells.h"

namespace chainmend::metrics {

template <typename Owner>
struct Family;

enum class UpstreamFailure : std::uint8_t { connect, tls, timeout, reset, protocol };
inline constexpr enums::Names<UpstreamFailure> kUpstreamFailureNames{"connect", "tls", "timeout",
                                                                     "reset", "protocol"};
constexpr const char* to_string(UpstreamFailure reason) { return kUpstreamFailureNames[reason]; }

enum class UpstreamState : std::uint8_t { idle, active, pinned };
inline constexpr enums::Names<UpstreamState> kUpstreamStateNames{"idle", "active", "pinned"};
constexpr const char* to_string(UpstreamState state) { return kUpstreamStateNames[state]; }

// One server of an upstream. Lives as long as Metrics.
class UpstreamServerMetrics {
 public:
  void failure(UpstreamFailure reason) { failures_[reason].add(); }
  // A connection is in this state for as long as the result lives; assign the next state's over it.
  Held connection(UpstreamState state) { return Held(connections_[state]); }

  std::uint64_t failures(UpstreamFailure reason) const { return failures_[reason].value(); }
  std::int64_t connections(UpstreamState state) const { return connections_[state].value(); }

 private:
  friend class Metrics;
  static std::span<const Family<UpstreamServerMetrics>> families();

  enums::Array<Counter, UpstreamFailure> failures_;
  enums::Array<Gauge, UpstreamState> connections_;
};

// What an upstream serves to the clients that are passed through to it; shown as long as somebody
// holds it and knows something.
class UpstreamChainMetrics {
 public:
  void complete(bool yes) { complete_.store(yes ? 1 : 0, std::memory_order_relaxed); }

 private:
  friend class Metrics;
  static std::span<const Family<UpstreamChainMetrics>> families();

  std::atomic<int> complete_{-1};  // -1: not known yet
};

}  // namespace chainmend::metrics
