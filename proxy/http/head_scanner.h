// HeadScanner: finds the end of a head in bytes that arrive piece by piece, and refuses at once
// what no head may hold: bare CR or LF, control bytes, too many bytes. It looks at each byte once,
// however the bytes were cut, and its answer does not depend on the cuts.
#pragma once

#include <cstddef>
#include <string_view>

#include "proxy/http/fault.h"
#include "proxy/http/head.h"

namespace chainmend::http {

enum class HeadKind : std::uint8_t { request, response };

struct Scan {
  enum class State : std::uint8_t { need_more, complete, bad };
  State state = State::need_more;
  std::size_t bytes = 0;                 // complete: length of the head with its closing empty line
  HeadFault fault = HeadFault::bare_lf;  // bad: why
};

class HeadScanner {
 public:
  explicit HeadScanner(HeadKind kind, HeadLimits limits = {}) : kind_(kind), limits_(limits) {}

  // Takes everything received of this head so far, from its first byte: what an earlier call saw
  // must still be there, and may lie at another address. After `complete` or `bad`, reset() before
  // the next head.
  Scan scan(std::string_view received) noexcept;
  // Ready for the next head.
  void reset() noexcept;
  void reset(HeadLimits limits) noexcept {
    limits_ = limits;
    reset();
  }
  // True when nothing but empty lines has come: a connection that closes now was idle between
  // requests; else its last head was cut short.
  bool untouched() const noexcept { return lines_ == 0 && position_ == line_start_; }

 private:
  Scan end_line() noexcept;

  HeadKind kind_;
  HeadLimits limits_;
  std::size_t position_ = 0;  // first byte not yet looked at
  std::size_t line_start_ = 0;
  std::size_t lines_ = 0;        // non-empty lines ended so far
  std::size_t empty_lines_ = 0;  // before the request line
};

}  // namespace chainmend::http
