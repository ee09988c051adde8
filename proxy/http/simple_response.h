// Answers that chainmend gives itself, in plain text: errors such as 400, 404 and 502, and
// redirects.
#pragma once

#include <string>
#include <string_view>

#include "proxy/http/head.h"

namespace chainmend::http {

struct SimpleResponse {
  unsigned status = 500;
  // One sentence for the reader; never holds secrets or inner addresses.
  std::string_view text = kUnset;
  // Says Connection: close; the caller then closes.
  bool close = true;
  // False for answers to HEAD: the length is told, the text left out.
  bool body = true;
  // An HTTP/1.0 client is told keep-alive explicitly.
  Version client_version = Version::http11;
  // Location, for redirects; must come from the configuration or a parsed request. Allow, for 405.
  std::string_view location = kUnset;
  std::string_view allow = kUnset;
  // Seconds for Retry-After; 0: none.
  unsigned retry_after = 0;
  // An IMF-fixdate, see date.h. Unset: no Date.
  std::string_view date = kUnset;
};

// Writes head and body over `out`.
void write_simple_response(const SimpleResponse& response, std::string& out);

}  // namespace chainmend::http
