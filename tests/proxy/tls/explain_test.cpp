#include "proxy/tls/explain.h"

#include <gtest/gtest.h>
#include <openssl/err.h>
#include <openssl/ssl.h>

#include <functional>
#include <memory>
#include <string>
#include <vector>

namespace chainmend::tls {
namespace {

using clients::FlightKind;

// A library like Debian's: no SSL 3, no RC4, no 3DES.
Capability library() {
  Capability capability;
  capability.tls1_0 = capability.tls1_1 = capability.tls1_2 = capability.tls1_3 = true;
  capability.suites = {0x002f, 0x0035, 0x009c, 0x1301};
  return capability;
}

HandshakeTrace with_hello(std::uint16_t version = clients::kTls12,
                          std::vector<std::uint16_t> suites = {0x002f}) {
  clients::ClientHello hello;
  hello.legacy_version = version;
  hello.suites = std::move(suites);
  HandshakeTrace trace;
  trace.flight = FlightKind::hello;
  trace.offered_max_version = version;
  trace.hello = std::make_unique<const clients::ClientHello>(std::move(hello));
  trace.bytes_received = 100;
  return trace;
}

HandshakeTrace failed(int error, int alert_sent) {
  HandshakeTrace trace = with_hello();
  if (error != 0) {
    trace.error_reasons = {error};
  }
  if (alert_sent >= 0) {
    trace.alert_sent = Alert{AlertDirection::sent, static_cast<std::uint8_t>(alert_sent)};
  }
  return trace;
}

HandshakeTrace refused(int alert_received) {
  HandshakeTrace trace = with_hello();
  trace.stage = Stage::server_flight;
  trace.alert_received = Alert{AlertDirection::received, static_cast<std::uint8_t>(alert_received)};
  trace.error_reasons = {SSL_AD_REASON_OFFSET + alert_received};
  trace.eof = true;
  return trace;
}

HandshakeTrace offering(std::uint16_t version, std::vector<std::uint16_t> suites, int error) {
  HandshakeTrace trace = with_hello(version, std::move(suites));
  trace.error_reasons = {error};
  trace.alert_sent = Alert{AlertDirection::sent, 40};
  return trace;
}

template <typename Change>
HandshakeTrace changed(HandshakeTrace trace, Change change) {
  change(trace);
  return trace;
}

TEST(Explain, FindsTheReasonOfEachFailure) {
  std::vector<std::pair<HandshakeTrace, Reason>> rows;
  const auto row = [&rows](HandshakeTrace trace, Reason reason) {
    rows.emplace_back(std::move(trace), reason);
  };
  row(failed(SSL_R_UNSUPPORTED_PROTOCOL, 70), Reason::version_unsupported);
  row(failed(SSL_R_VERSION_TOO_LOW, 40), Reason::version_unsupported);
  row(failed(SSL_R_NO_SUITABLE_SIGNATURE_ALGORITHM, 80), Reason::security_level);
  row(failed(SSL_R_NO_SUITABLE_SIGNATURE_ALGORITHM, 40), Reason::no_shared_sigalg);
  row(failed(SSL_R_NO_SHARED_SIGNATURE_ALGORITHMS, 40), Reason::no_shared_sigalg);
  row(failed(SSL_R_NO_SHARED_CIPHER, 40), Reason::no_shared_cipher);
  row(failed(SSL_R_NO_SUITABLE_KEY_SHARE, 40), Reason::no_shared_group);
  row(offering(clients::kTls10, {0x0004, 0x0005, 0x000a, 0x00ff}, SSL_R_NO_SHARED_CIPHER),
      Reason::library_unsupported);
  row(offering(clients::kTls10, {0x0004, 0x002f}, SSL_R_NO_SHARED_CIPHER),
      Reason::no_shared_cipher);
  row(offering(clients::kSsl3, {0x002f}, SSL_R_VERSION_TOO_LOW), Reason::library_unsupported);
  row(offering(clients::kSsl2, {0x002f}, SSL_R_UNSUPPORTED_PROTOCOL), Reason::library_unsupported);
  row(refused(48), Reason::client_unknown_ca);
  row(refused(42), Reason::client_bad_certificate);
  row(refused(43), Reason::client_bad_certificate);
  row(refused(44), Reason::client_bad_certificate);
  row(refused(45), Reason::client_certificate_expired);
  row(refused(46), Reason::client_certificate_unknown);
  row(refused(80), Reason::client_alert_other);
  row(refused(0), Reason::client_aborted);
  row(refused(90), Reason::client_aborted);
  row(failed(SSL_R_PEER_DID_NOT_RETURN_A_CERTIFICATE, 116), Reason::client_cert_missing);
  for (const Reason judged : {Reason::client_cert_untrusted, Reason::client_cert_expired,
                              Reason::client_cert_revoked, Reason::client_cert_unsuitable}) {
    row(changed(failed(SSL_R_CERTIFICATE_VERIFY_FAILED, 42),
                [&](HandshakeTrace& t) { t.verify_reason = judged; }),
        judged);
  }
  row(failed(SSL_R_INAPPROPRIATE_FALLBACK, 86), Reason::protocol_error);
  row(failed(SSL_R_DECRYPTION_FAILED_OR_BAD_RECORD_MAC, 20), Reason::protocol_error);
  row(failed(SSL_R_UNEXPECTED_MESSAGE, -1), Reason::protocol_error);
  row(failed(ERR_R_INTERNAL_ERROR, 80), Reason::internal);
  row(failed(0, -1), Reason::internal);
  row(changed(with_hello(), [](HandshakeTrace& t) { t.eof = true; }), Reason::client_aborted);
  row(changed(with_hello(), [](HandshakeTrace& t) { t.reset = true; }), Reason::client_aborted);
  row(changed(with_hello(), [](HandshakeTrace& t) { t.timed_out = true; }), Reason::timeout);
  for (const auto& [trace, reason] : rows) {
    const auto outcome = std::get<HandshakeOutcome>(explain(trace, library()));
    EXPECT_EQ(outcome.outcome, Outcome::failed);
    EXPECT_STREQ(to_string(outcome.reason), to_string(reason));
    EXPECT_EQ(outcome.alert, trace.alert_received ? trace.alert_received : trace.alert_sent);
    EXPECT_EQ(outcome.stage, trace.stage);
  }
}

TEST(Explain, TakesTheAlertOfAnotherServerAtItsWord) {
  const auto passed = [](int alert, Stage stage = Stage::server_flight, bool asked = false) {
    HandshakeTrace trace = failed(0, alert);
    trace.passed_through = true;
    trace.stage = stage;
    trace.client_certificate_asked = asked;
    return trace;
  };
  const std::pair<HandshakeTrace, Reason> rows[] = {
      {passed(40, Stage::hello), Reason::no_shared_cipher},
      {passed(40, Stage::client_key, true), Reason::client_cert_missing},
      {passed(40, Stage::client_key), Reason::protocol_error},
      {passed(42), Reason::client_cert_untrusted},
      {passed(43), Reason::client_cert_unsuitable},
      {passed(44), Reason::client_cert_revoked},
      {passed(45), Reason::client_cert_expired},
      {passed(48), Reason::client_cert_untrusted},
      {passed(51), Reason::protocol_error},
      {passed(70, Stage::hello), Reason::version_unsupported},
      {passed(71), Reason::no_shared_cipher},
      {passed(80), Reason::upstream_failed},
      {passed(112), Reason::sni_unknown},
      {passed(116), Reason::client_cert_missing},
      {passed(kSealedAlert), Reason::upstream_failed},
      {changed(with_hello(), [](HandshakeTrace& t) { t.server_failed = true; }),
       Reason::upstream_failed},
  };
  for (const auto& [trace, reason] : rows) {
    EXPECT_STREQ(to_string(std::get<HandshakeOutcome>(explain(trace, library())).reason),
                 to_string(reason));
  }
}

TEST(Explain, TellsWhatBecameOfACompletedHandshake) {
  const auto completed = [](auto change) {
    HandshakeTrace trace = with_hello();
    trace.completed = true;
    trace.version = clients::kTls12;
    trace.stage = Stage::finished;
    change(trace);
    return std::get<HandshakeOutcome>(explain(trace, library()));
  };
  const HandshakeOutcome used = completed([](HandshakeTrace& t) { t.application_bytes = 1; });
  EXPECT_EQ(used.outcome, Outcome::full);
  EXPECT_EQ(used.reason, Reason::none);
  EXPECT_EQ(used.stage, Stage::after_finished);
  EXPECT_EQ(used.negotiated_version, clients::kTls12);
  EXPECT_EQ(used.offered_max_version, clients::kTls12);
  EXPECT_EQ(completed([](HandshakeTrace& t) {
              t.application_bytes = 1;
              t.resumed = true;
            }).outcome,
            Outcome::resumed);
  EXPECT_EQ(completed([](HandshakeTrace& t) { t.eof = true; }).outcome, Outcome::completed_unused);
  EXPECT_EQ(completed([](HandshakeTrace& t) { t.timed_out = true; }).outcome,
            Outcome::completed_unused);
  const HandshakeOutcome late = completed([](HandshakeTrace& t) {
    t.alert_received = Alert{AlertDirection::received, 48};
    t.eof = true;
  });
  EXPECT_EQ(late.outcome, Outcome::failed);
  EXPECT_EQ(late.reason, Reason::alert_after_finished);
  EXPECT_EQ(late.alert, (Alert{AlertDirection::received, 48}));
  // An alert after application data is the end of a used connection, not a failed handshake.
  EXPECT_EQ(completed([](HandshakeTrace& t) {
              t.application_bytes = 1;
              t.alert_received = Alert{AlertDirection::received, 48};
            }).outcome,
            Outcome::full);
}

TEST(Explain, CountsConnectionsWithoutAHelloAsNoise) {
  const struct {
    FlightKind flight;
    std::function<void(HandshakeTrace&)> change;
    NoiseKind kind;
  } rows[] = {
      {FlightKind::need_more, [](HandshakeTrace& t) { t.eof = true; }, NoiseKind::connect_close},
      {FlightKind::need_more, [](HandshakeTrace& t) { t.reset = true; }, NoiseKind::reset},
      {FlightKind::need_more, [](HandshakeTrace& t) { t.timed_out = true; },
       NoiseKind::partial_hello_timeout},
      {FlightKind::http_request, [](HandshakeTrace&) {}, NoiseKind::http_request},
      {FlightKind::not_tls, [](HandshakeTrace& t) { t.eof = true; }, NoiseKind::not_tls},
      {FlightKind::malformed, [](HandshakeTrace&) {}, NoiseKind::not_tls},
      {FlightKind::too_long, [](HandshakeTrace&) {}, NoiseKind::not_tls},
  };
  for (const auto& row : rows) {
    HandshakeTrace trace;
    trace.flight = row.flight;
    row.change(trace);
    EXPECT_STREQ(to_string(std::get<NoiseKind>(explain(trace, library()))), to_string(row.kind));
  }
}

TEST(Explain, KnowsTheHelloAfterItsFactsWereForgotten) {
  HandshakeTrace trace = failed(SSL_R_UNSUPPORTED_PROTOCOL, 70);
  trace.offered_max_version = clients::kTls10;
  trace.hello.reset();
  const auto outcome = std::get<HandshakeOutcome>(explain(trace, library()));
  EXPECT_EQ(outcome.reason, Reason::version_unsupported);
  EXPECT_EQ(outcome.offered_max_version, clients::kTls10);
}

}  // namespace
}  // namespace chainmend::tls
