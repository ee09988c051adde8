#include "proxy/session/handshake_report.h"

#include <string>
#include <variant>

#include "proxy/clients/client_hello.h"
#include "proxy/tls/explain.h"

namespace chainmend::session {

HandshakeReport::HandshakeReport(Connection& connection)
    : connection_(connection),
      started_(net::Clock::now()),
      reported_(connection.client.session() == nullptr) {}

HandshakeReport::~HandshakeReport() { used(); }

void HandshakeReport::handshake_ended() {
  took_ = net::Clock::now() - started_;
  if (!connection_.client.session()->trace().completed) {
    report();
  }
}

void HandshakeReport::report() {
  reported_ = true;
  tls::TlsSession& session = *connection_.client.session();
  const tls::Verdict verdict = tls::explain(session.trace(), tls::capability());
  metrics::ListenerMetrics& metrics = *connection_.listener.metrics;
  if (const auto* kind = std::get_if<tls::NoiseKind>(&verdict)) {
    metrics.noise(*kind);
    connection_.worker.services.log.event(logs::Level::debug, "noise",
                                          {{"conn", connection_.id},
                                           {"listener", connection_.listener.name},
                                           {"kind", tls::to_string(*kind)}});
  } else {
    const auto& outcome = std::get<tls::HandshakeOutcome>(verdict);
    metrics.handshake(outcome, connection_.client_type, took_);
    if (outcome.outcome == tls::Outcome::failed) {
      log_failure(outcome);
    }
  }
  session.forget_hello();
}

void HandshakeReport::log_failure(const tls::HandshakeOutcome& outcome) {
  const auto& hello = connection_.client.session()->trace().hello;
  const std::string peer = connection_.peer_text();
  logs::HandshakeRecord record;
  record.connection = connection_.id;
  record.listener = connection_.listener.name;
  record.peer = peer;
  record.hello = hello.get();
  record.outcome = outcome;
  record.hint = tls::hint(outcome.reason);
  connection_.worker.services.handshakes.write(record);

  const std::string_view sni = hello ? std::string_view(hello->server_name) : std::string_view();
  connection_.worker.services.log.event(
      logs::Level::info, "handshake_failed",
      {{"conn", connection_.id},
       {"listener", connection_.listener.name},
       {"peer", peer},
       {"sni", sni},
       {"offered", clients::version_label(outcome.offered_max_version)},
       {"reason", tls::to_string(outcome.reason)},
       {"stage", tls::to_string(outcome.stage)},
       {"alert", outcome.alert ? tls::alert_name(outcome.alert->code) : "none"},
       {"direction", outcome.alert ? tls::to_string(outcome.alert->direction) : "none"},
       {"hint", record.hint}});
}

}  // namespace chainmend::session
