// Chunked bodies: what comes out does not depend on how the input was cut, is itself a chunked body
// with the same payload, and Beast reads the same payload from it.
#include <boost/asio/buffer.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/string_body.hpp>
#include <optional>
#include <string>
#include <vector>

#include "proxy/http/body.h"
#include "tests/fuzz/http_fuzzing.h"

namespace http = chainmend::http;
using chainmend::fuzz::Cuts;
using chainmend::fuzz::require;

namespace {

struct Result {
  std::string out;
  std::size_t consumed = 0;
  bool done = false;
  std::optional<http::BodyFault> fault;
  bool operator==(const Result&) const = default;
};

// Small limits, so that short inputs reach them.
constexpr http::BodyLimits kLimits{.chunk_line = 64, .trailer_bytes = 128};

Result relay(std::string_view in, http::Framing out, Cuts* cuts,
             const http::BodyLimits& limits = kLimits) {
  http::BodyRelay body;
  body.start(http::Framing::chunked(), out, {}, limits);
  Result result;
  std::string scratch;
  while (result.consumed < in.size() && !result.done && !result.fault) {
    const std::string_view next = in.substr(result.consumed, cuts ? cuts->next() : in.size());
    const std::vector<char> copy(next.begin(), next.end());
    const http::BodyStep step = body.step({copy.data(), copy.size()}, scratch);
    result.out.append(step.out);
    result.consumed += step.consumed;
    result.done = step.done;
    result.fault = step.fault;
    require(step.consumed == next.size() || step.done || step.fault, "nothing is left behind");
  }
  return result;
}

std::optional<std::string> beast_payload(std::string_view body) {
  namespace beast = boost::beast::http;
  std::string message = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n";
  message.append(body);
  beast::response_parser<beast::string_body> parser;
  parser.eager(true);
  boost::system::error_code error;
  parser.put(boost::asio::buffer(message), error);
  if (error || !parser.is_done()) {
    return std::nullopt;
  }
  return parser.get().body();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) {
    return 0;
  }
  const std::string_view in = chainmend::fuzz::text(data + 1, size - 1);
  const http::Framing chunked = http::Framing::chunked();
  const http::Framing bare = http::Framing::until_close();
  Cuts cuts(data[0]);
  const Result reframed = relay(in, chunked, nullptr);
  require(relay(in, chunked, &cuts) == reframed, "chunks out do not depend on the cuts");
  const Result payload = relay(in, bare, nullptr);
  require(relay(in, bare, &cuts) == payload, "the payload does not depend on the cuts");
  require(payload.done == reframed.done && payload.fault == reframed.fault &&
              payload.consumed == reframed.consumed,
          "the verdict does not depend on the framing out");
  if (!reframed.done) {
    return 0;
  }
  const http::BodyLimits usual;  // "a:b" goes out as "a: b"
  const Result again = relay(reframed.out, chunked, nullptr, usual);
  require(again.done && again.out == reframed.out, "what comes out is canonical");
  require(relay(reframed.out, bare, nullptr, usual).out == payload.out, "and has the same payload");
  const auto theirs = beast_payload(reframed.out);
  require(theirs == payload.out, "Beast reads the same payload from it");
  return 0;
}
