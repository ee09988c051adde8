#include "proxy/metrics/listener.h"

#include <map>

#include "proxy/metrics/family.h"

namespace chainmend::metrics {
namespace {

using namespace std::chrono_literals;

constexpr std::array<std::chrono::nanoseconds, 11> kHandshakeBounds{
    5ms, 10ms, 25ms, 50ms, 100ms, 250ms, 500ms, 1s, 2500ms, 5s, 10s};

const char* version_name(std::size_t index) { return clients::version_label(kVersions[index]); }

std::int64_t unix_seconds(std::chrono::system_clock::time_point at) {
  return std::chrono::floor<std::chrono::seconds>(at).time_since_epoch().count();
}

}  // namespace

Families<ListenerMetrics> ListenerMetrics::families() {
  using M = ListenerMetrics;
  static constexpr Family<M> kFamilies[] = {
      {"connections", "Client connections open now.", Type::gauge,
       [](const M& m, Samples& out) { out.add(m.open_); }},
      {"connections_total", "Client connections accepted.", Type::counter,
       [](const M& m, Samples& out) { out.add(m.accepted_); }},
      {"connections_rejected_total", "Client connections turned away, by the limit that did.",
       Type::counter, [](const M& m, Samples& out) { out.each("reason", m.rejected_); }},
      {"connections_cut_total",
       "Client connections ended by a limit: an idle one to make room for a new one, or one whose "
       "body came, or whose answer was taken, too slowly.",
       Type::counter, [](const M& m, Samples& out) { out.each("reason", m.cut_); }},
      {"tls_handshake_duration_seconds",
       "Time from accepting a connection to the end of its handshake, completed ones only.",
       Type::histogram, [](const M& m, Samples& out) { out.add(m.duration_); }},
      {"tls_handshakes_in_progress", "Connections accepted whose handshake has not ended yet.",
       Type::gauge, [](const M& m, Samples& out) { out.add(m.in_progress_); }},
      {"tls_noise_total", "Connections that never sent a ClientHello, by kind.", Type::counter,
       [](const M& m, Samples& out) { out.counted("kind", m.noise_); }},
      {"tls_policy_handshakes_total",
       "Completed handshakes by the TLS policy that the client was served under, and by the "
       "negotiated version.",
       Type::counter,
       [](const M& m, Samples& out) {
         for (std::size_t policy = 0; policy < m.policies_.size(); ++policy) {
           for (std::size_t version = 0; version < kVersions.size(); ++version) {
             if (const auto count = m.by_policy_[policy][version].value(); count > 0) {
               out.add(
                   {{"policy", m.policies_.name(policy)}, {"tls_version", version_name(version)}},
                   static_cast<double>(count));
             }
           }
         }
       }},
      {"tls_server_name_total",
       "Handshakes by the name that the client asked for: one of a certificate or of a rule for "
       "passing on, `other` for all else, `none` without one.",
       Type::counter,
       [](const M& m, Samples& out) {
         for (std::size_t name = 0; name < m.names_.size(); ++name) {
           for (std::size_t i = 0; i < m.server_names_[name].size(); ++i) {
             const auto outcome = static_cast<tls::Outcome>(i);
             if (const auto count = m.server_names_[name][outcome].value(); count > 0) {
               out.add({{"server_name", m.names_.name(name)}, {"outcome", tls::to_string(outcome)}},
                       static_cast<double>(count));
             }
           }
         }
       }},
      {"tls_alerts_total", "Alerts that ended a handshake, by who sent them.", Type::counter,
       [](const M& m, Samples& out) {
         for (const auto direction : {tls::AlertDirection::sent, tls::AlertDirection::received}) {
           std::map<std::string_view, std::uint64_t> by_name;  // several codes are "other"
           for (std::size_t code = 0; code < m.alerts_[direction].size(); ++code) {
             if (const auto count = m.alerts_[direction][code].value(); count > 0) {
               by_name[tls::alert_name(static_cast<std::uint8_t>(code))] += count;
             }
           }
           for (const auto& [alert, count] : by_name) {
             out.add({{"direction", tls::to_string(direction)}, {"alert", alert}},
                     static_cast<double>(count));
           }
         }
       }},
  };
  return kFamilies;
}

Families<ListenerMetrics::Client> ListenerMetrics::client_families() {
  static constexpr Family<Client> kFamilies[] = {
      {"tls_handshakes_total",
       "Connections that sent a ClientHello, by what became of the handshake; the success rate is "
       "(full + resumed) / (full + resumed + failed).",
       Type::counter,
       [](const Client& c, Samples& out) { out.each_once_counted("outcome", c.cells.outcomes); }},
      {"tls_handshake_failures_total", "Failed handshakes by reason.", Type::counter,
       [](const Client& c, Samples& out) { out.counted("reason", c.cells.reasons); }},
      {"tls_recoverable_total",
       "Failed handshakes whose hello this policy would have accepted, by versions and suites.",
       Type::counter,
       [](const Client& c, Samples& out) {
         out.counted("policy", c.cells.recoverable,
                     [&](std::size_t i) { return c.listener.policies_.name(i); });
       }},
      {"tls_negotiated_total", "Completed handshakes by negotiated version.", Type::counter,
       [](const Client& c, Samples& out) {
         out.counted("tls_version", c.cells.negotiated, version_name);
       }},
      {"tls_offered_max_version_total", "Handshakes by the best version that the client offered.",
       Type::counter,
       [](const Client& c, Samples& out) {
         out.counted("tls_version", c.cells.offered_max, version_name);
       }},
      {"client_certificate_total",
       "Handshakes in which the client was asked for a certificate and answered: by us, or by the "
       "server that it was passed to, as far as that can be seen (up to TLS 1.2); rejected: the "
       "handshake was ended because of it. A resumed session is not asked again.",
       Type::counter,
       [](const Client& c, Samples& out) { out.counted("outcome", c.cells.certificates); }},
      {"http_auth_failures_total", "Exchanges that ended in 401 or 403 after a good handshake.",
       Type::counter,
       [](const Client& c, Samples& out) { out.counted("code", c.cells.auth_failures); }},
  };
  return kFamilies;
}

ListenerMetrics::ListenerMetrics(const NumberedNames& policies)
    : duration_(kHandshakeBounds), policies_(policies) {}

Held ListenerMetrics::connection() {
  accepted_.add();
  return Held(open_);
}

void ListenerMetrics::rejected(RejectReason reason) { rejected_[reason].add(); }

void ListenerMetrics::cut(CutReason reason) { cut_[reason].add(); }

Held ListenerMetrics::handshake_begins() { return Held(in_progress_); }

void ListenerMetrics::handshake(const tls::HandshakeOutcome& outcome, ClientType client,
                                std::chrono::nanoseconds took,
                                std::chrono::system_clock::time_point ended) {
  ClientCells& cells = of(client);
  cells.outcomes[outcome.outcome].add();
  cells.offered_max[version_index(outcome.offered_max_version)].add();
  if (outcome.outcome == tls::Outcome::failed) {
    cells.reasons[outcome.reason].add();
  } else {
    const std::size_t version = version_index(outcome.negotiated_version);
    cells.negotiated[version].add();
    cells.last_negotiated[version].store(unix_seconds(ended), std::memory_order_relaxed);
    duration_.observe(took);
  }
  if (outcome.outcome == tls::Outcome::full || outcome.outcome == tls::Outcome::resumed) {
    cells.last_success.store(unix_seconds(ended), std::memory_order_relaxed);
  }
  if (outcome.alert) {
    alerts_[outcome.alert->direction][outcome.alert->code].add();
  }
  if (outcome.client_certificate) {
    cells.certificates[*outcome.client_certificate].add();
  }
}

void ListenerMetrics::policy(PolicyLabel policy, std::uint16_t version) {
  by_policy_[policy.index % by_policy_.size()][version_index(version)].add();
}

void ListenerMetrics::server_name(ServerNameLabel name, tls::Outcome outcome) {
  server_names_[name.index % server_names_.size()][outcome].add();
}

void ListenerMetrics::recoverable(ClientType client, PolicyLabel policy) {
  of(client).recoverable[policy.index % (kMaxPolicies + 1)].add();
}

void ListenerMetrics::noise(tls::NoiseKind kind) { noise_[kind].add(); }

void ListenerMetrics::auth_failure(ClientType client, int status) {
  if (status == 401 || status == 403) {
    of(client)
        .auth_failures[status == 401 ? AuthFailure::unauthorized : AuthFailure::forbidden]
        .add();
  }
}

}  // namespace chainmend::metrics
