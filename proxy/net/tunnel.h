// tunnel(): moves bytes between two streams, both ways, until both directions have ended or either
// fails. Bytes wait in at most one block a direction; when a reader is slow we stop reading
// (back-pressure), and while nothing comes no block is held.
#pragma once

#include <cstdint>
#include <span>

#include "proxy/net/buffer_pool.h"
#include "proxy/net/deadline.h"
#include "proxy/net/stream.h"
#include "proxy/net/task.h"

namespace chainmend::net {

struct PumpResult {
  std::uint64_t bytes = 0;
  IoError read_error = IoError::none;  // eof, truncated: from ended, and to was told so
  IoError write_error = IoError::none;
  bool ended() const {
    return (read_error == IoError::eof || read_error == IoError::truncated) &&
           write_error == IoError::none;
  }
};

struct TunnelResult {
  PumpResult up, down;  // a to b, b to a
  // False: bytes may be missing; both sides are to be aborted, so that nobody takes a cut for an
  // end.
  bool ended() const { return up.ended() && down.ended(); }
};

// Tap: is shown what comes of one direction, each piece before it goes on, and then how it ended,
// until it says that it has seen enough. Without a call, or from then on, it costs a comparison.
struct Tap {
  // bytes, or none and the end. False: enough.
  bool (*call)(void* argument, std::span<const std::uint8_t> bytes, IoError end) = nullptr;
  void* argument = nullptr;
};

// idle is pushed by `patience` at each byte moved either way. All references must outlive the
// coroutine. up and down see what comes from a and from b.
Task<TunnelResult> tunnel(Stream& a, Stream& b, BufferPool& buffers, Deadline& idle,
                          Clock::duration patience, Tap up = {}, Tap down = {});

}  // namespace chainmend::net
