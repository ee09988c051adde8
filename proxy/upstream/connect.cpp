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

// The addresses of a server in the order in which they are tried.
struct Endpoints {
  std::vector<tcp::endpoint> list;
  std::string error;
};

net::Task<Endpoints> resolve(net::Loop& loop, Server& server, Clock::duration patience) {
  boost::system::error_code error;
  const auto numeric = asio::ip::make_address(server.host(), error);
  if (!error) {
    co_return Endpoints{{tcp::endpoint(numeric, server.port())}, {}};
  }
  if (!server.addresses().known()) {
    auto found = co_await net::look_up(loop, server.host(), patience);
    if (!found) {
      co_return Endpoints{{}, found.error().describe()};
    }
    server.addresses().set(*found);
  }
  Endpoints endpoints;
  for (const asio::ip::address& address : server.addresses().in_order(Clock::now())) {
    endpoints.list.emplace_back(address, server.port());
  }
  co_return endpoints;
}

Attempt failure(UpstreamFailure reason, std::string text) {
  Attempt attempt;
  attempt.failure.reason = reason;
  attempt.failure.text = std::move(text);
  return attempt;
}

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
  net::Stream stream =
      net::Stream::secured(std::move(plain), peer.tls, peer.server_name, peer.server->name());
  net::Deadline deadline(
      loop.deadlines, [](void* s) { static_cast<net::Stream*>(s)->cancel(); }, &stream);
  deadline.expires_after(patience);
  const net::IoError error = co_await stream.handshake();
  if (error == net::IoError::none) {
    if (const auto leaf = peer.watch_leaf ? stream.session()->peer_certificate() : nullptr) {
      peer.server->note_leaf(leaf->fingerprint());
    }
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
  refused.failure.untrusted = !trace.verify_error.empty();
  co_return refused;
}

void note_times(Server& server, Attempt& attempt) {
  server.counts().connected(attempt.times.connect);
  if (attempt.stream->session() != nullptr) {
    server.counts().shook_hands(attempt.times.handshake);
  }
}

}  // namespace

net::Task<Attempt> connect_to(net::Loop& loop, const Peer& peer, Patience patience,
                              std::string_view preamble, bool plain) {
  const auto started = Clock::now();
  Endpoints endpoints = co_await resolve(loop, *peer.server, patience.connect);
  Attempt attempt = failure(UpstreamFailure::connect, std::move(endpoints.error));
  attempt.failure.unresolved = endpoints.list.empty();
  for (const tcp::endpoint& endpoint : endpoints.list) {
    attempt = co_await connect_tcp(loop, endpoint, patience.connect, preamble);
    if (attempt.stream) {
      break;
    }
    peer.server->addresses().failed(endpoint.address(), Clock::now());
  }
  const auto connected = Clock::now();
  if (attempt.stream && peer.tls && !plain) {
    net::Stream tcp = std::move(*attempt.stream);
    attempt = co_await handshake(loop, peer, patience.handshake, std::move(tcp));
  }
  attempt.times = {connected - started, Clock::now() - connected};
  co_return attempt;
}

net::Task<Connected> connect(net::Loop& loop, Choice& choice, Claim first, ConnectOptions options) {
  const Upstream& upstream = choice.upstream();
  const Patience patience{options.connect_timeout.value_or(upstream.connect_timeout),
                          options.handshake_timeout.value_or(upstream.handshake_timeout)};
  Connected connected;
  for (Claim claim = std::move(first); claim.peer != nullptr; claim = choice.next()) {
    const Peer& peer = *claim.peer;
    Attempt attempt = co_await connect_to(loop, peer, patience, options.preamble, options.plain);
    if (attempt.stream) {
      note_times(*peer.server, attempt);
      connected.claim = std::move(claim);
      connected.stream = std::move(attempt.stream);
      connected.times = attempt.times;
      break;
    }
    attempt.failure.peer = &peer;
    attempt.failure.ejected_for =
        blame(upstream, peer, attempt.failure.reason, attempt.failure.text);
    connected.failures.push_back(std::move(attempt.failure));
    claim = {};
    upstream.common->line.call_next();
  }
  co_return connected;
}

}  // namespace chainmend::upstream
