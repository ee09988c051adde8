// Scanning and comparing heads, for the request and the response target.
#pragma once

#include <algorithm>
#include <boost/asio/buffer.hpp>
#include <boost/beast/http/empty_body.hpp>
#include <boost/beast/http/parser.hpp>
#include <limits>
#include <vector>

#include "proxy/http/codec1.h"
#include "proxy/http/head_scanner.h"
#include "tests/fuzz/http_fuzzing.h"

namespace chainmend::fuzz {

// Scans the message whole and in pieces that move in memory; both must say the same.
inline http::Scan scan(http::HeadKind kind, std::string_view message, std::uint8_t seed) {
  http::HeadScanner whole_scanner(kind);
  const http::Scan whole = whole_scanner.scan(message);
  http::HeadScanner scanner(kind);
  http::Scan scan;
  Cuts cuts(seed);
  for (std::size_t size = 0; size < message.size() && scan.state == http::Scan::State::need_more;) {
    size = std::min(message.size(), size + cuts.next());
    const std::vector<char> copy(message.begin(),
                                 message.begin() + static_cast<std::ptrdiff_t>(size));
    scan = scanner.scan({copy.data(), copy.size()});
  }
  require(scan.state == whole.state && scan.bytes == whole.bytes && scan.fault == whole.fault,
          "the scan does not depend on the cuts");
  return whole;
}

// Beast as a second opinion on a head that we accepted. It knows fewer ways to say no, so what it
// refuses tells nothing; where both accept they must mean the same.
template <bool kRequest>
void compare_with_beast(std::string_view bytes, const http::MessageHead& head, bool no_body) {
  namespace beast = boost::beast::http;
  beast::parser<kRequest, beast::empty_body> parser;
  parser.header_limit(std::numeric_limits<std::uint32_t>::max());
  parser.body_limit(boost::none);
  if constexpr (!kRequest) {
    parser.skip(no_body);
  }
  boost::system::error_code error;
  const std::size_t consumed = parser.put(boost::asio::buffer(bytes.data(), bytes.size()), error);
  if (error || !parser.is_header_done()) {
    return;
  }
  require(consumed == bytes.size(), "Beast sees the head end at the same place");
  const auto& fields = parser.get();
  require(
      static_cast<std::size_t>(std::distance(fields.begin(), fields.end())) == head.fields.size(),
      "Beast sees the same number of fields");
  if (!no_body) {
    const bool chunked = head.framing.kind == http::Framing::Kind::chunked;
    require(parser.chunked() == chunked, "Beast agrees about chunked");
    const bool by_length = parser.content_length().has_value();
    require(by_length == head.content_length.has_value(), "Beast agrees that there is a length");
    require(!by_length || *parser.content_length() == *head.content_length,
            "Beast agrees about the length");
  }
}

}  // namespace chainmend::fuzz
