// connect(): one new connection to one of an upstream's servers: resolve, TCP, TLS. The servers are
// asked one after the other until one takes the connection.
#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "proxy/metrics/upstream.h"
#include "proxy/net/loop.h"
#include "proxy/net/stream.h"
#include "proxy/net/task.h"
#include "proxy/upstream/upstream.h"

namespace chainmend::upstream {

struct ConnectFailure {
  const Peer* peer = nullptr;
  metrics::UpstreamFailure reason = metrics::UpstreamFailure::connect;
  std::string text;         // "Connection refused"
  bool unresolved = false;  // its name has no address now: there is no server to ask
  bool untrusted = false;   // its certificate was refused
};

// How long the steps of a connection took.
struct ConnectTimes {
  std::chrono::nanoseconds connect{0};    // with the lookup of its name
  std::chrono::nanoseconds handshake{0};  // of TLS
};

struct Connected {
  const Peer* peer = nullptr;  // null: no server could be reached
  std::optional<net::Stream> stream;
  ConnectTimes times;
  std::vector<ConnectFailure> failures;  // of the servers tried before, in order
};

// What one connection has otherwise than its upstream.
struct ConnectOptions {
  std::optional<std::chrono::milliseconds> connect_timeout, handshake_timeout;
  std::string_view preamble = {};  // sent before TLS: a PROXY header
  bool plain = false;  // TCP alone, whatever the server speaks: the TLS is somebody else's
};

// Asks `first`, one of the upstream's own (see Upstream::pick), and then the others in their order.
// Every failure is noted with its server; logging is the caller's. loop, upstream and what the
// options refer to must outlive the call.
net::Task<Connected> connect(net::Loop& loop, const Upstream& upstream, const Peer& first,
                             ConnectOptions options = {});

}  // namespace chainmend::upstream
