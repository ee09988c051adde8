// The short plain-text answers that we make ourselves: 400, 404, 408, 413, 431, 502 ... and
// redirects.
#pragma once

#include <string>
#include <string_view>

#include "proxy/http/head.h"

namespace chainmend::http {

struct SimpleResponse {
  unsigned status = 500;
  std::string_view text{};  // one sentence for the reader; never holds secrets or inner addresses
  bool close = true;        // says Connection: close; the caller then closes
  bool body = true;         // false for answers to HEAD: the length is told, the text left out
  Version client_version = Version::http11;  // an HTTP/1.0 client is told keep-alive explicitly
  std::string_view
      location{};            // for redirects; must come from the configuration or a parsed request
  std::string_view allow{};  // for 405
  std::string_view date{};   // IMF-fixdate (RFC 9110 6.6.1); empty: no Date
};

// Writes head and body over `out`.
void write_simple_response(const SimpleResponse& response, std::string& out);

}  // namespace chainmend::http
