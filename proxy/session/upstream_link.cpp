#include "proxy/session/upstream_link.h"

#include <utility>

namespace chainmend::session {

namespace asio = boost::asio;
using metrics::UpstreamFailure;

namespace {

const char* to_string(UpstreamFailure reason) {
  switch (reason) {
    case UpstreamFailure::connect:
      return "connect";
    case UpstreamFailure::tls:
      return "tls";
    case UpstreamFailure::timeout:
      return "timeout";
    case UpstreamFailure::reset:
      return "reset";
    case UpstreamFailure::protocol:
      return "protocol";
  }
  return "?";
}

void log_failure(const Connection& connection, const upstream::Upstream& upstream,
                 const upstream::Peer& peer, UpstreamFailure reason, std::string_view text) {
  connection.worker.services.log.event(logs::Level::warn, "upstream_failed",
                                       {{"conn", connection.id},
                                        {"listener", connection.listener.name},
                                        {"upstream", upstream.name},
                                        {"server", peer.name},
                                        {"cause", to_string(reason)},
                                        {"detail", text}});
}

}  // namespace

bool UpstreamLink::usable_for(const upstream::Upstream& upstream) {
  return stream_ && upstream_ == &upstream && stream_->quiet();
}

asio::awaitable<LinkFailure> UpstreamLink::open(const upstream::Upstream& upstream) {
  close();
  upstream::Connected connected = co_await upstream::connect(connection_.worker.loop, upstream);
  bool timed_out = false;
  bool unresolved = true;
  for (const auto& failure : connected.failures) {
    log_failure(connection_, upstream, *failure.peer, failure.reason, failure.text);
    timed_out = failure.reason == UpstreamFailure::timeout;
    unresolved = unresolved && failure.unresolved;
  }
  if (connected.peer == nullptr) {
    if (unresolved) {
      co_return LinkFailure{503, "There is no server behind this proxy now"};
    }
    co_return timed_out ? LinkFailure{504, "The server behind this proxy did not answer in time"}
                        : LinkFailure{502, "The server behind this proxy cannot be reached"};
  }
  upstream_ = &upstream;
  peer_ = connected.peer;
  stream_.emplace(std::move(*connected.stream));
  held_ = peer_->metrics->connection(metrics::UpstreamState::active);
  connection_.upstream = &*stream_;
  co_return LinkFailure{};
}

void UpstreamLink::close() {
  connection_.upstream = nullptr;
  if (stream_) {
    stream_->close();
    stream_.reset();
  }
  held_ = {};
  pinned_ = false;
}

void UpstreamLink::pin() {
  if (!pinned_) {
    pinned_ = true;
    held_ = peer_->metrics->connection(metrics::UpstreamState::pinned);
  }
}

void UpstreamLink::report_failure(UpstreamFailure reason, std::string_view text) {
  peer_->metrics->failure(reason);
  log_failure(connection_, *upstream_, *peer_, reason, text);
}

}  // namespace chainmend::session
