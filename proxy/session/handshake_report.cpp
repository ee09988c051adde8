#include "proxy/session/handshake_report.h"

#include <algorithm>
#include <chrono>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "proxy/clients/client_hello.h"
#include "proxy/tls/causes.h"
#include "proxy/tls/explain.h"

namespace chainmend::session {

namespace {

// All causes in one sentence, the likeliest first.
std::string sentence_of(const std::vector<tls::PossibleCause>& causes) {
  std::string text;
  for (const tls::PossibleCause& one : causes) {
    text += (text.empty() ? "" : "; or ") + one.text;
  }
  return text;
}

// What to think of first when the certificate is not the cause. Where the TLS is not ours, neither
// are its reasons.
const char* hint_for(const tls::HandshakeTrace& trace, const tls::HandshakeOutcome& outcome) {
  if (outcome.outcome != tls::Outcome::failed) {
    return "";
  }
  if (trace.passed_through && outcome.alert) {
    if (outcome.alert->direction == tls::AlertDirection::sent) {
      return "the server behind ended the handshake with this alert: its own settings and log say "
             "why";
    }
    if (outcome.alert->code == tls::kSealedAlert) {
      return "the client ended the handshake with an encrypted alert: most likely it refuses the "
             "server's certificate";
    }
  }
  if (outcome.alert && outcome.alert->code == tls::kUserCanceled) {
    return "the client cancelled the handshake by itself, as chainmend probe and measure do";
  }
  return tls::hint(outcome.reason);
}

}  // namespace

HandshakeReport::HandshakeReport(Connection& connection)
    : connection_(connection), started_(net::Clock::now()) {
  if (tls::TlsSession* session = connection.client.session()) {
    follow(*session);
  }
}

void HandshakeReport::follow(tls::TlsSession& session) {
  if (connection_.worker.services.handshakes.wants_hellos()) {
    session.keep_first_flight();
  }
  begin(session.trace());
  observer_.reset();
}

void HandshakeReport::follow(std::unique_ptr<tls::WireObserver> observer) {
  begin(observer->trace());
  observer_ = std::move(observer);
}

void HandshakeReport::begin(const tls::HandshakeTrace& trace) {
  trace_ = &trace;
  reported_ = false;
  in_progress_ = connection_.listener.metrics->handshake_begins();
}

HandshakeReport::~HandshakeReport() { used(); }

void HandshakeReport::handshake_ended() {
  took_ = net::Clock::now() - started_;
  in_progress_ = metrics::Held();
  if (!trace_->completed) {
    used();
  }
}

void HandshakeReport::report() {
  reported_ = true;
  const tls::Verdict verdict = tls::explain(*trace_, tls::capability());
  metrics::ListenerMetrics& metrics = *connection_.listener.metrics;
  if (const auto* kind = std::get_if<tls::NoiseKind>(&verdict)) {
    metrics.noise(*kind);
    log_noise(*kind);
  } else {
    const auto& outcome = std::get<tls::HandshakeOutcome>(verdict);
    if (trace_->hello != nullptr) {
      name_client(*trace_, outcome);
      compare_policies(*trace_->hello, outcome.reason);
      const std::string& asked_for = trace_->hello->server_name;
      metrics.server_name(connection_.listener.server_names.label_of(asked_for), outcome.outcome);
    }
    metrics.handshake(outcome, connection_.who.type, took_);
    count_policy(outcome);
    log_outcome(outcome);
  }
  if (tls::TlsSession* session = connection_.client.session()) {
    session->forget_hello();
  }
  observer_.reset();
}

// A PROXY header is a load balancer's doing and locks out everybody behind it; other noise is the
// weather.
void HandshakeReport::log_noise(tls::NoiseKind kind) {
  logs::Log& log = connection_.worker.services.log;
  if (kind == tls::NoiseKind::proxy_header_unexpected) {
    log.event(logs::Level::warn, "proxy_header_unexpected",
              {{"conn", connection_.id},
               {"listener", connection_.listener.name},
               {"peer", connection_.peer_text()},
               {"hint",
                "a PROXY header came before the TLS handshake; set proxy_protocol: true on "
                "this listener, and name the sender in its trusted_sources"}});
  } else {
    log.event(logs::Level::debug, "noise",
              {{"conn", connection_.id},
               {"listener", connection_.listener.name},
               {"kind", tls::to_string(kind)}});
  }
}

void HandshakeReport::name_client(const tls::HandshakeTrace& trace,
                                  const tls::HandshakeOutcome& outcome) {
  clients::KnownClients& known = connection_.worker.services.clients;
  const serving::ServingState& state = *connection_.state;
  const clients::Caller caller{trace.peer, connection_.listener.name, *trace.hello, trace.ja4};
  const auto learned =
      state.learn_clients ? known.learned.find(caller.address, caller.ja4) : std::nullopt;
  connection_.who = state.classifier->name(caller, learned);
  known.hellos.note(caller, connection_.who, outcome.outcome != tls::Outcome::failed,
                    std::chrono::system_clock::now());
}

// What would help: which policies would have taken what this one refused.
void HandshakeReport::compare_policies(const clients::ClientHello& hello, tls::Reason reason) {
  if (reason != tls::Reason::version_unsupported && reason != tls::Reason::no_shared_cipher &&
      reason != tls::Reason::security_level) {
    return;
  }
  for (const serving::Shadow& shadow : connection_.state->shadows) {
    if (shadow.policy.accepts(hello)) {
      connection_.listener.metrics->recoverable(connection_.who.type, shadow.label);
    }
  }
}

// The proof of who was served how: a completed handshake under its policy.
void HandshakeReport::count_policy(const tls::HandshakeOutcome& outcome) {
  const tls::ServedFacts served = served_here();
  if (outcome.outcome == tls::Outcome::failed || served.policy == nullptr) {
    return;
  }
  const auto& shadows = connection_.state->shadows;
  const auto known = std::ranges::find(shadows, served.policy->name, [](const auto& shadow) {
    return std::string_view(shadow.policy.name());
  });
  connection_.listener.metrics->policy(
      known == shadows.end() ? metrics::PolicyLabel() : known->label, outcome.negotiated_version);
}

// Nothing when the handshake was not with us.
tls::ServedFacts HandshakeReport::served_here() const {
  const tls::TlsSession* session = connection_.client.session();
  return session != nullptr && trace_ == &session->trace() ? session->served() : tls::ServedFacts();
}

void HandshakeReport::log_outcome(const tls::HandshakeOutcome& outcome) {
  logs::HandshakeLog& log = connection_.worker.services.handshakes;
  const bool failed = outcome.outcome == tls::Outcome::failed;
  if (!failed && !log.wants_success()) {
    return;
  }
  const std::string peer = connection_.peer_text();
  logs::HandshakeRecord record;
  record.connection = connection_.id;
  record.listener = connection_.listener.name;
  record.peer = peer;
  record.client_type = connection_.who.type.name();
  record.client_rule = connection_.who.rule;
  record.client_confidence = clients::to_string(connection_.who.confidence);
  record.hello = trace_->hello.get();
  record.first_flight = first_flight();
  record.upstream = passed_to_;
  record.outcome = outcome;
  record.served = served_here();
  std::string group;
  if (const tls::TlsSession* session = connection_.client.session();
      session != nullptr && trace_ == &session->trace() && trace_->completed) {
    record.suite = session->suite();
    group = session->group();
    record.group = group;
  }
  const std::vector<tls::PossibleCause> causes =
      tls::causes_of(*trace_, outcome, record.served,
                     std::chrono::floor<std::chrono::seconds>(std::chrono::system_clock::now()));
  const std::string told = !causes.empty()                 ? sentence_of(causes)
                           : !trace_->verify_error.empty() ? trace_->verify_error
                                                           : hint_for(*trace_, outcome);
  record.causes = causes;
  record.hint = told;
  log.write(record);
  if (failed) {
    log_failure(record);
  }
}

// Empty when hellos are not logged.
std::span<const std::uint8_t> HandshakeReport::first_flight() const {
  if (!connection_.worker.services.handshakes.wants_hellos()) {
    return {};
  }
  const tls::TlsSession* session = connection_.client.session();
  return session != nullptr && trace_ == &session->trace() ? session->first_flight()
         : observer_ != nullptr                            ? observer_->first_flight()
                                                           : std::span<const std::uint8_t>();
}

void HandshakeReport::log_failure(const logs::HandshakeRecord& record) {
  const tls::HandshakeOutcome& outcome = record.outcome;
  const std::string_view sni =
      record.hello != nullptr ? std::string_view(record.hello->server_name) : std::string_view();
  connection_.worker.services.log.event(
      logs::Level::info, "handshake_failed",
      {{"conn", connection_.id},
       {"listener", connection_.listener.name},
       {"peer", record.peer},
       {"client_type", record.client_type},
       {"sni", sni},
       {"offered", clients::version_label(outcome.offered_max_version)},
       {"reason", tls::to_string(outcome.reason)},
       {"stage", tls::to_string(outcome.stage)},
       {"alert", outcome.alert ? tls::alert_name(outcome.alert->code) : "none"},
       {"direction", outcome.alert ? tls::to_string(outcome.alert->direction) : "none"},
       {"hint", record.hint}});
}

}  // namespace chainmend::session
