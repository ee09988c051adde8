// connect(): one new connection to one of an upstream's servers: resolve, TCP, TLS. The servers are
// asked one after the other, as a Choice says, until one takes the connection. connect_to(): the
// same to one server alone, for those who want to know of that one.
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
#include "proxy/upstream/choice.h"
#include "proxy/upstream/upstream.h"

namespace chainmend::upstream {

struct ConnectFailure {
  const Peer* peer = nullptr;
  metrics::UpstreamFailure reason = metrics::UpstreamFailure::connect;
  std::string text;         // "Connection refused"
  bool unresolved = false;  // its name has no address now: there is no server to ask
  bool untrusted = false;   // its certificate was refused
  std::chrono::milliseconds ejected_for{0};  // because of it
};

// How long the steps of a connection took.
struct ConnectTimes {
  std::chrono::nanoseconds connect{0};    // with the lookup of its name
  std::chrono::nanoseconds handshake{0};  // of TLS
};

struct Connected {
  Claim claim;  // without a peer: no server could be reached
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

// Asks `first`, and then those that `choice` gives. Every failure is noted with its server; logging
// is the caller's. What is referred to must outlive the call.
net::Task<Connected> connect(net::Loop& loop, Choice& choice, Claim first,
                             ConnectOptions options = {});

// How long each step may take.
struct Patience {
  net::Clock::duration connect, handshake;
};

struct Attempt {
  std::optional<net::Stream> stream;  // unset: it failed
  ConnectTimes times;
  ConnectFailure failure;  // without its peer
};

// Notes nothing.
net::Task<Attempt> connect_to(net::Loop& loop, const Peer& peer, Patience patience,
                              std::string_view preamble, bool plain);

}  // namespace chainmend::upstream
