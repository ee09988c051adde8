// Fetcher: one GET of an AIA URL, as the certs library sees it. The implementation over sockets is
// in proxy/net; tests use a table. Fetching waits: call it on the background thread only, never in
// a handshake.
#pragma once

#include <chrono>
#include <cstddef>
#include <string>

#include "certs/certificate.h"

namespace chainmend::certs {

struct FetchLimits {
  std::chrono::milliseconds total{10'000};  // whole fetch: resolve, connect, redirects, last byte
  std::size_t body_bytes = std::size_t{64} * 1024;
  int redirects = 3;
  bool allow_private_addresses = false;  // loopback, RFC 1918, link-local, ULA, v4-mapped ...
};

class Fetcher {
 public:
  virtual ~Fetcher() = default;
  // Body of a 200 answer. Errors: blocked (scheme, address, userinfo, port rules), timeout,
  // too_big, network. Blocks for at most limits.total. Not thread-safe unless an implementation
  // says so.
  virtual Result<Bytes> fetch(const std::string& url, const FetchLimits& limits) = 0;
};

}  // namespace chainmend::certs
