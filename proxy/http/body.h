// BodyRelay: carries one body from one framing to another, strictly checked, as it arrives. Pure:
// bytes in, bytes out. Payload is never held back; of a chunked body only unfinished lines and the
// trailer section are kept, both bounded. What goes out is the same however the input was cut,
// apart from how chunks are divided when a length or a close is turned into chunks. No allocation
// per call once the scratch string has grown.
#pragma once

#include <cstddef>
#include <cstdint>
#include <limits>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "proxy/http/head.h"

namespace chainmend::http {

enum class BodyFault : std::uint8_t {
  bad_chunk_line,  // bad size or extension, control byte, bare CR or LF (RFC 9112 7.1)
  chunk_line_too_long,
  chunk_too_big,  // size over 2^63-1
  bad_chunk_end,  // no CRLF behind the chunk's data
  bad_trailer,    // malformed field line (RFC 9112 7.1.2)
  trailer_too_big,
  truncated,     // the connection ended before the body did (RFC 9112 8)
  body_too_big,  // BodyLimits::payload
};

// One sentence without a full stop.
std::string_view text_of(BodyFault fault) noexcept;

struct BodyLimits {
  std::size_t chunk_line = 1024;  // size, extensions and CRLF
  std::size_t trailer_bytes = std::size_t{16} * 1024;
  std::size_t trailer_fields = 64;
  std::uint64_t payload = std::numeric_limits<std::uint64_t>::max();  // body bytes without framing
};

struct BodyStep {
  // Bytes of `in` that are done with. What is behind them belongs to the next message.
  std::size_t consumed = 0;
  // To send. Lies in `in` or in `scratch`: valid until either changes.
  std::string_view out;
  // The body is complete and all of it is out.
  bool done = false;
  // Give up both connections: `out` holds only what came before the fault.
  std::optional<BodyFault> fault;
};

class BodyRelay {
 public:
  BodyRelay() = default;  // done() already, as after a body of kind none

  // Begins a body; memory of an earlier one is used again. `out` of kind none discards the payload.
  // length and until_close both write it without framing; the caller sees to it that it fits.
  // `connection_options` of the head that announced the body must stay alive: trailers named there
  // are dropped.
  void start(Framing in, Framing out, std::span<const std::string_view> connection_options = {},
             const BodyLimits& limits = {});

  // Takes received bytes. All of `in` is consumed unless the body ends in it or a fault does.
  // `scratch` is overwritten. Call it once with an empty `in` when a body without bytes is not
  // done() after start(): there may be a last chunk to write.
  BodyStep step(std::string_view in, std::string& scratch);
  // The sender closed its side: completes a body that ends there, else faults with `truncated`.
  BodyStep finish_eof(std::string& scratch);

  bool done() const noexcept { return state_ == State::done; }
  // Body bytes that went through, without framing.
  std::uint64_t payload() const noexcept { return payload_; }

 private:
  enum class State : std::uint8_t {
    bare,  // length or until_close
    chunk_line,
    chunk_data,
    chunk_cr,  // the CRLF behind a chunk's data
    chunk_lf,
    trailer,
    done,
    failed,
  };
  class Output;
  struct LineRules {
    std::size_t limit;  // bytes with CRLF
    BodyFault malformed;
    BodyFault too_long;
  };

  // What each state does: moves `position` on. True: the next state goes on; false: wait, or done.
  void bare(std::string_view in, std::size_t& position, Output& output);
  bool chunk_line(std::string_view in, std::size_t& position, Output& output);
  bool chunk_data(std::string_view in, std::size_t& position, Output& output);
  bool chunk_end(std::string_view in, std::size_t& position, Output& output);
  bool trailer(std::string_view in, std::size_t& position, Output& output);

  // The next line without its CRLF, or nothing: not complete yet (and kept in line_), or failed.
  std::optional<std::string_view> take_line(std::string_view in, std::size_t& position,
                                            const LineRules& rules);
  void end_bare(Output& output);
  void end_trailers(std::string_view in, std::size_t position, Output& output);
  BodyStep finish_step(std::size_t consumed, Output& output) const;
  void fail(BodyFault fault) noexcept;

  Framing in_;
  Framing out_;
  BodyLimits limits_;
  std::span<const std::string_view> connection_options_;
  State state_ = State::done;
  BodyFault fault_ = BodyFault::truncated;
  std::uint64_t remaining_ = 0;  // of the length, or of the chunk
  std::uint64_t payload_ = 0;
  std::string line_;      // a line that is not complete yet
  std::string trailers_;  // fields to pass on, each with its CRLF
  std::size_t trailer_bytes_ = 0;
  std::size_t trailer_fields_ = 0;
};

}  // namespace chainmend::http
