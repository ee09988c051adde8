// Upstream: a named group of servers behind us, and what it takes to talk to them. Part of the
// immutable snapshot, shared by all workers. What has to survive the snapshot, the servers
// themselves and what Common holds, it refers to.
#pragma once

#include <chrono>
#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "certs/bytes.h"
#include "config/upstream.h"
#include "proxy/net/proxy_protocol.h"
#include "proxy/tls/client_context.h"
#include "proxy/upstream/common.h"
#include "proxy/upstream/server.h"

namespace chainmend::upstream {

// Peer: a server, and how this snapshot talks to it.
struct Peer {
  std::shared_ptr<Server> server;  // never null
  tls::ClientContextPtr tls;       // null: plain TCP
  std::string server_name;         // for SNI and verification
  // Hash of everything that decides who is taken for this server and what is spoken with it: a
  // connection made under equal terms may be used in the place of another, also one that an earlier
  // snapshot made.
  certs::Sha256 terms{};
  std::uint32_t weight = 1;
  std::uint32_t priority = 0;
  std::uint32_t max_connections = 0;  // 0: no limit
  bool watch_leaf = false;            // its certificate is compared with ours
  // Persistence by cookie: what the cookie of a client that belongs here says, and the field that
  // gives it one, over TLS and without.
  std::string cookie = {};
  std::string set_cookie = {}, set_cookie_plain = {};
};

// Of connections that wait for their next request, in each worker.
struct KeepAlive {
  std::chrono::milliseconds idle{90'000};
  std::chrono::milliseconds max_age{600'000};
  std::size_t per_server = 64;  // 0: none are kept
};

struct Upstream {
  std::string name;
  std::vector<Peer> peers;  // never empty, at most config::kMostServers
  std::chrono::milliseconds connect_timeout{};
  std::chrono::milliseconds handshake_timeout{};
  KeepAlive keep_alive;
  net::ProxyVersion proxy_header = net::ProxyVersion::none;
  // As the peers' own, but for trials: a certificate that the peers' may come to accept later, when
  // something was fetched, is accepted, and nothing is fetched. Null: none speaks TLS.
  tls::ClientContextPtr foreseeing_tls;
  std::shared_ptr<Common> common;  // never null
  config::Balance balance;
  config::Queue queue;
  std::optional<config::Eject> eject;
  std::optional<config::Health> health;
  config::AllDown all_down = config::AllDown::refuse;
  std::string cookie_name;               // persistence by cookie; empty: none
  std::shared_ptr<SourceTable> sources;  // persistence by source; null: none
  std::chrono::seconds sources_timeout{};

  // A connection that says who its client is belongs to that client.
  bool pools() const {
    return keep_alive.per_server > 0 && proxy_header == net::ProxyVersion::none;
  }
  std::chrono::nanoseconds slow_start() const {
    return balance.slow_start.value_or(config::Milliseconds(0));
  }
  // The server whose clients have this cookie; null: none.
  const Peer* peer_of_cookie(std::string_view value) const;
  // The server with this short id in `sources`.
  const Peer* peer_of_short_id(std::uint32_t id) const;
  // What a client is told that asks again later.
  std::chrono::seconds retry_after() const;
};

}  // namespace chainmend::upstream
