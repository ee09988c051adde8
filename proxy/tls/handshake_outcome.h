// HandshakeOutcome: what became of one handshake, as enums only, so that it can be metric labels.
// to_string() gives the label.
#pragma once

#include <cstdint>
#include <optional>

#include "proxy/enums/names.h"

namespace chainmend::tls {

enum class Outcome {
  full,
  resumed,
  failed,
  completed_unused,  // completed, then closed before one byte of application data: how several old
                     // clients reject a chain, and how browsers preconnect; counts neither as
                     // success nor as failure
};
inline constexpr enums::Names<Outcome> kOutcomeNames{"full", "resumed", "failed",
                                                     "completed_unused"};
constexpr const char* to_string(Outcome value) { return kOutcomeNames[value]; }

enum class Reason {
  none,                 // outcome is not failed
  version_unsupported,  // offers only versions the policy forbids
  security_level,       // version allowed, security level forbids it: an error in the configuration
  no_shared_cipher,
  no_shared_group,
  no_shared_sigalg,
  library_unsupported,         // offers only what this OpenSSL lacks: SSL 3, RC4, 3DES
  client_unknown_ca,           // alert 48: the chain, or the root
  client_bad_certificate,      // alerts 42, 43, 44
  client_certificate_expired,  // alert 45
  client_certificate_unknown,  // alert 46
  client_alert_other,
  alert_after_finished,  // a fatal alert after the handshake, before any application data
  sni_unknown,
  sni_missing,
  client_cert_missing,
  client_cert_untrusted,
  client_cert_expired,
  client_cert_revoked,
  client_cert_unsuitable,  // made for something else than client authentication
  client_aborted,          // closed or reset after the hello, without an alert
  timeout,
  protocol_error,  // broken messages, bad MAC, a forbidden fallback
  policy_denied,
  rate_limited,
  overload,
  upstream_failed,  // passed through: the server cannot be reached, or ended the handshake without
                    // an alert that can be read
  internal,
};
inline constexpr enums::Names<Reason> kReasonNames{"none",
                                                   "version_unsupported",
                                                   "security_level",
                                                   "no_shared_cipher",
                                                   "no_shared_group",
                                                   "no_shared_sigalg",
                                                   "library_unsupported",
                                                   "client_unknown_ca",
                                                   "client_bad_certificate",
                                                   "client_certificate_expired",
                                                   "client_certificate_unknown",
                                                   "client_alert_other",
                                                   "alert_after_finished",
                                                   "sni_unknown",
                                                   "sni_missing",
                                                   "client_cert_missing",
                                                   "client_cert_untrusted",
                                                   "client_cert_expired",
                                                   "client_cert_revoked",
                                                   "client_cert_unsuitable",
                                                   "client_aborted",
                                                   "timeout",
                                                   "protocol_error",
                                                   "policy_denied",
                                                   "rate_limited",
                                                   "overload",
                                                   "upstream_failed",
                                                   "internal"};
constexpr const char* to_string(Reason value) { return kReasonNames[value]; }

// How far a handshake came.
enum class Stage {
  hello,          // nothing answered yet
  server_flight,  // ServerHello and certificate sent, nothing back
  client_key,     // the client's key exchange (or certificate) received
  finished,       // the peer's Finished received, not completed yet
  after_finished,
};
inline constexpr enums::Names<Stage> kStageNames{"hello", "server_flight", "client_key", "finished",
                                                 "after_finished"};
constexpr const char* to_string(Stage value) { return kStageNames[value]; }

// Connections that never sent a ClientHello: port probes and strangers, counted apart from
// handshakes.
enum class NoiseKind {
  connect_close,
  reset,
  http_request,
  not_tls,
  partial_hello_timeout,    // no whole hello in time
  proxy_header_missing,     // a trusted proxy sent none where the listener expects one
  proxy_header_unexpected,  // a PROXY header where the listener expects TLS
};
inline constexpr enums::Names<NoiseKind> kNoiseKindNames{
    "connect_close",          "reset",
    "http_request",           "not_tls",
    "partial_hello_timeout",  "proxy_header_missing",
    "proxy_header_unexpected"};
constexpr const char* to_string(NoiseKind value) { return kNoiseKindNames[value]; }

enum class AlertDirection { sent, received };
inline constexpr enums::Names<AlertDirection> kAlertDirectionNames{"sent", "received"};
constexpr const char* to_string(AlertDirection value) { return kAlertDirectionNames[value]; }

// The code of an alert of others that was encrypted: no alert has it.
inline constexpr std::uint8_t kSealedAlert = 255;

// A client ends a handshake, and not because of anything that the server did (RFC 8446 6.1).
inline constexpr std::uint8_t kUserCanceled = 90;

struct Alert {
  AlertDirection direction = AlertDirection::sent;
  std::uint8_t code = 0;
  bool operator==(const Alert&) const = default;
};

// What became of the wish, ours or a server's, for a certificate of the client.
enum class ClientCertificate {
  none,      // the client has none, and said so
  accepted,  // the handshake completed with it; over HTTP the server may still refuse it
  rejected,
};
inline constexpr enums::Names<ClientCertificate> kClientCertificateNames{"none", "accepted",
                                                                         "rejected"};
constexpr const char* to_string(ClientCertificate value) { return kClientCertificateNames[value]; }

struct HandshakeOutcome {
  Outcome outcome = Outcome::failed;
  Reason reason = Reason::none;
  Stage stage = Stage::hello;  // for the log, not a label
  std::optional<Alert> alert;  // the fatal one, or the one that ended it
  std::uint16_t offered_max_version = 0;
  std::uint16_t negotiated_version = 0;                 // 0: none
  std::optional<ClientCertificate> client_certificate;  // nothing asked for, answered or visible
  bool operator==(const HandshakeOutcome&) const = default;
};

// IANA's name ("unknown_ca"), "encrypted" or "other".
const char* alert_name(std::uint8_t code);

}  // namespace chainmend::tls
