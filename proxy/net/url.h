// HttpUrl: an http:// URL taken apart, read strictly because certificates and redirects supply it.
// Pure functions. Source: RFC 3986, less what a download of a certificate has no use for (userinfo,
// other schemes, zone ids).
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "certs/result.h"

namespace chainmend::net {

constexpr std::size_t kMaxUrlBytes = 2048;

struct HttpUrl {
  std::string host;  // lower case; an IPv6 address stands without its brackets
  std::uint16_t port = 80;
  std::string target = "/";  // path and query, as the request line takes them

  std::string authority()
      const;                 // what the Host header says: brackets, and the port unless it is 80
  std::string text() const;  // the whole URL, without a fragment
};

// Errors: blocked, with the rule that was broken. Only visible ASCII passes: a CR LF in a
// URL cannot add lines to the request that we write.
certs::Result<HttpUrl> parse_http_url(std::string_view text);

// The URL that a Location header of base's answer points to: absolute, //host/path, /path or
// relative.
certs::Result<HttpUrl> resolve_location(const HttpUrl& base, std::string_view location);

// A URL made fit for logs: anything but visible ASCII as %XX, cut after 200 bytes.
std::string printable_url(std::string_view text);

}  // namespace chainmend::net
