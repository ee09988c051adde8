// ClientHistory: how the handshakes of each type went in each of the last minutes, from counters
// that only grow: note() is told of them once a minute. Main thread; bounded by listeners and
// types, both of which the configuration limits.
#pragma once

#include <cstdint>
#include <deque>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "proxy/metrics/metrics.h"

namespace chainmend::server {

struct Minute {
  std::uint64_t good = 0;
  std::uint64_t failed = 0;
};

class ClientHistory {
 public:
  static constexpr std::size_t kMinutes = 60;

  // A minute is over.
  void note(const std::vector<metrics::ClientCounts>& now);
  // The last kMinutes, oldest first; the last one is the minute under way. What was before the
  // start, or before the first handshake, is 0.
  std::vector<Minute> minutes(const metrics::ClientCounts& now) const;

 private:
  using Key = std::pair<std::string, std::size_t>;  // listener, index of the type
  // Sums since the start at the ends of the last minutes, oldest first.
  std::map<Key, std::deque<Minute>> sums_;
};

// (full + resumed) and failed.
Minute sum_of(const metrics::ClientCounts& counts);

}  // namespace chainmend::server
