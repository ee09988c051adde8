// UpstreamLink: the one connection behind a client connection. Between requests it goes to the
// worker's pool, unless somebody's identity may be bound to it: from the first sign of NTLM,
// Negotiate or Kerberos in either direction it belongs to this client until either side closes, so
// that what IIS has bound to it cannot reach anyone else. Which server that is, the client's last
// one, a cookie or its address say, else the upstream's balance.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "proxy/metrics/upstream.h"
#include "proxy/net/stream.h"
#include "proxy/net/task.h"
#include "proxy/session/connection.h"
#include "proxy/upstream/choice.h"
#include "proxy/upstream/connect.h"

namespace chainmend::session {

struct LinkFailure {
  unsigned status = 0;  // 502, 503 or 504 for the client; 0: connected
  std::string_view text;
  std::chrono::seconds retry_after{0};  // 0: nothing is known of that
  bool client_gone = false;             // it left while it waited for a server
};

// What a request says of the servers that it may go to.
struct Asked {
  upstream::Scopes scopes = upstream::kWhole;
  std::string_view cookie = {};  // the upstream's own, as the client sent it
};

class UpstreamLink {
 public:
  explicit UpstreamLink(Connection& connection) : connection_(connection) {}
  ~UpstreamLink() { close(); }
  UpstreamLink(const UpstreamLink&) = delete;
  UpstreamLink& operator=(const UpstreamLink&) = delete;

  // True when there is a connection to this upstream that can take another request: the one it has,
  // or one from the pool. What it has to another upstream is given back for that.
  bool reuse(const upstream::Upstream& upstream, const Asked& asked);
  // Makes a new connection; where all servers have as many as they may have, waits for one of
  // those. Failures are logged and counted. timeouts: of the route, null for none of its own.
  // plain: without TLS, for a client that speaks it with the server itself.
  net::Task<LinkFailure> open(const upstream::Upstream& upstream, const serving::Timeouts& timeouts,
                              const Asked& asked = {}, bool plain = false);
  // After a whole exchange: lets others have the connection, if it is nobody's.
  void give_back();
  void close();

  // It can take another request: the server has neither closed it nor spoken unasked.
  bool fit() { return stream_ && stream_->quiet(); }
  bool is_open_to(const upstream::Upstream& upstream) const {
    return stream_.has_value() && upstream_ == &upstream;
  }
  net::Stream& stream() { return *stream_; }
  upstream::Server& server() const { return *peer_->server; }
  const upstream::Peer& peer() const { return *peer_; }
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
  // The server that this client belongs to: by its cookie, its address, or because it had it last.
  const upstream::Peer* home(const upstream::Upstream& upstream, const Asked& asked) const;
  // A place at that server, or at the one that the upstream chooses.
  upstream::Claim claim(upstream::Choice& choice, const Asked& asked);
  net::Task<bool> wait_with_client(upstream::WaitingLine::Place& place,
                                   net::Clock::time_point until);
  net::Task<upstream::Claim> wait_in_line(upstream::Choice& choice, LinkFailure& failure);
  LinkFailure refuse(const upstream::Upstream& upstream, metrics::Refusal why);
  net::Task<LinkFailure> connect(upstream::Choice& choice, upstream::Claim first,
                                 const serving::Timeouts& timeouts, bool plain);
  bool take_from_pool();
  void take_over(upstream::Claim claim, net::Stream stream, net::Clock::time_point connected_at,
                 bool reused);
  // Lets others have the place at the server.
  void leave_server();
  std::uint64_t source() const;

  Connection& connection_;
  // Chosen together, and kept when the connection is gone.
  const upstream::Upstream* upstream_ = nullptr;
  const upstream::Peer* peer_ = nullptr;
  upstream::Claim claim_;  // with a connection, or before one is made
  std::optional<net::Stream> stream_;
  net::Clock::time_point connected_at_;
  upstream::ConnectTimes times_;
  metrics::Held held_;
  bool reused_ = false;
  bool pinned_ = false;
  bool bound_ = false;
  bool private_ = false;
  bool authenticates_ = false;
  bool moved_ = false;  // to a server that its address does not stand for yet
};

}  // namespace chainmend::session
