#include "proxy/net/http_fetcher.h"

#include <algorithm>
#include <array>
#include <boost/asio/ip/tcp.hpp>
#include <memory>
#include <utility>
#include <vector>

#include "proxy/net/address_rules.h"
#include "proxy/net/http_answer.h"
#include "proxy/net/timed_socket.h"

namespace chainmend::net {
namespace {

using boost::asio::ip::address;
using certs::Bytes;
using certs::ErrorCode;
using certs::fail;
using certs::FetchLimits;
using certs::Result;
using Clock = std::chrono::steady_clock;

constexpr std::size_t kMaxAddresses = 8;

// What every step of one fetch needs to know.
struct Fetch {
  const HttpFetcher::Options& options;
  const FetchLimits& limits;
  TimePoint until;
  std::stop_token stop;
};

// The body, or where to look instead.
struct Reply {
  Bytes body;
  std::optional<HttpUrl> redirect;
};

Result<std::vector<address>> addresses_of(const Fetch& fetch, const HttpUrl& url) {
  boost::system::error_code error;
  const address literal = boost::asio::ip::make_address(url.host, error);
  if (!error) {
    return std::vector{literal};
  }
  return fetch.options.lookup(url.host, fetch.until, fetch.stop);
}

// Addresses to connect to for url. One bad address condemns them all: an honest host has none, and
// a dishonest one would have us pick.
Result<std::vector<address>> checked_addresses_of(const Fetch& fetch, const HttpUrl& url) {
  Result<std::vector<address>> addresses = addresses_of(fetch, url);
  if (!addresses) {
    return addresses;
  }
  for (const address& each : *addresses) {
    const std::string why_not = refusal(each, fetch.limits.allow_private_addresses);
    if (!why_not.empty()) {
      return fail(ErrorCode::blocked, why_not);
    }
  }
  addresses->resize(std::min(addresses->size(), kMaxAddresses));
  return addresses;
}

// Connects to the first address that answers. Each gets an even share of the time that is left, so
// that a dead one does not use up all of it.
Result<std::unique_ptr<TimedSocket>> connect(const Fetch& fetch,
                                             const std::vector<address>& addresses,
                                             std::uint16_t port) {
  certs::Error last;
  for (std::size_t i = 0; i < addresses.size(); ++i) {
    const auto left = std::max(fetch.until - Clock::now(), Clock::duration::zero());
    const TimePoint until = Clock::now() + left / static_cast<Clock::rep>(addresses.size() - i);
    auto socket = std::make_unique<TimedSocket>(fetch.stop);
    const Result<void> connected = socket->connect({addresses[i], port}, until);
    if (connected) {
      return socket;
    }
    last = connected.error();
  }
  return tl::unexpected(last);
}

std::string request_for(const HttpCall& call, const HttpUrl& url, bool through_proxy) {
  return call.method + ' ' + (through_proxy ? url.text() : url.target) +
         " HTTP/1.1\r\n"
         "Host: " +
         url.authority() +
         "\r\n"
         "User-Agent: chainmend\r\n"
         "Accept: */*\r\n"
         "Accept-Encoding: identity\r\n"
         "Connection: close\r\n" +
         call.fields + (call.method == "GET" ? "\r\n" : "Content-Length: 0\r\n\r\n");
}

bool is_redirect(unsigned status) {
  return status == 301 || status == 302 || status == 303 || status == 307 || status == 308;
}

// Which answers have a body that somebody wants.
enum class Bodies { of_200, all };

// Reads until the answer is whole, or its head shows that the rest is of no use.
Result<void> read_answer(const Fetch& fetch, TimedSocket& socket, Bodies wanted,
                         HttpAnswer& answer) {
  std::array<std::uint8_t, 8192> buffer;
  while (!answer.done()) {
    const Result<std::size_t> read = socket.read_some(buffer, fetch.until);
    if (!read) {
      return tl::unexpected(read.error());
    }
    Result<void> taken =
        *read == 0 ? answer.end() : answer.put(certs::ByteView(buffer.data(), *read));
    if (!taken) {
      return taken;
    }
    if (answer.head_done() && answer.status() != 200 && wanted == Bodies::of_200) {
      return {};
    }
  }
  return {};
}

// One request, one answer.
Result<void> exchange(const Fetch& fetch, const HttpCall& call, const HttpUrl& url, Bodies wanted,
                      HttpAnswer& answer) {
  if (fetch.stop.stop_requested()) {
    return fail(ErrorCode::network, "fetching was stopped");
  }
  const std::optional<HttpUrl>& proxy = fetch.options.proxy;
  const Result<std::vector<address>> addresses =
      proxy ? addresses_of(fetch, *proxy) : checked_addresses_of(fetch, url);
  if (!addresses) {
    return tl::unexpected(addresses.error());
  }
  const auto socket = connect(fetch, *addresses, proxy ? proxy->port : url.port);
  if (!socket) {
    return tl::unexpected(socket.error());
  }
  const Result<void> sent =
      (*socket)->write(request_for(call, url, proxy.has_value()), fetch.until);
  return sent ? read_answer(fetch, **socket, wanted, answer) : sent;
}

Result<Reply> get(const Fetch& fetch, const HttpUrl& url) {
  HttpAnswer answer(fetch.limits.body_bytes);
  const Result<void> received = exchange(fetch, {}, url, Bodies::of_200, answer);
  if (!received) {
    return tl::unexpected(received.error());
  }
  if (is_redirect(answer.status())) {
    Result<HttpUrl> next = resolve_location(url, answer.location());
    if (!next) {
      next.error().text =
          "refused redirect to " + printable_url(answer.location()) + ": " + next.error().text;
      return tl::unexpected(next.error());
    }
    return Reply{{}, *std::move(next)};
  }
  if (answer.status() != 200) {
    return fail(ErrorCode::network, "the server answered " + std::to_string(answer.status()));
  }
  return Reply{answer.take_body(), std::nullopt};
}

Result<void> check_port(const HttpUrl& url, const FetchLimits& limits) {
  if (url.port != 80 && !limits.allow_private_addresses) {
    return fail(ErrorCode::blocked, port_refusal(url.port));
  }
  return {};
}

}  // namespace

HttpFetcher::HttpFetcher() : HttpFetcher(Options()) {}

HttpFetcher::HttpFetcher(Options options) : options_(std::move(options)) {}

Result<Bytes> HttpFetcher::fetch(const std::string& text, const FetchLimits& limits) {
  const Fetch fetch{options_, limits, Clock::now() + limits.total, stop_.get_token()};
  std::string where = printable_url(text);
  const auto with_where = [&where](certs::Error error) {
    error.where = where;
    return tl::unexpected(std::move(error));
  };

  Result<HttpUrl> url = parse_http_url(text);
  if (!url) {
    return with_where(url.error());
  }
  for (int redirects = 0; redirects <= limits.redirects; ++redirects) {
    const Result<void> port_allowed = check_port(*url, limits);
    if (!port_allowed) {
      return with_where(port_allowed.error());
    }
    Result<Reply> reply = get(fetch, *url);
    if (!reply) {
      return with_where(reply.error());
    }
    if (!reply->redirect) {
      return std::move(reply->body);
    }
    url = *std::move(reply->redirect);
    where = printable_url(url->text());
  }
  return with_where(
      {ErrorCode::blocked, "more than " + std::to_string(limits.redirects) + " redirects", {}, 0});
}

Result<HttpReply> HttpFetcher::call(const HttpCall& call, const FetchLimits& limits) {
  const Fetch fetch{options_, limits, Clock::now() + limits.total, stop_.get_token()};
  HttpAnswer answer(limits.body_bytes);
  const auto url = parse_http_url(call.url);
  Result<void> done = url ? check_port(*url, limits) : tl::unexpected(url.error());
  if (done) {
    done = exchange(fetch, call, *url, Bodies::all, answer);
  }
  if (!done) {
    done.error().where = printable_url(call.url);
    return tl::unexpected(std::move(done.error()));
  }
  return HttpReply{answer.status(), answer.take_body()};
}

}  // namespace chainmend::net
