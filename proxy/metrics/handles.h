// Handles: what the data path writes its events to, one verb per event. Made by Metrics when a
// snapshot is built, they live as long as Metrics and are the same object for the same names, so
// counts run on over a reload. Every verb may be called from any thread and costs a few relaxed
// additions.
#pragma once

#include <array>
#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "proxy/clients/client_type.h"
#include "proxy/metrics/cells.h"
#include "proxy/tls/handshake_outcome.h"

namespace chainmend::metrics {

using clients::ClientType;

inline constexpr std::size_t kMaxPolicies = 16;  // beside `other`

// A TLS policy as a small number; Metrics::policy() gives it for a name. 0 is `other`.
struct PolicyLabel {
  std::uint8_t index = 0;
};

inline constexpr std::size_t kMaxServerNames = 126;  // of one listener, beside `other` and `none`

// A name that a listener serves, as a small number; Metrics::server_name() gives it.
struct ServerNameLabel {
  std::uint8_t index = 0;
};
inline constexpr ServerNameLabel kOtherName{0};
inline constexpr ServerNameLabel kNoName{1};

enum class RejectReason : std::uint8_t { max_connections, no_descriptors };
enum class UpstreamFailure : std::uint8_t { connect, tls, timeout, reset, protocol };
enum class UpstreamState : std::uint8_t { idle, active, pinned };

class ListenerMetrics {
 public:
  explicit ListenerMetrics(std::string listener);

  // A connection was accepted: counted, and open for as long as the result lives.
  Held connection();
  // A connection was closed at once instead.
  void rejected(RejectReason reason);

  // A handshake is in progress for as long as the result lives.
  Held handshake_begins();
  // A handshake ended, well or not: its outcome, reason, versions and alert are counted.
  // took: from accept to the end of the handshake; shown for completed ones only, so that hanging
  // clients do not hide how fast the others are. ended: for the time of the last success.
  void handshake(const tls::HandshakeOutcome& outcome, ClientType client,
                 std::chrono::nanoseconds took,
                 std::chrono::system_clock::time_point ended = std::chrono::system_clock::now());
  // The same one, by the name that its client asked for.
  void server_name(ServerNameLabel name, tls::Outcome outcome);
  // The hello of a failed handshake would have been accepted under this policy.
  void recoverable(ClientType client, PolicyLabel policy);
  // A connection ended that never sent a ClientHello.
  void noise(tls::NoiseKind kind);

  // An answer with this status ended an exchange; only 401 and 403 are counted.
  void auth_failure(ClientType client, int status);

 private:
  friend class Exposition;
  friend class Metrics;

  // Indexed by enum value; room beyond the last one, which is checked where the cells are used.
  struct ClientCells {
    std::array<Counter, 4> outcomes;
    std::array<Counter, 32> reasons;
    std::array<Counter, 7> negotiated;  // by index of kVersions
    std::array<Counter, 7> offered_max;
    std::array<Counter, 2> auth_failures;  // 401, 403
    std::array<Counter, kMaxPolicies + 1> recoverable;
    std::atomic<std::int64_t> last_success{0};  // Unix time in seconds; 0: none yet
  };

  ClientCells& of(ClientType client) { return clients_[client.index()]; }

  std::string listener_;
  Gauge open_;
  Gauge in_progress_;
  Counter accepted_;
  std::array<Counter, 2> rejected_;
  std::array<Counter, 8> noise_;
  std::array<std::array<Counter, 256>, 2> alerts_;  // by direction and code
  std::array<Counter, 3> client_certificates_;
  Histogram duration_;
  std::array<ClientCells, ClientType::kLimit> clients_;
  std::array<std::array<Counter, 4>, kMaxServerNames + 2> server_names_;  // by label and outcome
  std::vector<std::string> names_{"other", "none"};  // of these labels; guarded by Metrics' mutex
};

class RouteMetrics {
 public:
  RouteMetrics(std::string listener, std::string route);

  // A request was answered, by the upstream or by us. took: from its first byte to the answer's
  // last.
  void request(int status, std::chrono::nanoseconds took);

 private:
  friend class Exposition;
  std::string listener_;
  std::string route_;
  std::array<Counter, 6> requests_;  // 1xx to 5xx at 1 to 5, anything else at 0
  Histogram duration_;
};

// UpstreamChainMetrics: shown as long as somebody holds it and knows something.
class UpstreamChainMetrics {
 public:
  void complete(bool yes) { complete_.store(yes ? 1 : 0, std::memory_order_relaxed); }

 private:
  friend class Exposition;
  friend class Metrics;
  std::atomic<int> complete_{-1};  // -1: not known yet
};

class UpstreamServerMetrics {
 public:
  UpstreamServerMetrics(std::string upstream, std::string server);

  void failure(UpstreamFailure reason);
  // A connection is in this state for as long as the result lives; assign the next state's over it.
  Held connection(UpstreamState state);

 private:
  friend class Exposition;
  std::string upstream_;
  std::string server_;
  std::array<Counter, 5> failures_;
  std::array<Gauge, 3> connections_;
};

}  // namespace chainmend::metrics
