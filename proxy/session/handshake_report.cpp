#include "proxy/session/handshake_report.h"

#include <array>
#include <string>
#include <variant>

#include "proxy/clients/fingerprint.h"
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

namespace {

std::vector<std::string_view> offered_versions(const clients::ClientHello& hello) {
  std::vector<std::string_view> names;
  if (hello.supported_versions.empty()) {
    names.emplace_back(clients::version_label(hello.legacy_version));
  }
  for (const std::uint16_t version : hello.supported_versions) {
    if (!clients::is_grease(version)) {
      names.emplace_back(clients::version_label(version));
    }
  }
  return names;
}

}  // namespace

void HandshakeReport::log_failure(const tls::HandshakeOutcome& outcome) {
  const std::string peer = connection_.peer_text();
  logs::HandshakeRecord record;
  record.connection = connection_.id;
  record.listener = connection_.listener.name;
  record.peer = peer;
  record.outcome = tls::to_string(outcome.outcome);
  record.reason = tls::to_string(outcome.reason);
  record.stage = tls::to_string(outcome.stage);
  record.hint = tls::hint(outcome.reason);
  if (outcome.alert) {
    record.alert = tls::alert_name(outcome.alert->code);
    record.direction = tls::to_string(outcome.alert->direction);
  }
  std::vector<std::string_view> versions;
  std::string ja3;
  std::string ja4;
  if (const auto& hello = connection_.client.session()->trace().hello) {
    versions = offered_versions(*hello);
    ja3 = clients::ja3(*hello);
    ja4 = clients::ja4(*hello);
    record.sni = hello->server_name;
    record.versions = versions;
    record.suites = hello->suites;
    record.ja3 = ja3;
    record.ja4 = ja4;
  }
  const std::string type =
      connection_.worker.services.metrics.client_type_name(connection_.client_type);
  record.client_type = type;
  connection_.worker.services.handshakes.write(record);
  connection_.worker.services.log.event(logs::Level::info, "handshake_failed",
                                        {{"conn", connection_.id},
                                         {"listener", connection_.listener.name},
                                         {"peer", peer},
                                         {"sni", record.sni},
                                         {"reason", record.reason},
                                         {"alert", record.alert},
                                         {"direction", record.direction},
                                         {"stage", record.stage},
                                         {"hint", record.hint}});
}

}  // namespace chainmend::session
