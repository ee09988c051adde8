// HttpFetcher: the one outgoing HTTP client: plain HTTP, within limits. Used for AIA,
// where a certificate names the host, which may be anybody's, and by commands that ask an admin
// listener. It sends nothing that identifies us, checks the addresses of a host before it connects
// and connects to exactly those, and gives up at the limits of time, size and redirects, or when an
// answer is not proper HTTP.
//
// Blocks its caller; thread-safe (each fetch runs an io_context of its own). Sources: RFC
// 5280 4.2.2.1 (what the URL is for), RFC 9112 (the messages), RFC 9110 15.4 (redirects).
#pragma once

#include <optional>
#include <stop_token>
#include <string>

#include "certs/fetcher.h"
#include "proxy/net/name_lookup.h"
#include "proxy/net/url.h"

namespace chainmend::net {

struct HttpCall {
  std::string method = "GET";
  std::string url;
  std::string fields;  // more lines of the head, each with its CRLF
};

struct HttpReply {
  unsigned status = 0;
  certs::Bytes body;
};

class HttpFetcher : public certs::Fetcher {
 public:
  struct Options {
    // Send every request to this HTTP proxy (absolute-form). Resolving the URL's host and deciding
    // whether its address may be reached is the proxy's business then; all other rules hold.
    std::optional<HttpUrl> proxy;
    NameLookup lookup = system_lookup();
  };

  HttpFetcher();
  explicit HttpFetcher(Options options);

  // Ports other than 80 need limits.allow_private_addresses, since a URL with another port may aim
  // at a service that is no web server. The error's `where` is the URL (of the redirect that
  // failed, if any), fit for logs.
  certs::Result<certs::Bytes> fetch(const std::string& url,
                                    const certs::FetchLimits& limits) override;

  // One request that follows no redirect, and its answer whatever the status.
  certs::Result<HttpReply> call(const HttpCall& call, const certs::FetchLimits& limits);

  // Ends fetches under way and all later ones at once with ErrorCode::network. From any thread, for
  // good.
  void stop() { stop_.request_stop(); }

 private:
  Options options_;
  std::stop_source stop_;
};

}  // namespace chainmend::net
