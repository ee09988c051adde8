// Handles: what the data path writes its events to, one verb per event. Made by Metrics when a
// snapshot is built, they live as long as Metrics and are the same object for the same names, so
// counts run on over a reload. Every verb may be called from any thread and costs a few relaxed
// additions.
#pragma once

#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>

#include "proxy/metrics/cells.h"

namespace chainmend::tls {
struct HandshakeOutcome;
}

namespace chainmend::metrics {

// A kind of client as a small number; Metrics::client_type() gives it for a name. 0 is `other`.
struct ClientType {
  std::uint8_t index = 0;
};

enum class RejectReason : std::uint8_t { max_connections, no_descriptors };
enum class UpstreamFailure : std::uint8_t { connect, tls, timeout, reset, protocol };
enum class UpstreamState : std::uint8_t { idle, active, pinned };

class ListenerMetrics {
 public:
  explicit ListenerMetrics(std::string listener);
  ~ListenerMetrics();
  ListenerMetrics(const ListenerMetrics&) = delete;
  ListenerMetrics& operator=(const ListenerMetrics&) = delete;

  // A connection was accepted: counted, and open for as long as the result lives.
  Held connection();
  // A connection was closed at once instead.
  void rejected(RejectReason reason);

  // A handshake ended, well or not. What never sent a ClientHello is counted as noise, apart.
  // took: from accept to the end of the handshake.
  void handshake(const tls::HandshakeOutcome& outcome, ClientType client,
                 std::chrono::nanoseconds took);

  // An answer with this status ended an exchange; only 401 and 403 are counted.
  void auth_failure(ClientType client, int status);

  const std::string& name() const { return name_; }

 private:
  friend class Exposition;
  struct Cells;
  std::string name_;
  std::unique_ptr<Cells> cells_;
};

class RouteMetrics {
 public:
  RouteMetrics(std::string listener, std::string route);

  // A request was answered, by the upstream or by us. took: from its first byte to the answer's
  // last.
  void request(int status, std::chrono::nanoseconds took);

 private:
  friend class Exposition;
  static constexpr std::size_t kCodeClasses = 6;  // 1xx to 5xx, and `other`
  std::string listener_;
  std::string route_;
  std::array<Counter, kCodeClasses> requests_;
  Histogram duration_;
};

class UpstreamServerMetrics {
 public:
  UpstreamServerMetrics(std::string upstream, std::string server);

  void failure(UpstreamFailure reason);
  // A connection is in this state for as long as the result lives; assign the next state's over it.
  Held connection(UpstreamState state);

 private:
  friend class Exposition;
  static constexpr std::size_t kFailures = 5;
  static constexpr std::size_t kStates = 3;
  std::string upstream_;
  std::string server_;
  std::array<Counter, kFailures> failures_;
  std::array<Gauge, kStates> connections_;
};

}  // namespace chainmend::metrics
