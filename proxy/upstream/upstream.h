// Upstream: a named group of servers behind us, and what it takes to talk to them. Part of the
// immutable snapshot, shared by all workers. What has to survive the snapshot, the servers
// themselves and whose turn it is, it refers to.
#pragma once

#include <atomic>
#include <chrono>
#include <cstddef>
#include <memory>
#include <string>
#include <vector>

#include "certs/bytes.h"
#include "proxy/net/proxy_protocol.h"
#include "proxy/tls/client_context.h"
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
};

// Of connections that wait for their next request, in each worker.
struct KeepAlive {
  std::chrono::milliseconds idle{90'000};
  std::chrono::milliseconds max_age{600'000};
  std::size_t per_server = 64;  // 0: none are kept
};

// Turn: the place in the round of an upstream's servers. Workers share it; it survives reloads.
class Turn {
 public:
  unsigned next() { return next_.fetch_add(1, std::memory_order_relaxed); }

 private:
  std::atomic<unsigned> next_{0};
};

struct Upstream {
  std::string name;
  std::vector<Peer> peers;  // never empty
  std::chrono::milliseconds connect_timeout{};
  std::chrono::milliseconds handshake_timeout{};
  KeepAlive keep_alive;
  net::ProxyVersion proxy_header = net::ProxyVersion::none;
  // As the peers' own, but for trials: a certificate that the peers' may come to accept later, when
  // something was fetched, is accepted, and nothing is fetched. Null: none speaks TLS.
  tls::ClientContextPtr foreseeing_tls;
  std::shared_ptr<Turn> turn = std::make_shared<Turn>();

  // A connection that says who its client is belongs to that client.
  bool pools() const {
    return keep_alive.per_server > 0 && proxy_header == net::ProxyVersion::none;
  }
  // Chooses the server for a client that has none yet: each in turn. Call it once per choice: it
  // moves the turn on.
  const Peer& pick() const { return peers[turn->next() % peers.size()]; }
};

}  // namespace chainmend::upstream
