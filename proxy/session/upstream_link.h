// UpstreamLink: the one connection behind a client connection. It is never shared with another
// client and never outlives its own, so an identity that IIS has bound to it (NTLM, Negotiate)
// cannot reach anyone else.
#pragma once

#include <boost/asio/awaitable.hpp>
#include <optional>
#include <string_view>

#include "proxy/metrics/handles.h"
#include "proxy/net/stream.h"
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

  // True when there is a connection to this upstream that can take another request.
  bool usable_for(const upstream::Upstream& upstream);
  // Connects; what was connected before is closed. Failures are logged and counted.
  boost::asio::awaitable<LinkFailure> open(const upstream::Upstream& upstream);
  void close();

  bool is_open_to(const upstream::Upstream& upstream) const {
    return stream_.has_value() && upstream_ == &upstream;
  }
  net::Stream& stream() { return *stream_; }
  const upstream::Peer& peer() const { return *peer_; }

  // An identity is bound to this connection from now on: if it is lost, so is the client's.
  void pin();
  bool pinned() const { return pinned_; }
  // The connection did what its peer's metrics and a log line should tell.
  void report_failure(metrics::UpstreamFailure reason, std::string_view text);

 private:
  Connection& connection_;
  const upstream::Upstream* upstream_ = nullptr;
  const upstream::Peer* peer_ = nullptr;
  std::optional<net::Stream> stream_;
  metrics::Held held_;
  bool pinned_ = false;
};

}  // namespace chainmend::session
