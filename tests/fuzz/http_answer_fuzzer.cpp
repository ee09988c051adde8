// An answer to a download, whole and in two pieces: both readings must agree, stay within the
// limit, and a redirect must lead to an http URL or nowhere.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <optional>
#include <string>

#include "proxy/net/http_answer.h"
#include "proxy/net/url.h"

namespace {

using chainmend::certs::Bytes;
using chainmend::certs::ByteView;
using chainmend::net::HttpAnswer;
using chainmend::net::HttpUrl;

constexpr std::size_t kLimit = 1024;

struct Reading {
  std::optional<Bytes> body;
  std::string location;
  bool operator==(const Reading&) const = default;
};

Reading read(ByteView bytes, std::size_t cut) {
  HttpAnswer answer(kLimit);
  Reading reading;
  bool broken = false;
  for (const ByteView piece : {bytes.first(cut), bytes.subspan(cut)}) {
    if (!broken && !answer.done() && !piece.empty()) {
      broken = !answer.put(piece);
    }
  }
  if (answer.head_done()) {
    reading.location = answer.location();
  }
  if (!broken && (answer.done() || answer.end()) && answer.done()) {
    reading.body = answer.take_body();
  }
  return reading;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const Reading whole = read({data, size}, size);
  if (whole.body != read({data, size}, size / 2).body ||
      (whole.body && whole.body->size() > kLimit)) {
    std::abort();
  }
  const HttpUrl base{"ca.example", 8080, "/a/b?c"};
  const auto next = chainmend::net::resolve_location(base, whole.location);
  if (next) {
    const auto again = chainmend::net::parse_http_url(next->text());
    if (!again || again->text() != next->text()) {
      std::abort();
    }
  }
  return 0;
}
