// What the codec's tests share: heads and bodies run whole and in pieces.
#pragma once

#include <gtest/gtest.h>

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "proxy/http/body.h"
#include "proxy/http/codec1.h"
#include "proxy/http/head_scanner.h"

namespace chainmend::http {

inline void PrintTo(HeadFault fault, std::ostream* out) { *out << text_of(fault); }
inline void PrintTo(BodyFault fault, std::ostream* out) { *out << text_of(fault); }

// Scans `text` as it would arrive in pieces of `piece` bytes. Each piece makes the buffer move and
// end exactly behind the last byte, so that a stale address or a read too far is seen by
// AddressSanitizer.
inline Scan scan_in_pieces(HeadKind kind, std::string_view text, std::size_t piece,
                           HeadLimits limits = {}) {
  HeadScanner scanner(kind, limits);
  Scan scan;
  for (std::size_t size = 0; size < text.size() && scan.state == Scan::State::need_more;) {
    size = std::min(size + piece, text.size());
    const std::vector<char> buffer(text.begin(), text.begin() + static_cast<std::ptrdiff_t>(size));
    scan = scanner.scan({buffer.data(), buffer.size()});
  }
  return scan;
}

// A head, or why it was refused, or (neither) that it is not complete.
template <typename Head>
struct Outcome {
  bool complete = false;
  std::size_t bytes = 0;
  std::optional<HeadFault> fault;
  Head head;
};

inline Outcome<RequestHead> read_request(std::string_view text, std::size_t piece = 1 << 20,
                                         HeadLimits limits = {}) {
  Outcome<RequestHead> outcome;
  const Scan scan = scan_in_pieces(HeadKind::request, text, piece, limits);
  if (scan.state == Scan::State::bad) {
    outcome.fault = scan.fault;
  } else if (scan.state == Scan::State::complete) {
    outcome.complete = true;
    outcome.bytes = scan.bytes;
    const std::vector<char> buffer(text.begin(),
                                   text.begin() + static_cast<std::ptrdiff_t>(scan.bytes));
    const auto parsed = parse_request({buffer.data(), buffer.size()}, limits, outcome.head);
    if (!parsed) {
      outcome.fault = parsed.error();
    }
  }
  return outcome;
}

inline Outcome<ResponseHead> read_response(std::string_view text, const RequestHead& request,
                                           std::size_t piece = 1 << 20, HeadLimits limits = {}) {
  Outcome<ResponseHead> outcome;
  const Scan scan = scan_in_pieces(HeadKind::response, text, piece, limits);
  if (scan.state == Scan::State::bad) {
    outcome.fault = scan.fault;
  } else if (scan.state == Scan::State::complete) {
    outcome.complete = true;
    outcome.bytes = scan.bytes;
    const std::vector<char> buffer(text.begin(),
                                   text.begin() + static_cast<std::ptrdiff_t>(scan.bytes));
    const auto parsed =
        parse_response({buffer.data(), buffer.size()}, limits, request, outcome.head);
    if (!parsed) {
      outcome.fault = parsed.error();
    }
  }
  return outcome;
}

// A request that must be good.
inline RequestHead request(std::string_view text) {
  auto outcome = read_request(text);
  EXPECT_TRUE(outcome.complete) << text;
  EXPECT_FALSE(outcome.fault.has_value())
      << text << text_of(outcome.fault.value_or(HeadFault::bare_lf));
  return std::move(outcome.head);
}

// An answer that must be good, to the request given or to a GET.
inline ResponseHead response(std::string_view text,
                             std::string_view asked = "GET / HTTP/1.1\r\nHost: a\r\n\r\n") {
  auto outcome = read_response(text, request(asked));
  EXPECT_TRUE(outcome.complete) << text;
  EXPECT_FALSE(outcome.fault.has_value())
      << text << text_of(outcome.fault.value_or(HeadFault::bare_lf));
  return std::move(outcome.head);
}

struct Relayed {
  std::string out;
  std::size_t consumed = 0;
  bool done = false;
  std::optional<BodyFault> fault;
  bool operator==(const Relayed&) const = default;
};

// Runs `text` through a relay in pieces of `piece` bytes; `eof` closes the sender's side behind it.
inline Relayed relay(Framing in, Framing out, std::string_view text, std::size_t piece = 1 << 20,
                     bool eof = false, const BodyLimits& limits = {},
                     std::span<const std::string_view> connection_options = {}) {
  BodyRelay body;
  body.start(in, out, connection_options, limits);
  Relayed result;
  std::string scratch;
  const auto take = [&](const BodyStep& step) {
    result.out.append(step.out);
    result.consumed += step.consumed;
    result.done = step.done;
    result.fault = step.fault;
  };
  result.done = body.done();
  if (text.empty() && !result.done) {
    take(body.step({}, scratch));
  }
  while (result.consumed < text.size() && !result.done && !result.fault) {
    const std::string_view next = text.substr(result.consumed, piece);
    const std::vector<char> buffer(next.begin(), next.end());
    const std::size_t before = result.consumed;
    take(body.step({buffer.data(), buffer.size()}, scratch));
    if (!result.done && !result.fault) {
      EXPECT_EQ(result.consumed - before, next.size()) << "an unfinished body leaves bytes behind";
    }
  }
  if (eof && !result.done && !result.fault) {
    take(body.finish_eof(scratch));
  }
  return result;
}

}  // namespace chainmend::http
