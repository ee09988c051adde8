// HealthTrack: when one check of one server is due, and what its results come to. A pure state
// machine: the clock and the chance are its caller's.
#pragma once

#include <cstdint>

#include "config/upstream.h"
#include "proxy/net/deadline.h"

namespace chainmend::upstream {

class HealthTrack {
 public:
  using TimePoint = net::Clock::time_point;
  enum class Turn { none, up, down };

  // The first check is due at once. terms must outlive it.
  HealthTrack(const config::Health& terms, TimePoint now) : terms_(terms), due_(now) {}

  TimePoint due() const { return due_; }
  // A check begins: the next one is due an interval later, more or less by chance, so that the
  // checks of many servers, and of many proxies, do not come all at once.
  void begins(TimePoint now, std::uint64_t random);
  // What it came to. The very first result decides alone; from then on it takes `fall` bad or
  // `rise` good ones in a row.
  Turn ended(bool good);

  // Goes on from another one with the same terms.
  void take_over(const HealthTrack& before) {
    due_ = before.due_;
    known_ = before.known_;
    well_ = before.well_;
    in_row_ = before.in_row_;
  }

  // Taken for well until something is known.
  bool well() const { return well_; }
  bool known() const { return known_; }

 private:
  const config::Health& terms_;
  TimePoint due_;
  bool known_ = false;
  bool well_ = true;
  std::size_t in_row_ = 0;  // results that contradict well_
};

}  // namespace chainmend::upstream
