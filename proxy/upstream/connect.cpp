#include "proxy/upstream/connect.h"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/connect.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <utility>

namespace chainmend::upstream {

namespace asio = boost::asio;
using asio::ip::tcp;
using metrics::UpstreamFailure;

namespace {

constexpr auto kAsTuple = asio::as_tuple(asio::use_awaitable);

struct Endpoints {
  std::vector<tcp::endpoint> list;
  std::string error;
};

asio::awaitable<Endpoints> resolve(net::Loop& loop, const Peer& peer) {
  boost::system::error_code error;
  const auto numeric = asio::ip::make_address(peer.host, error);
  if (!error) {
    co_return Endpoints{{tcp::endpoint(numeric, peer.port)}, {}};
  }
  tcp::resolver resolver(loop.io);
  net::Deadline deadline(
      loop.deadlines, [](void* r) { static_cast<tcp::resolver*>(r)->cancel(); }, &resolver);
  deadline.expires_after(std::chrono::seconds(5));
  const auto [failed, found] =
      co_await resolver.async_resolve(peer.host, std::to_string(peer.port), kAsTuple);
  Endpoints endpoints;
  if (failed) {
    endpoints.error = "cannot resolve " + peer.host + ": " +
                      (deadline.expired() ? "timed out" : failed.message());
  }
  for (const auto& entry : found) {
    endpoints.list.push_back(entry.endpoint());
  }
  co_return endpoints;
}

struct Attempt {
  std::optional<net::Stream> stream;
  UpstreamFailure reason = UpstreamFailure::connect;
  std::string text;
  bool unresolved = false;
};

Attempt failure(UpstreamFailure reason, std::string text) {
  return Attempt{std::nullopt, reason, std::move(text), false};
}

asio::awaitable<Attempt> connect_tcp(net::Loop& loop, const Upstream& upstream,
                                     const tcp::endpoint& endpoint) {
  tcp::socket socket(loop.io);
  const auto give_up = [](void* s) {
    boost::system::error_code ignored;  // the throwing close() would end the worker
    static_cast<tcp::socket*>(s)->close(ignored);
  };
  net::Deadline deadline(loop.deadlines, give_up, &socket);
  deadline.expires_after(upstream.connect_timeout);
  const auto [error] = co_await socket.async_connect(endpoint, kAsTuple);
  if (deadline.expired()) {
    co_return failure(UpstreamFailure::timeout, "connect timed out");
  }
  if (error) {
    co_return failure(UpstreamFailure::connect, error.message());
  }
  Attempt attempt;
  attempt.stream.emplace(std::move(socket));
  co_return attempt;
}

asio::awaitable<Attempt> handshake(net::Loop& loop, const Upstream& upstream, const Peer& peer,
                                   net::Stream plain) {
  net::Stream stream = net::Stream::secured(std::move(plain), peer.tls, peer.server_name);
  net::Deadline deadline(
      loop.deadlines, [](void* s) { static_cast<net::Stream*>(s)->cancel(); }, &stream);
  deadline.expires_after(upstream.handshake_timeout);
  const net::IoError error = co_await stream.handshake();
  if (error == net::IoError::none) {
    Attempt attempt;
    attempt.stream.emplace(std::move(stream));
    co_return attempt;
  }
  if (deadline.expired()) {
    co_return failure(UpstreamFailure::timeout, "TLS handshake timed out");
  }
  co_return failure(
      UpstreamFailure::tls,
      "TLS handshake failed: " + tls::describe_upstream_failure(stream.session()->trace()));
}

asio::awaitable<Attempt> connect_peer(net::Loop& loop, const Upstream& upstream, const Peer& peer) {
  Endpoints endpoints = co_await resolve(loop, peer);
  Attempt attempt = failure(UpstreamFailure::connect, std::move(endpoints.error));
  attempt.unresolved = endpoints.list.empty();
  for (const tcp::endpoint& endpoint : endpoints.list) {
    attempt = co_await connect_tcp(loop, upstream, endpoint);
    if (attempt.stream) {
      break;
    }
  }
  if (attempt.stream && peer.tls) {
    net::Stream plain = std::move(*attempt.stream);
    attempt = co_await handshake(loop, upstream, peer, std::move(plain));
  }
  co_return attempt;
}

}  // namespace

asio::awaitable<Connected> connect(net::Loop& loop, const Upstream& upstream) {
  Connected connected;
  const unsigned first = upstream.turn.fetch_add(1, std::memory_order_relaxed);
  for (std::size_t i = 0; i < upstream.peers.size(); ++i) {
    const Peer& peer = upstream.peers[(first + i) % upstream.peers.size()];
    Attempt attempt = co_await connect_peer(loop, upstream, peer);
    if (attempt.stream) {
      connected.peer = &peer;
      connected.stream = std::move(attempt.stream);
      break;
    }
    peer.metrics->failure(attempt.reason);
    connected.failures.push_back(
        {&peer, attempt.reason, std::move(attempt.text), attempt.unresolved});
  }
  co_return connected;
}

}  // namespace chainmend::upstream
