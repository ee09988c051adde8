#include "proxy/upstream/connect.h"

#include <boost/asio/ip/tcp.hpp>
#include <utility>

#include "proxy/net/async_lookup.h"
#include "proxy/net/socket_options.h"

namespace chainmend::upstream {

namespace asio = boost::asio;
using asio::ip::tcp;
using metrics::UpstreamFailure;
using net::Clock;

namespace {

using net::kAsTuple;

struct Endpoints {
  std::vector<tcp::endpoint> list;
  std::string error;
};

net::Task<Endpoints> resolve(net::Loop& loop, const Server& server, Clock::duration patience) {
  boost::system::error_code error;
  const auto numeric = asio::ip::make_address(server.host(), error);
  if (!error) {
    co_return Endpoints{{tcp::endpoint(numeric, server.port())}, {}};
  }
  const auto found = co_await net::look_up(loop, server.host(), patience);
  Endpoints endpoints;
  if (!found) {
    endpoints.error = found.error().describe();
    co_return endpoints;
  }
  for (const asio::ip::address& address : *found) {
    endpoints.list.emplace_back(address, server.port());
  }
  co_return endpoints;
}

struct Attempt {
  std::optional<net::Stream> stream;
  ConnectTimes times = {};
  UpstreamFailure reason = UpstreamFailure::connect;
  std::string text;
  bool unresolved = false;
  bool untrusted = false;
};

Attempt failure(UpstreamFailure reason, std::string text) {
  return Attempt{std::nullopt, {}, reason, std::move(text)};
}

// How long each step of one attempt may take.
struct Patience {
  Clock::duration connect, handshake;
};

net::Task<Attempt> connect_tcp(net::Loop& loop, const tcp::endpoint& endpoint,
                               Clock::duration patience, std::string_view preamble) {
  net::Socket socket(loop.io);
  const auto give_up = [](void* s) {
    boost::system::error_code ignored;  // the throwing close() would end the worker
    static_cast<net::Socket*>(s)->close(ignored);
  };
  net::Deadline deadline(loop.deadlines, give_up, &socket);
  deadline.expires_after(patience);
  const auto [error] = co_await socket.async_connect(endpoint, kAsTuple);
  if (deadline.expired()) {
    co_return failure(UpstreamFailure::timeout, "connect timed out");
  }
  if (error) {
    co_return failure(UpstreamFailure::connect, error.message());
  }
  net::set_tcp_options(socket.native_handle());
  Attempt attempt;
  attempt.stream.emplace(std::move(socket));
  const net::IoError sent = co_await attempt.stream->write_all(preamble);
  if (sent != net::IoError::none) {
    co_return failure(UpstreamFailure::connect, "cannot send the PROXY header");
  }
  co_return attempt;
}

net::Task<Attempt> handshake(net::Loop& loop, const Peer& peer, Clock::duration patience,
                             net::Stream plain) {
  net::Stream stream = net::Stream::secured(std::move(plain), peer.tls, peer.server_name);
  net::Deadline deadline(
      loop.deadlines, [](void* s) { static_cast<net::Stream*>(s)->cancel(); }, &stream);
  deadline.expires_after(patience);
  const net::IoError error = co_await stream.handshake();
  if (error == net::IoError::none) {
    Attempt attempt;
    attempt.stream.emplace(std::move(stream));
    co_return attempt;
  }
  if (deadline.expired()) {
    co_return failure(UpstreamFailure::timeout, "TLS handshake timed out");
  }
  const tls::HandshakeTrace& trace = stream.session()->trace();
  Attempt refused = failure(UpstreamFailure::tls,
                            "TLS handshake failed: " + tls::describe_upstream_failure(trace));
  refused.untrusted = !trace.verify_error.empty();
  co_return refused;
}

net::Task<Attempt> connect_peer(net::Loop& loop, const Peer& peer, Patience patience,
                                std::string_view preamble, bool plain) {
  const auto started = Clock::now();
  Endpoints endpoints = co_await resolve(loop, *peer.server, patience.connect);
  Attempt attempt = failure(UpstreamFailure::connect, std::move(endpoints.error));
  attempt.unresolved = endpoints.list.empty();
  for (const tcp::endpoint& endpoint : endpoints.list) {
    attempt = co_await connect_tcp(loop, endpoint, patience.connect, preamble);
    if (attempt.stream) {
      break;
    }
  }
  const auto connected = Clock::now();
  if (attempt.stream && peer.tls && !plain) {
    net::Stream tcp = std::move(*attempt.stream);
    attempt = co_await handshake(loop, peer, patience.handshake, std::move(tcp));
  }
  attempt.times = {connected - started, Clock::now() - connected};
  co_return attempt;
}

}  // namespace

net::Task<Connected> connect(net::Loop& loop, const Upstream& upstream, const Peer& first,
                             ConnectOptions options) {
  Connected connected;
  const auto start = static_cast<std::size_t>(&first - upstream.peers.data());
  const Patience patience{options.connect_timeout.value_or(upstream.connect_timeout),
                          options.handshake_timeout.value_or(upstream.handshake_timeout)};
  for (std::size_t i = 0; i < upstream.peers.size(); ++i) {
    const Peer& peer = upstream.peers[(start + i) % upstream.peers.size()];
    Attempt attempt = co_await connect_peer(loop, peer, patience, options.preamble, options.plain);
    if (attempt.stream) {
      peer.server->succeeded();
      connected.peer = &peer;
      connected.stream = std::move(attempt.stream);
      connected.times = attempt.times;
      break;
    }
    peer.server->failed(attempt.reason, attempt.text);
    connected.failures.push_back(
        {&peer, attempt.reason, std::move(attempt.text), attempt.unresolved, attempt.untrusted});
  }
  co_return connected;
}

}  // namespace chainmend::upstream
