// Upstream: a named group of servers behind us, and what it takes to talk to them. Part of the
// immutable snapshot, shared by all workers; only the counters inside change.
#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <string>
#include <vector>

#include "proxy/metrics/handles.h"
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

struct Upstream {
  std::string name;
  std::vector<Peer> peers;  // never empty
  std::chrono::milliseconds connect_timeout{};
  std::chrono::milliseconds handshake_timeout{};
  mutable std::atomic<unsigned> turn{0};  // which peer the next connection asks first
};

}  // namespace chainmend::upstream
