// ListenerMetrics: what is counted of one listener: connections, handshakes, noise. Made by Metrics
// when a snapshot is built, lives as long as Metrics and is the same object for the same name, so
// that counts run on over a reload. Verbs may be called from any thread and cost a few relaxed
// additions each.
#pragma once

#include <array>
#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <span>

#include "proxy/clients/client_type.h"
#include "proxy/enums/names.h"
#include "proxy/metrics/cells.h"
#include "proxy/metrics/labels.h"
#include "proxy/metrics/versions.h"
#include "proxy/tls/handshake_outcome.h"

namespace chainmend::metrics {

template <typename Owner>
struct Family;

using clients::ClientType;

// Which limit turned a connection away.
enum class RejectReason : std::uint8_t {
  max_connections,
  no_descriptors,
  listener_connections,
  per_source,
  new_per_second,
  handshakes,
};
inline constexpr enums::Names<RejectReason> kRejectReasonNames{
    "max_connections", "no_descriptors", "listener_connections",
    "per_source",      "new_per_second", "handshakes"};
constexpr const char* to_string(RejectReason reason) { return kRejectReasonNames[reason]; }

// Which limit ended what was under way.
enum class CutReason : std::uint8_t {
  idle,          // nothing was: a connection between requests, closed to make room for a new one
  request_rate,  // a body came too slowly
  answer_rate,   // an answer was taken too slowly
};
inline constexpr enums::Names<CutReason> kCutReasonNames{"idle", "request_rate", "answer_rate"};
constexpr const char* to_string(CutReason reason) { return kCutReasonNames[reason]; }

// Answers that say that the client, or what it may do, is not known.
enum class AuthFailure : std::uint8_t { unauthorized, forbidden };
inline constexpr enums::Names<AuthFailure> kAuthFailureNames{"401", "403"};
constexpr const char* to_string(AuthFailure failure) { return kAuthFailureNames[failure]; }

class ListenerMetrics {
 public:
  // policies: the names behind PolicyLabel; must outlive this.
  explicit ListenerMetrics(const NumberedNames& policies);

  // A connection was accepted: counted, and open for as long as the result lives.
  Held connection();
  // A connection was turned away instead.
  void rejected(RejectReason reason);
  // A limit ended one that had been accepted.
  void cut(CutReason reason);
  std::int64_t open_connections() const { return open_.value(); }
  std::int64_t handshakes_in_progress() const { return in_progress_.value(); }

  // A handshake is in progress for as long as the result lives.
  Held handshake_begins();
  // A handshake ended, well or not: its outcome, reason, versions and alert are counted.
  // took: from accept to the end of the handshake; shown for completed ones only, so that hanging
  // clients do not hide how fast the others are. ended: for the time of the last success.
  void handshake(const tls::HandshakeOutcome& outcome, ClientType client,
                 std::chrono::nanoseconds took,
                 std::chrono::system_clock::time_point ended = std::chrono::system_clock::now());
  // A handshake completed under this policy, with this version.
  void policy(PolicyLabel policy, std::uint16_t version);
  // The same handshake, by the name that its client asked for.
  void server_name(ServerNameLabel name, tls::Outcome outcome);
  // The hello of a failed handshake would have been accepted under this policy.
  void recoverable(ClientType client, PolicyLabel policy);
  // A connection ended that never sent a ClientHello.
  void noise(tls::NoiseKind kind);

  // An answer with this status ended an exchange; only 401 and 403 are counted.
  void auth_failure(ClientType client, int status);

 private:
  friend class Metrics;

  struct ClientCells {
    enums::Array<Counter, tls::Outcome> outcomes;
    enums::Array<Counter, tls::Reason> reasons;
    std::array<Counter, kVersions.size()> negotiated;
    std::array<Counter, kVersions.size()> offered_max;
    enums::Array<Counter, AuthFailure> auth_failures;
    enums::Array<Counter, tls::ClientCertificate> certificates;
    std::array<Counter, kMaxPolicies + 1> recoverable;  // by PolicyLabel
    std::atomic<std::int64_t> last_success{0};          // Unix time in seconds; 0: none yet
    std::array<std::atomic<std::int64_t>, kVersions.size()> last_negotiated{};  // likewise
  };
  // The cells of one type of client on one listener.
  struct Client {
    const ListenerMetrics& listener;
    const ClientCells& cells;
  };

  // What is shown of a listener, and of each type of client on it.
  static std::span<const Family<ListenerMetrics>> families();
  static std::span<const Family<Client>> client_families();

  ClientCells& of(ClientType client) { return clients_[client.index()]; }

  Gauge open_;
  Gauge in_progress_;
  Counter accepted_;
  enums::Array<Counter, RejectReason> rejected_;
  enums::Array<Counter, CutReason> cut_;
  enums::Array<Counter, tls::NoiseKind> noise_;
  enums::Array<std::array<Counter, 256>, tls::AlertDirection> alerts_;  // by code
  Histogram duration_;
  std::array<std::array<Counter, kVersions.size()>, kMaxPolicies + 1> by_policy_;  // PolicyLabel
  std::array<ClientCells, ClientType::kLimit> clients_;
  NumberedNames names_{{"other", "none"}, kMaxServerNames + 2};  // behind ServerNameLabel
  std::array<enums::Array<Counter, tls::Outcome>, kMaxServerNames + 2> server_names_;
  const NumberedNames& policies_;
};

}  // namespace chainmend::metrics
