#include "proxy/upstream/health.h"

#include <utility>

namespace chainmend::upstream {

void HealthTrack::begins(TimePoint now, std::uint64_t random) {
  const auto interval = std::chrono::duration_cast<net::Clock::duration>(terms_.interval);
  const auto most = interval * static_cast<int>(terms_.jitter) / 100;
  // From -most to +most.
  const auto shift = net::Clock::duration(
      static_cast<net::Clock::rep>(random % static_cast<std::uint64_t>(2 * most.count() + 1)));
  due_ = now + interval - most + shift;
}

HealthTrack::Turn HealthTrack::ended(bool good) {
  const bool first = !std::exchange(known_, true);
  if (good == well_) {
    in_row_ = 0;
    return Turn::none;
  }
  ++in_row_;
  if (!first && in_row_ < (good ? terms_.rise : terms_.fall)) {
    return Turn::none;
  }
  in_row_ = 0;
  well_ = good;
  return good ? Turn::up : Turn::down;
}

}  // namespace chainmend::upstream
