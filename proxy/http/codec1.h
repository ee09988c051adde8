// codec1: HTTP/1.0 and 1.1 heads, from bytes to facts, strictly by RFC 9112 and RFC 9110: nothing
// that two readers could understand differently is accepted. Pure: no sockets, no clock.
// HeadScanner says where a head ends, these functions take it apart, BodyRelay (body.h) carries
// what follows, rewrite.h writes the head that goes on.
//
//   auto scan = scanner.scan(received);                    // until complete
//   auto parsed = parse_request(received.substr(0, scan.bytes), limits, head);
//   if (!parsed) answer status_of(parsed.error()) and close
#pragma once

#include <string_view>

#include "proxy/http/fault.h"
#include "proxy/http/head.h"

namespace chainmend::http {

// Parses one whole head as HeadScanner delimited it (empty lines before the request line included)
// into `head`, whatever that held before. On error the head's content is unspecified; parse into it
// again or clear it.
[[nodiscard]] Parsed parse_request(std::string_view bytes, const HeadLimits& limits,
                                   RequestHead& head);

// Parses the head of an answer to `request`: HEAD decides about the body, `upgrade` whether 101 is
// asked for. Framing is `none` for 1xx, 204, 304 and HEAD, whatever length was announced.
[[nodiscard]] Parsed parse_response(std::string_view bytes, const HeadLimits& limits,
                                    const RequestHead& request, ResponseHead& head);

}  // namespace chainmend::http
