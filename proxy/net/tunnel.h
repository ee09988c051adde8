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
  // eof, truncated: the sender ended, and the receiver has been told that nothing more comes.
  IoError read_error = IoError::none;
  IoError write_error = IoError::none;
  bool ended() const {
    return (read_error == IoError::eof || read_error == IoError::truncated) &&
           write_error == IoError::none;
  }
};

struct TunnelResult {
  PumpResult up, down;  // a to b, b to a
  // False: bytes may be missing. The caller must abort both sides, so that neither takes what it
  // has for the whole.
  bool ended() const { return up.ended() && down.ended(); }
};

// Tap: a listener to one direction. It is shown each piece of bytes before the piece goes on, and
// at last how the direction ended. When it returns false it is not called again.
struct Tap {
  // Either bytes, or no bytes and the reason of the end.
  bool (*call)(void* argument, std::span<const std::uint8_t> bytes, IoError end) = nullptr;
  void* argument = nullptr;
};

// Each byte moved, either way, lets `idle` expire `patience` later. All references must outlive the
// coroutine. The tap `up` sees what a sends, `down` what b sends.
Task<TunnelResult> tunnel(Stream& a, Stream& b, BufferPool& buffers, Deadline& idle,
                          Clock::duration patience, Tap up = {}, Tap down = {});

}  // namespace chainmend::net
