#include "proxy/session/upstream_link.h"

#include <algorithm>
#include <span>
#include <utility>

namespace chainmend::session {

using metrics::UpstreamFailure;

namespace {

void log_failure(const Connection& connection, const upstream::Upstream& upstream,
                 const upstream::Peer& peer, UpstreamFailure reason, std::string_view text) {
  connection.worker.services.log.event(logs::Level::warn, "upstream_failed",
                                       {{"conn", connection.id},
                                        {"listener", connection.listener.name},
                                        {"upstream", upstream.name},
                                        {"server", peer.server->name()},
                                        {"cause", to_string(reason)},
                                        {"detail", text}});
}

// What the client is told: the last server that was asked speaks for all, but for names that lead
// nowhere.
LinkFailure for_client(std::span<const upstream::ConnectFailure> failures) {
  if (std::ranges::all_of(failures, &upstream::ConnectFailure::unresolved)) {
    return {503, "There is no server behind this proxy now"};
  }
  const upstream::ConnectFailure& last = failures.back();
  if (last.reason == UpstreamFailure::timeout) {
    return {504, "The server behind this proxy did not answer in time"};
  }
  if (last.untrusted) {
    return {502, "The server behind this proxy is not trusted"};
  }
  return {502, "The server behind this proxy cannot be reached"};
}

}  // namespace

void UpstreamLink::choose(const upstream::Upstream& upstream) {
  if (upstream_ != &upstream) {
    upstream_ = &upstream;
    peer_ = &upstream.pick();
  }
}

bool UpstreamLink::reuse(const upstream::Upstream& upstream) {
  if (is_open_to(upstream)) {
    reused_ = true;
    return fit();
  }
  give_back();
  close();
  choose(upstream);
  std::optional<upstream::Pooled> pooled = connection_.worker.pool.take(*peer_);
  if (pooled) {
    take_over(*peer_, std::move(pooled->stream), pooled->connected_at, true);
  }
  return pooled.has_value();
}

net::Task<LinkFailure> UpstreamLink::open(const upstream::Upstream& upstream,
                                          const serving::Timeouts& timeouts, bool plain) {
  close();
  choose(upstream);
  std::string preamble;
  net::append_proxy_header(upstream.proxy_header, {connection_.peer, connection_.local()},
                           preamble);
  upstream::Connected connected =
      co_await upstream::connect(connection_.worker.loop, upstream, *peer_,
                                 {timeouts.connect, timeouts.handshake, preamble, plain});
  for (const auto& failure : connected.failures) {
    log_failure(connection_, upstream, *failure.peer, failure.reason, failure.text);
  }
  if (connected.peer == nullptr) {
    co_return for_client(connected.failures);
  }
  times_ = connected.times;
  take_over(*connected.peer, std::move(*connected.stream), net::Clock::now(), false);
  co_return LinkFailure{};
}

void UpstreamLink::take_over(const upstream::Peer& peer, net::Stream stream,
                             net::Clock::time_point connected_at, bool reused) {
  peer_ = &peer;
  stream_.emplace(std::move(stream));
  connected_at_ = connected_at;
  reused_ = reused;
  held_ = peer.server->connection(metrics::UpstreamState::active);
  connection_.upstream = &*stream_;
}

void UpstreamLink::give_back() {
  if (stream_ && !pinned_ && !private_ && upstream_->pools() && !connection_.draining()) {
    connection_.upstream = nullptr;
    connection_.worker.pool.put(upstream_->keep_alive, *peer_,
                                {std::move(*stream_), connected_at_});
    stream_.reset();
    held_ = {};
  }
}

void UpstreamLink::close() {
  connection_.upstream = nullptr;
  if (stream_) {
    stream_->close();
    stream_.reset();
  }
  held_ = {};
  pinned_ = bound_ = private_ = false;
}

void UpstreamLink::pin() {
  if (!pinned_) {
    pinned_ = true;
    held_ = peer_->server->connection(metrics::UpstreamState::pinned);
  }
}

void UpstreamLink::bind() {
  pin();
  bound_ = true;
}

void UpstreamLink::report_failure(UpstreamFailure reason, std::string_view text) {
  peer_->server->failed(reason, text);
  log_failure(connection_, *upstream_, *peer_, reason, text);
}

}  // namespace chainmend::session
