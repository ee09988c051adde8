// What is counted of the servers behind. Thread-safe, a relaxed addition or store per verb.
#pragma once

#include <array>
#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>

#include "proxy/enums/names.h"
#include "proxy/metrics/cells.h"

namespace chainmend::metrics {

template <typename Owner>
struct Family;

enum class UpstreamFailure : std::uint8_t { connect, tls, timeout, reset, protocol };
inline constexpr enums::Names<UpstreamFailure> kUpstreamFailureNames{"connect", "tls", "timeout",
                                                                     "reset", "protocol"};
constexpr const char* to_string(UpstreamFailure reason) { return kUpstreamFailureNames[reason]; }

enum class UpstreamState : std::uint8_t { idle, active, pinned };
inline constexpr enums::Names<UpstreamState> kUpstreamStateNames{"idle", "active", "pinned"};
constexpr const char* to_string(UpstreamState state) { return kUpstreamStateNames[state]; }

// Whether a server may be asked, and what stands in the way.
enum class ServerState : std::uint8_t { up, down, ejected, draining, disabled };
inline constexpr enums::Names<ServerState> kServerStateNames{"up", "down", "ejected", "draining",
                                                             "disabled"};
constexpr const char* to_string(ServerState state) { return kServerStateNames[state]; }

// What became of a health check.
enum class CheckOutcome : std::uint8_t {
  ok,
  connect,
  tls,
  timeout,
  closed,
  protocol,
  status,
  header,
  body,
};
inline constexpr enums::Names<CheckOutcome> kCheckOutcomeNames{
    "ok", "connect", "tls", "timeout", "closed", "protocol", "status", "header", "body"};
constexpr const char* to_string(CheckOutcome outcome) { return kCheckOutcomeNames[outcome]; }

// One server of an upstream. Lives as long as Metrics.
class UpstreamServerMetrics {
 public:
  static constexpr std::size_t kMaxScopes = 9;  // the whole, and the directories of Exchange

  UpstreamServerMetrics();

  void failure(UpstreamFailure reason) { failures_[reason].add(); }
  // A connection is in this state for as long as the result lives; assign the next state's over it.
  Held connection(UpstreamState state) { return Held(connections_[state]); }
  // How long a new connection took, up to where TLS begins, and its handshake.
  void connected(std::chrono::nanoseconds took) { connect_.observe(took); }
  void shook_hands(std::chrono::nanoseconds took) { handshake_.observe(took); }
  // From the end of a request's head to the first byte of its answer.
  void answered(std::chrono::nanoseconds took) { first_byte_.observe(took); }
  void ejected() { ejections_.add(); }
  void checked(CheckOutcome outcome) { checks_[outcome].add(); }
  // What its state is now; set before a scrape. Not shown before it was set.
  void state(ServerState state) {
    state_.store(static_cast<int>(state), std::memory_order_relaxed);
  }
  void forget_state();
  // Likewise of a check, by its place in scope_names; -1: there is no such check.
  void check_up(std::size_t scope, int up) { scopes_[scope].store(up, std::memory_order_relaxed); }

  std::uint64_t failures(UpstreamFailure reason) const { return failures_[reason].value(); }
  std::int64_t connections(UpstreamState state) const { return connections_[state].value(); }
  const Histogram& times_to_first_byte() const { return first_byte_; }

 private:
  friend class Metrics;
  static std::span<const Family<UpstreamServerMetrics>> families();

  enums::Array<Counter, UpstreamFailure> failures_;
  enums::Array<Gauge, UpstreamState> connections_;
  enums::Array<Counter, CheckOutcome> checks_;
  Counter ejections_;
  std::atomic<int> state_{-1};
  std::array<std::atomic<int>, kMaxScopes> scopes_;
  Histogram connect_, handshake_, first_byte_;
};

// Why a request was answered 503 although nothing is wrong with it.
enum class Refusal : std::uint8_t { all_down, queue_full, queue_timeout };
inline constexpr enums::Names<Refusal> kRefusalNames{"all_down", "queue_full", "queue_timeout"};
constexpr const char* to_string(Refusal why) { return kRefusalNames[why]; }

// An upstream as a whole. Lives as long as Metrics.
class UpstreamMetrics {
 public:
  // A request waits for a server as long as the result lives.
  Held waits() { return Held(waiting_); }
  void refused(Refusal why) { refused_[why].add(); }

 private:
  friend class Metrics;
  static std::span<const Family<UpstreamMetrics>> families();

  Gauge waiting_;
  enums::Array<Counter, Refusal> refused_;
};

// Whether a listener serves the certificate of a server behind it.
struct CertificateMatch {
  std::string upstream, server, listener;
  bool same = false;

 private:
  friend class Metrics;
  static std::span<const Family<CertificateMatch>> families();
};

// What an upstream serves to the clients that are passed through to it; shown as long as somebody
// holds it and knows something.
class UpstreamChainMetrics {
 public:
  void complete(bool yes) { complete_.store(yes ? 1 : 0, std::memory_order_relaxed); }

 private:
  friend class Metrics;
  static std::span<const Family<UpstreamChainMetrics>> families();

  std::atomic<int> complete_{-1};  // -1: not known yet
};

}  // namespace chainmend::metrics
