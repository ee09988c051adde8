// HttpFetcher: fetches certificates over plain HTTP from hosts that a certificate names, so from
// nobody we know. It only does GET, sends nothing that tells on us, looks at addresses before it
// connects to them and connects to the very addresses it looked at, and gives up on time, size,
// redirects and everything odd.
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

  // Ports other than 80 need limits.allow_private_addresses: who names them is after a service that
  // is no web server. The error's `where` is the URL (of the redirect that failed, if any), fit for
  // logs.
  certs::Result<certs::Bytes> fetch(const std::string& url,
                                    const certs::FetchLimits& limits) override;

  // Ends fetches under way and all later ones at once with ErrorCode::network. From any thread, for
  // good.
  void stop() { stop_.request_stop(); }

 private:
  Options options_;
  std::stop_source stop_;
};

}  // namespace chainmend::net
