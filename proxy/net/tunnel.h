// tunnel(): moves bytes between two streams, both ways, until both directions have ended or either
// fails. Bytes wait in at most one block a direction; when a reader is slow we stop reading
// (back-pressure), and while nothing comes no block is held.
#pragma once

#include <boost/asio/awaitable.hpp>
#include <cstdint>

#include "proxy/net/buffer_pool.h"
#include "proxy/net/deadline.h"
#include "proxy/net/stream.h"

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
// idle is pushed by `patience` at each byte moved either way. All references must outlive the
// coroutine. on_first runs once, when the first byte of a has come.
struct OnFirstByte {
  void (*call)(void* argument) = nullptr;
  void* argument = nullptr;
};
asio::awaitable<TunnelResult> tunnel(Stream& a, Stream& b, BufferPool& buffers, Deadline& idle,
                                     Clock::duration patience, OnFirstByte on_first = {});

}  // namespace chainmend::net
