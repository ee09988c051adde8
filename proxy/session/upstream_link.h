// UpstreamLink: the one connection behind a client connection. Between requests it goes to the
// worker's pool, unless somebody's identity may be bound to it: from the first sign of NTLM,
// Negotiate or Kerberos in either direction it belongs to this client until either side closes, so
// that what IIS has bound to it cannot reach anyone else.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "proxy/metrics/upstream.h"
#include "proxy/net/stream.h"
#include "proxy/net/task.h"
#include "proxy/session/connection.h"
#include "proxy/upstream/connect.h"

namespace chainmend::session {

struct LinkFailure {
  unsigned status = 0;  // 502, 503 or 504 for the client; 0: connected
  std::string_view text;
};

class UpstreamLink {
 public:
  explicit UpstreamLink(Connection& connection) : connection_(connection) {}
  ~UpstreamLink() { close(); }
  UpstreamLink(const UpstreamLink&) = delete;
  UpstreamLink& operator=(const UpstreamLink&) = delete;

  // True when there is a connection to this upstream that can take another request: the one it has,
  // or one from the pool. What it has to another upstream is given back for that.
  bool reuse(const upstream::Upstream& upstream);
  // Makes a new connection. Failures are logged and counted. timeouts: of the route, null for none
  // of its own. plain: without TLS, for a client that speaks it with the server itself.
  net::Task<LinkFailure> open(const upstream::Upstream& upstream, const serving::Timeouts& timeouts,
                              bool plain = false);
  // After a whole exchange: lets others have the connection, if it is nobody's.
  void give_back();
  void close();

  // It can take another request: the server has neither closed it nor spoken unasked.
  bool fit() { return stream_ && stream_->quiet(); }
  bool is_open_to(const upstream::Upstream& upstream) const {
    return stream_.has_value() && upstream_ == &upstream;
  }
  net::Stream& stream() { return *stream_; }
  const upstream::Server& server() const { return *peer_->server; }
  // Of the connection that open() has made.
  const upstream::ConnectTimes& times() const { return times_; }
  // It has carried a request before.
  bool reused() const { return reused_; }

  // An identity is being bound to this connection: if it is lost, so is the client's.
  void pin();
  bool pinned() const { return pinned_; }
  // The client has begun to prove who it is. A link that is only pinned because the server asked
  // for it may still be replaced.
  void bind();
  bool bound() const { return bound_; }
  // This client proves who it is, or was asked to, by a scheme that Via spoils. True from then on,
  // whichever connections follow.
  void note_authentication() { authenticates_ = true; }
  bool authenticates() const { return authenticates_; }
  // Nobody else shall have it, for whatever reason.
  void keep_private() { private_ = true; }
  // The server gave a whole answer.
  void note_success() { peer_->server->succeeded(); }
  // The connection failed: its server's record and the log tell why.
  void report_failure(metrics::UpstreamFailure reason, std::string_view text);

 private:
  // Sets the peer to ask: the one that this client had last, so that its requests stay together
  // where they can, or one that the upstream picks.
  void choose(const upstream::Upstream& upstream);
  void take_over(const upstream::Peer& peer, net::Stream stream,
                 net::Clock::time_point connected_at, bool reused);

  Connection& connection_;
  // Chosen together, and kept when the connection is gone.
  const upstream::Upstream* upstream_ = nullptr;
  const upstream::Peer* peer_ = nullptr;
  std::optional<net::Stream> stream_;
  net::Clock::time_point connected_at_;
  upstream::ConnectTimes times_;
  metrics::Held held_;
  bool reused_ = false;
  bool pinned_ = false;
  bool bound_ = false;
  bool private_ = false;
  bool authenticates_ = false;
};

}  // namespace chainmend::session
