// Upstream: a named group of servers behind us, and what it takes to talk to them. Part of the
// immutable snapshot, shared by all workers; only the counters inside change.
#pragma once

#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "proxy/metrics/upstream.h"
#include "proxy/net/proxy_protocol.h"
#include "proxy/tls/client_context.h"

namespace chainmend::upstream {

struct Peer {
  std::string name;  // "https://10.0.0.11:443": its label in logs and metrics
  std::string host;  // name or numeric address
  std::uint16_t port = 0;
  tls::ClientContextPtr tls;                          // null: plain TCP
  std::string server_name;                            // for SNI and verification
  metrics::UpstreamServerMetrics* metrics = nullptr;  // process-lived
};

// Of connections that wait for their next request, in each worker.
struct KeepAlive {
  std::chrono::milliseconds idle{90'000};
  std::chrono::milliseconds max_age{600'000};
  std::size_t per_server = 64;  // 0: none are kept
};

struct Upstream {
  std::string name;
  std::vector<Peer> peers;  // never empty
  std::chrono::milliseconds connect_timeout{};
  std::chrono::milliseconds handshake_timeout{};
  KeepAlive keep_alive;
  net::ProxyVersion proxy_header = net::ProxyVersion::none;
  mutable std::atomic<unsigned> turn{0};  // which peer the next connection asks first

  // A connection that says who its client is belongs to that client.
  bool pools() const {
    return keep_alive.per_server > 0 && proxy_header == net::ProxyVersion::none;
  }
  const Peer& next_in_turn() const {
    return peers[turn.fetch_add(1, std::memory_order_relaxed) % peers.size()];
  }
};

}  // namespace chainmend::upstream
