// Deadlines without timers: a Deadline is a point in time and what to do when it has passed; a
// DeadlineSet, one per thread, looks at all of its deadlines a few times a second. Setting one is a
// store, so a connection may push its idle deadline on every byte; an armed timer per connection
// would cost a heap operation each time and memory for as long as the connection idles.
//
// Owned by and used on one thread. A Deadline must not outlive its set.
#pragma once

#include <chrono>
#include <utility>

#include "proxy/net/task.h"

namespace chainmend::net {

using Clock = std::chrono::steady_clock;

class DeadlineSet;

class Deadline {
 public:
  // on_expiry(argument) runs on the set's thread, once for each time the deadline passes. It must
  // not destroy a Deadline of the same set: cancel something, and let the coroutine that waits for
  // it clean up.
  using OnExpiry = void (*)(void* argument);

  Deadline(DeadlineSet& set, OnExpiry on_expiry, void* argument);
  ~Deadline();
  Deadline(const Deadline&) = delete;
  Deadline& operator=(const Deadline&) = delete;

  // Passes after at least d, at most one tick later. Replaces what was set; forgets an earlier
  // expiry.
  void expires_after(Clock::duration d) { expires_at(Clock::now() + d); }
  void expires_at(Clock::time_point at) {
    at_ = at;
    expired_ = false;
  }
  void clear() { expires_at(Clock::time_point::max()); }
  bool expired() const { return expired_; }

 private:
  friend class DeadlineSet;
  DeadlineSet& set_;
  Deadline* previous_ = nullptr;
  Deadline* next_ = nullptr;
  Clock::time_point at_ = Clock::time_point::max();
  bool expired_ = false;
  OnExpiry on_expiry_;
  void* argument_;
};

class DeadlineSet {
 public:
  static constexpr std::chrono::milliseconds kTick{100};

  DeadlineSet() = default;
  ~DeadlineSet();
  DeadlineSet(const DeadlineSet&) = delete;
  DeadlineSet& operator=(const DeadlineSet&) = delete;

  // Lets `timer` drive the sweeps. It must be gone before its io_context, and this set must outlive
  // both: the coroutines that an io_context destroys hold Deadlines.
  void drive_with(Timer& timer) { timer_ = &timer; }

  // Calls on_expiry of every deadline that lies before `now`. The timer passes the time of the
  // clock; a test may pass a later one instead of waiting.
  void sweep(Clock::time_point now);

 private:
  friend class Deadline;
  void add(Deadline& d);
  void remove(Deadline& d);
  void arm();

  Timer* timer_ = nullptr;
  Deadline* first_ = nullptr;
  bool armed_ = false;  // the timer runs only while there is something to watch
};

}  // namespace chainmend::net
