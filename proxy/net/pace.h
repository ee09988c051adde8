// Pace: whether a peer moves the bytes of a body as fast as it has to. Only the time counts in
// which nothing but this peer is waited for, and what its kernel has taken or sent, so that
// buffers of ours hide nothing. Costs a clock reading and two stores for each wait; the kernel is
// asked once in kWindow of waiting. Lives on the thread of its stream.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>

#include "proxy/net/deadline.h"
#include "proxy/net/stream.h"

namespace chainmend::net {

class Pace {
 public:
  enum class Peer { sends, takes };
  static constexpr std::chrono::seconds kWindow{20};

  // cancel() of stream ends the wait when the peer moves fewer bytes per second, over kWindow of
  // waiting, than it has to. stream must outlive this.
  Pace(DeadlineSet& deadlines, Stream& stream, Peer peer, std::size_t bytes_per_second);
  Pace(const Pace&) = delete;
  Pace& operator=(const Pace&) = delete;

  void wait_begins();
  void wait_ends();
  bool too_slow() const { return too_slow_; }

 private:
  static void on_window(void* self);
  // That the peer has acknowledged, or that came from it, since the connection began.
  std::uint64_t bytes_moved() const;

  Stream& stream_;
  Peer peer_;
  std::size_t least_;  // bytes in a window
  Clock::duration waited_{};
  Clock::time_point began_;
  std::optional<std::uint64_t> before_;  // bytes moved at the end of the last window
  bool too_slow_ = false;
  Deadline window_;
};

// PacedWait: one wait, from here to the end of the scope. Null: nobody has to keep a pace.
class PacedWait {
 public:
  explicit PacedWait(Pace* pace) : pace_(pace) {
    if (pace_ != nullptr) {
      pace_->wait_begins();
    }
  }
  ~PacedWait() {
    if (pace_ != nullptr) {
      pace_->wait_ends();
    }
  }
  PacedWait(const PacedWait&) = delete;
  PacedWait& operator=(const PacedWait&) = delete;

 private:
  Pace* pace_;
};

}  // namespace chainmend::net
