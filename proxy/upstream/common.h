// Common: what all workers and all snapshots share of one upstream, beside its servers: whose turn
// it is, who waits, who is where. It survives reloads and goes with the last snapshot that names
// the upstream. Thread-safe.
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>

#include "proxy/metrics/upstream.h"
#include "proxy/net/deadline.h"
#include "proxy/upstream/source_table.h"
#include "proxy/upstream/waiting_line.h"

namespace chainmend::upstream {

class Common {
 public:
  // metrics must outlive it.
  explicit Common(metrics::UpstreamMetrics& counted) : metrics(counted) {}

  // The tag of the server that had the last turn; see by_turn().
  std::uint64_t turn() const { return turn_.load(std::memory_order_relaxed); }
  void set_turn(std::uint64_t tag) { turn_.store(tag, std::memory_order_relaxed); }

  // True at most once a second: a log line about every request of a storm helps nobody.
  bool may_complain(net::Clock::time_point now);

  // The table of this size: the one that there is, or a new one. Used by whoever builds snapshots,
  // on one thread at a time.
  std::shared_ptr<SourceTable> sources(std::size_t entries);

  metrics::UpstreamMetrics& metrics;
  WaitingLine line;

 private:
  std::shared_ptr<SourceTable> sources_;
  std::size_t entries_ = 0;
  std::atomic<std::uint64_t> turn_{0};
  std::atomic<net::Clock::rep> complained_{0};
};

}  // namespace chainmend::upstream
