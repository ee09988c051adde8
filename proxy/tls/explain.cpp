#include "proxy/tls/explain.h"

#include <openssl/err.h>
#include <openssl/ssl.h>

#include <algorithm>

#include "certs/openssl.h"

namespace chainmend::tls {
namespace {

using clients::FlightKind;

NoiseKind noise_of(const HandshakeTrace& trace) {
  switch (trace.flight) {
    case FlightKind::http_request:
      return NoiseKind::http_request;
    case FlightKind::proxy_header:
      return NoiseKind::proxy_header_unexpected;
    case FlightKind::not_tls:
    case FlightKind::malformed:
    case FlightKind::too_long:
      return NoiseKind::not_tls;
    default:
      break;
  }
  if (trace.timed_out) {
    return NoiseKind::partial_hello_timeout;
  }
  return trace.reset ? NoiseKind::reset : NoiseKind::connect_close;
}

Reason reason_of_received(std::uint8_t alert) {
  switch (alert) {
    case 48:
      return Reason::client_unknown_ca;
    case 42:
    case 43:
    case 44:
      return Reason::client_bad_certificate;
    case 45:
      return Reason::client_certificate_expired;
    case 46:
      return Reason::client_certificate_unknown;
    case 0:  // close_notify
    case kUserCanceled:
      return Reason::client_aborted;
    default:
      return Reason::client_alert_other;
  }
}

// True when the client offers nothing that this OpenSSL could speak under any policy.
bool beyond_library(const HandshakeTrace& trace, const Capability& capability) {
  if (trace.offered_max_version == clients::kSsl2 ||
      (trace.offered_max_version == clients::kSsl3 && !capability.ssl3)) {
    return true;
  }
  return trace.hello != nullptr &&
         std::ranges::none_of(trace.hello->suites,
                              [&](std::uint16_t suite) { return capability.has_suite(suite); });
}

// Reason for one of OpenSSL's error reasons on the accepting side; none when it says nothing by
// itself.
Reason reason_of_error(int error, const HandshakeTrace& trace, const Capability& capability) {
  const auto sent = [&](std::uint8_t alert) {
    return trace.alert_sent && trace.alert_sent->code == alert;
  };
  switch (error) {
    case SSL_R_UNSUPPORTED_PROTOCOL:
    case SSL_R_VERSION_TOO_LOW:
    case SSL_R_VERSION_TOO_HIGH:
    case SSL_R_WRONG_SSL_VERSION:
    case SSL_R_WRONG_VERSION_NUMBER:
    case SSL_R_NO_PROTOCOLS_AVAILABLE:
      return beyond_library(trace, capability) ? Reason::library_unsupported
                                               : Reason::version_unsupported;
    case SSL_R_NO_SHARED_CIPHER:
      return beyond_library(trace, capability) ? Reason::library_unsupported
                                               : Reason::no_shared_cipher;
    case SSL_R_NO_SUITABLE_KEY_SHARE:
    case SSL_R_NO_SUITABLE_GROUPS:
    case SSL_R_NO_SHARED_GROUPS:
      return Reason::no_shared_group;
    case SSL_R_NO_SUITABLE_SIGNATURE_ALGORITHM:
    case SSL_R_NO_SHARED_SIGNATURE_ALGORITHMS:
    case SSL_R_LEGACY_SIGALG_DISALLOWED_OR_UNSUPPORTED:
      // The level leaves TLS 1.0 no signature at all: OpenSSL blames itself, not the client.
      return sent(TLS1_AD_INTERNAL_ERROR) ? Reason::security_level : Reason::no_shared_sigalg;
    case SSL_R_PEER_DID_NOT_RETURN_A_CERTIFICATE:
      return Reason::client_cert_missing;
    case SSL_R_CERTIFICATE_VERIFY_FAILED:
      return trace.verify_reason;
    default:
      return Reason::none;
  }
}

}  // namespace

Reason reason_of_server_alert(std::uint8_t code, Stage stage, bool certificate_asked) {
  switch (code) {
    case 40:  // handshake_failure says nothing by itself
      if (stage == Stage::hello) {
        return Reason::no_shared_cipher;
      }
      return certificate_asked ? Reason::client_cert_missing : Reason::protocol_error;
    case 43:
      return Reason::client_cert_unsuitable;
    case 44:
      return Reason::client_cert_revoked;
    case 42:
    case 46:
    case 48:
    case 49:  // access_denied
      return Reason::client_cert_untrusted;
    case 45:
      return Reason::client_cert_expired;
    case 70:
      return Reason::version_unsupported;
    case 71:  // insufficient_security
      return Reason::no_shared_cipher;
    case 80:
    case kSealedAlert:
      return Reason::upstream_failed;
    case 112:
      return Reason::sni_unknown;
    case 116:
      return Reason::client_cert_missing;
    default:
      return Reason::protocol_error;
  }
}

namespace {

Reason reason_of(const HandshakeTrace& trace, const Capability& capability) {
  if (trace.server_failed) {
    return Reason::upstream_failed;
  }
  if (trace.passed_through && trace.alert_sent && !trace.alert_received) {
    return reason_of_server_alert(trace.alert_sent->code, trace.stage,
                                  trace.client_certificate_asked);
  }
  if (trace.alert_received) {
    return reason_of_received(trace.alert_received->code);
  }
  for (const int error : trace.error_reasons) {
    const Reason reason = reason_of_error(error, trace, capability);
    if (reason != Reason::none) {
      return reason;
    }
  }
  if (trace.alert_sent) {
    return trace.alert_sent->code == TLS1_AD_INTERNAL_ERROR ? Reason::internal
                                                            : Reason::protocol_error;
  }
  if (trace.timed_out) {
    return Reason::timeout;
  }
  if (trace.eof || trace.reset) {
    return Reason::client_aborted;
  }
  return trace.error_reasons.empty() ? Reason::internal : Reason::protocol_error;
}

std::optional<ClientCertificate> client_certificate(const HandshakeTrace& trace) {
  if (!trace.client_certificate_asked || !trace.client_certificate_shown) {
    return std::nullopt;
  }
  if (!*trace.client_certificate_shown) {
    return ClientCertificate::none;
  }
  if (trace.completed) {
    return ClientCertificate::accepted;
  }
  return trace.alert_sent || trace.server_failed ? std::optional(ClientCertificate::rejected)
                                                 : std::nullopt;
}

std::string reason_text(int error) {
  const char* text = ERR_reason_error_string(ERR_PACK(ERR_LIB_SSL, 0, error));
  return text == nullptr ? "TLS error " + std::to_string(error) : certs::in_plain_words(text);
}

}  // namespace

Verdict explain(const HandshakeTrace& trace, const Capability& capability) {
  if (trace.flight != FlightKind::hello) {
    return noise_of(trace);
  }
  HandshakeOutcome outcome;
  outcome.stage = trace.completed ? Stage::after_finished : trace.stage;
  outcome.offered_max_version = trace.offered_max_version;
  outcome.negotiated_version = trace.version;
  outcome.client_certificate = client_certificate(trace);
  if (!trace.completed) {
    outcome.outcome = Outcome::failed;
    outcome.reason = reason_of(trace, capability);
    outcome.alert = trace.alert_received ? trace.alert_received : trace.alert_sent;
  } else if (trace.application_bytes > 0) {
    outcome.outcome = trace.resumed ? Outcome::resumed : Outcome::full;
  } else if (trace.alert_received) {
    outcome.outcome = Outcome::failed;
    outcome.reason = Reason::alert_after_finished;
    outcome.alert = trace.alert_received;
  } else {
    outcome.outcome = Outcome::completed_unused;
  }
  return outcome;
}

const char* hint(Reason reason) {
  switch (reason) {
    case Reason::none:
      return "the handshake succeeded";
    case Reason::version_unsupported:
      return "the client offers only TLS versions that the policy forbids: lower the policy for "
             "this client, or "
             "update it";
    case Reason::security_level:
      return "the version is allowed but the security level forbids its signatures: a policy with "
             "this minimum "
             "must run at level 0";
    case Reason::no_shared_cipher:
      return "client and policy have no suite in common that suits the certificate: compare the "
             "offered suites "
             "with the policy's, and see that an RSA certificate is there for clients without "
             "ECDSA";
    case Reason::no_shared_group:
      return "client and policy have no key exchange group in common: add one of the client's "
             "groups";
    case Reason::no_shared_sigalg:
      return "the client takes no signature that this certificate's key can make: serve a "
             "certificate of the "
             "other key type too";
    case Reason::library_unsupported:
      return "the client offers only what this OpenSSL lacks (SSL 3, RC4, DES, 3DES): it takes an "
             "OpenSSL built "
             "with weak ciphers, or a newer client";
    case Reason::client_unknown_ca:
      return "the client does not trust the chain: an intermediate is missing on the wire, or the "
             "root in the "
             "client";
    case Reason::client_bad_certificate:
      return "the client refused the certificate: a name that does not match, a missing "
             "intermediate, or a "
             "signature or key that it cannot read";
    case Reason::client_certificate_expired:
      return "the client finds a certificate of the chain expired: check the dates of the chain "
             "and the "
             "client's clock";
    case Reason::client_certificate_unknown:
      return "the client could not validate the certificate and does not say why: with Java this "
             "is usually a "
             "missing intermediate or an unknown root";
    case Reason::client_alert_other:
      return "the client ended the handshake with an alert: its number says why";
    case Reason::alert_after_finished:
      return "the client completed the handshake and then refused it, as stacks do that check the "
             "certificate "
             "late: look at the chain and the names";
    case Reason::sni_unknown:
      return "the client asked for a name that no certificate here has";
    case Reason::sni_missing:
      return "the client sent no server name, and the listener demands one";
    case Reason::client_cert_missing:
      return "the client sent no certificate, and the listener demands one: it has none of a CA in "
             "client_certificate.trust, and request: optional would serve it without";
    case Reason::client_cert_untrusted:
      return "the client's certificate ends in no root that the listener trusts for clients";
    case Reason::client_cert_expired:
      return "the client's certificate has expired";
    case Reason::client_cert_revoked:
      return "the client's certificate has been revoked by its CA";
    case Reason::client_cert_unsuitable:
      return "the client's certificate is made for something else than client authentication: "
             "purposes: any takes it all the same";
    case Reason::client_aborted:
      return "the client went away without a word: several stacks do so when they dislike the "
             "certificate, and "
             "so do port checks";
    case Reason::timeout:
      return "the client stopped answering in the middle of the handshake: look for a middle box "
             "or packet loss";
    case Reason::protocol_error:
      return "the client broke the protocol, or fell back to an older version although a newer one "
             "works";
    case Reason::policy_denied:
      return "the policy denies this client";
    case Reason::rate_limited:
      return "too many handshakes from this address";
    case Reason::overload:
      return "the process is at its limit of connections";
    case Reason::internal:
      return "the proxy failed by itself: the log has OpenSSL's reasons";
    case Reason::upstream_failed:
      return "the server behind could not be reached, or ended the handshake without an alert that "
             "can be read";
  }
  return "";
}

std::string describe_upstream_failure(const HandshakeTrace& trace) {
  if (!trace.verify_error.empty()) {
    return "its certificate is not accepted: " + trace.verify_error;
  }
  if (trace.alert_received) {
    const std::uint8_t code = trace.alert_received->code;
    return std::string("it refused the handshake with alert ") + std::to_string(code) + " (" +
           alert_name(code) + ")";
  }
  const int error = trace.error_reasons.empty() ? 0 : trace.error_reasons.front();
  switch (error) {
    case 0:
      break;
    case SSL_R_UNSUPPORTED_PROTOCOL:
      return "it speaks no TLS version that the policy allows";
    case SSL_R_WRONG_VERSION_NUMBER:
    case SSL_R_HTTP_REQUEST:
      return "it does not speak TLS on this port";
    case SSL_R_UNSAFE_LEGACY_RENEGOTIATION_DISABLED:
      return "it knows no secure renegotiation (RFC 5746)";
    default:
      return "the TLS handshake failed: " + reason_text(error);
  }
  if (trace.timed_out) {
    return "the TLS handshake took too long";
  }
  if (trace.reset) {
    return "it reset the connection during the TLS handshake";
  }
  return "it closed the connection during the TLS handshake";
}

}  // namespace chainmend::tls
