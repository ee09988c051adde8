#include "proxy/diagnose/explain/tls_codes.h"

#include <fmt/format.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509_vfy.h>

#include <memory>

#include "proxy/clients/client_hello.h"
#include "proxy/tls/explain.h"

namespace chainmend::diagnose {

namespace {

using tls::Reason;

// Alerts that say more to us than to tls::explain, which counts them together.
std::optional<Problem> problem_of_alert(std::uint8_t alert) {
  switch (alert) {
    case SSL_AD_CLOSE_NOTIFY:
      return Problem::no_error;
    case SSL_AD_USER_CANCELLED:
      return std::nullopt;
    case SSL_AD_HANDSHAKE_FAILURE:
      return Problem::handshake_refused;
    case SSL_AD_UNSUPPORTED_CERTIFICATE:
      return Problem::bad_certificate;
    case SSL_AD_CERTIFICATE_REVOKED:
      return Problem::certificate_revoked;
    case SSL_AD_ACCESS_DENIED:
      return Problem::client_certificate_denied;
    case SSL_AD_INAPPROPRIATE_FALLBACK:
      return Problem::fallback_refused;
    case SSL_AD_NO_RENEGOTIATION:
      return Problem::legacy_renegotiation;
    case SSL_AD_NO_APPLICATION_PROTOCOL:
      return Problem::no_application_protocol;
    default:
      break;
  }
  const Reason received = reason_of_alert(alert, tls::AlertDirection::received);
  return problem_of(received != Reason::client_alert_other
                        ? received
                        : reason_of_alert(alert, tls::AlertDirection::sent));
}

std::optional<Problem> problem_of_verdict(int error) {
  switch (error) {
    case X509_V_OK:
      return Problem::no_error;
    case X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT:
    case X509_V_ERR_DEPTH_ZERO_SELF_SIGNED_CERT:
    case X509_V_ERR_SELF_SIGNED_CERT_IN_CHAIN:
    case X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT_LOCALLY:
    case X509_V_ERR_UNABLE_TO_VERIFY_LEAF_SIGNATURE:
    case X509_V_ERR_CERT_UNTRUSTED:
      return Problem::chain_untrusted;
    case X509_V_ERR_CERT_NOT_YET_VALID:
    case X509_V_ERR_CERT_HAS_EXPIRED:
      return Problem::certificate_dates;
    case X509_V_ERR_HOSTNAME_MISMATCH:
    case X509_V_ERR_EMAIL_MISMATCH:
    case X509_V_ERR_IP_ADDRESS_MISMATCH:
      return Problem::name_mismatch;
    case X509_V_ERR_CERT_REVOKED:
      return Problem::certificate_revoked;
    case X509_V_ERR_UNABLE_TO_GET_CRL:
    case X509_V_ERR_UNABLE_TO_DECRYPT_CRL_SIGNATURE:
    case X509_V_ERR_CRL_SIGNATURE_FAILURE:
    case X509_V_ERR_CRL_NOT_YET_VALID:
    case X509_V_ERR_CRL_HAS_EXPIRED:
    case X509_V_ERR_ERROR_IN_CRL_LAST_UPDATE_FIELD:
    case X509_V_ERR_ERROR_IN_CRL_NEXT_UPDATE_FIELD:
    case X509_V_ERR_UNABLE_TO_GET_CRL_ISSUER:
    case X509_V_ERR_KEYUSAGE_NO_CRL_SIGN:
    case X509_V_ERR_UNHANDLED_CRITICAL_CRL_EXTENSION:
    case X509_V_ERR_DIFFERENT_CRL_SCOPE:
    case X509_V_ERR_CRL_PATH_VALIDATION_ERROR:
    case X509_V_ERR_OCSP_VERIFY_NEEDED:
    case X509_V_ERR_OCSP_VERIFY_FAILED:
    case X509_V_ERR_OCSP_CERT_UNKNOWN:
      return Problem::revocation_unknown;
    case X509_V_ERR_CERT_CHAIN_TOO_LONG:
    case X509_V_ERR_PATH_LENGTH_EXCEEDED:
    case X509_V_ERR_INVALID_PURPOSE:
    case X509_V_ERR_CERT_REJECTED:
    case X509_V_ERR_KEYUSAGE_NO_CERTSIGN:
    case X509_V_ERR_INVALID_NON_CA:
    case X509_V_ERR_KEYUSAGE_NO_DIGITAL_SIGNATURE:
    case X509_V_ERR_NO_EXPLICIT_POLICY:
    case X509_V_ERR_PERMITTED_VIOLATION:
    case X509_V_ERR_EXCLUDED_VIOLATION:
    case X509_V_ERR_INVALID_CA:
      return Problem::certificate_purpose;
    case X509_V_ERR_EE_KEY_TOO_SMALL:
    case X509_V_ERR_CA_KEY_TOO_SMALL:
    case X509_V_ERR_CA_MD_TOO_WEAK:
      return Problem::weak_certificate;
    case X509_V_ERR_UNABLE_TO_DECRYPT_CERT_SIGNATURE:
    case X509_V_ERR_UNABLE_TO_DECODE_ISSUER_PUBLIC_KEY:
    case X509_V_ERR_CERT_SIGNATURE_FAILURE:
    case X509_V_ERR_ERROR_IN_CERT_NOT_BEFORE_FIELD:
    case X509_V_ERR_ERROR_IN_CERT_NOT_AFTER_FIELD:
    case X509_V_ERR_SUBJECT_ISSUER_MISMATCH:
    case X509_V_ERR_AKID_SKID_MISMATCH:
    case X509_V_ERR_AKID_ISSUER_SERIAL_MISMATCH:
    case X509_V_ERR_UNHANDLED_CRITICAL_EXTENSION:
    case X509_V_ERR_INVALID_EXTENSION:
      return Problem::bad_certificate;
    default:
      return std::nullopt;
  }
}

std::optional<Problem> problem_of_reason(int reason) {
  if (reason >= SSL_AD_REASON_OFFSET) {  // "tlsv1 alert unknown ca": the alert that came
    return problem_of_alert(static_cast<std::uint8_t>(reason - SSL_AD_REASON_OFFSET));
  }
  switch (reason) {
    case SSL_R_CERTIFICATE_VERIFY_FAILED:
      return Problem::certificate_refused;
    case SSL_R_UNSUPPORTED_PROTOCOL:
    case SSL_R_VERSION_TOO_LOW:
    case SSL_R_VERSION_TOO_HIGH:
    case SSL_R_WRONG_SSL_VERSION:
    case SSL_R_NO_PROTOCOLS_AVAILABLE:
    case SSL_R_UNSUPPORTED_SSL_VERSION:
      return Problem::no_common_version;
    case SSL_R_NO_SHARED_CIPHER:
    case SSL_R_NO_CIPHERS_AVAILABLE:
    case SSL_R_NO_SUITABLE_KEY_SHARE:
    case SSL_R_NO_SUITABLE_GROUPS:
    case SSL_R_NO_SHARED_GROUPS:
    case SSL_R_WRONG_CURVE:
    case SSL_R_NO_SUITABLE_SIGNATURE_ALGORITHM:
    case SSL_R_NO_SHARED_SIGNATURE_ALGORITHMS:
    case SSL_R_LEGACY_SIGALG_DISALLOWED_OR_UNSUPPORTED:
      return Problem::no_common_cipher;
    case SSL_R_DH_KEY_TOO_SMALL:
    case SSL_R_EE_KEY_TOO_SMALL:
    case SSL_R_CA_KEY_TOO_SMALL:
    case SSL_R_CA_MD_TOO_WEAK:
      return Problem::weak_certificate;
    case SSL_R_WRONG_VERSION_NUMBER:
    case SSL_R_HTTP_REQUEST:
    case SSL_R_HTTPS_PROXY_REQUEST:
    case SSL_R_UNKNOWN_PROTOCOL:
      return Problem::not_tls;
    case SSL_R_PEER_DID_NOT_RETURN_A_CERTIFICATE:
      return Problem::client_certificate_missing;
    case SSL_R_UNSAFE_LEGACY_RENEGOTIATION_DISABLED:
    case SSL_R_NO_RENEGOTIATION:
      return Problem::legacy_renegotiation;
    case SSL_R_INAPPROPRIATE_FALLBACK:
      return Problem::fallback_refused;
    case SSL_R_NO_APPLICATION_PROTOCOL:
      return Problem::no_application_protocol;
    case SSL_R_UNEXPECTED_EOF_WHILE_READING:
      return Problem::connection_closed;
    case SSL_R_NO_CERTIFICATE_ASSIGNED:
    case SSL_R_NO_CERTIFICATE_SET:
    case SSL_R_NO_PRIVATE_KEY_ASSIGNED:
    case SSL_R_PRIVATE_KEY_MISMATCH:
      return Problem::own_key;
    case SSL_R_BAD_RECORD_TYPE:
    case SSL_R_BAD_SIGNATURE:
    case SSL_R_DECRYPTION_FAILED:
    case SSL_R_DECRYPTION_FAILED_OR_BAD_RECORD_MAC:
    case SSL_R_UNEXPECTED_MESSAGE:
    case SSL_R_UNEXPECTED_RECORD:
    case SSL_R_LENGTH_MISMATCH:
    case SSL_R_BAD_EXTENSION:
      return Problem::protocol_error;
    default:
      return std::nullopt;
  }
}

}  // namespace

std::optional<Problem> problem_of(Reason reason) {
  switch (reason) {
    case Reason::client_unknown_ca:
      return Problem::chain_untrusted;
    case Reason::client_bad_certificate:
    case Reason::client_certificate_unknown:
    case Reason::alert_after_finished:
      return Problem::certificate_refused;
    case Reason::client_certificate_expired:
      return Problem::certificate_dates;
    case Reason::version_unsupported:
      return Problem::no_common_version;
    case Reason::no_shared_cipher:
    case Reason::no_shared_group:
    case Reason::no_shared_sigalg:
    case Reason::library_unsupported:
    case Reason::security_level:
      return Problem::no_common_cipher;
    case Reason::sni_unknown:
    case Reason::sni_missing:
      return Problem::server_name_unknown;
    case Reason::client_cert_missing:
      return Problem::client_certificate_missing;
    case Reason::client_cert_untrusted:
      return Problem::client_certificate_untrusted;
    case Reason::client_cert_expired:
      return Problem::client_certificate_dates;
    case Reason::client_cert_revoked:
      return Problem::client_certificate_revoked;
    case Reason::client_cert_unsuitable:
      return Problem::client_certificate_denied;
    case Reason::client_aborted:
      return Problem::connection_closed;
    case Reason::client_alert_other:
      return Problem::handshake_refused;
    case Reason::timeout:
      return Problem::timed_out;
    case Reason::protocol_error:
      return Problem::protocol_error;
    case Reason::policy_denied:
    case Reason::rate_limited:
      return Problem::address_refused;
    case Reason::overload:
      return Problem::server_unavailable;
    case Reason::upstream_failed:
    case Reason::internal:
      return Problem::internal_error;
    case Reason::none:
      return Problem::no_error;
  }
  return std::nullopt;
}

Reason reason_of_alert(std::uint8_t alert, tls::AlertDirection direction) {
  tls::HandshakeTrace trace;
  trace.flight = clients::FlightKind::hello;
  trace.passed_through = direction == tls::AlertDirection::sent;
  (trace.passed_through ? trace.alert_sent : trace.alert_received) = tls::Alert{direction, alert};
  const tls::Verdict verdict = tls::explain(trace, {});
  const auto* const outcome = std::get_if<tls::HandshakeOutcome>(&verdict);
  return outcome == nullptr ? Reason::none : outcome->reason;
}

std::vector<Code> tls_codes() {
  OPENSSL_init_ssl(OPENSSL_INIT_LOAD_SSL_STRINGS, nullptr);
  std::vector<Code> all;
  for (int alert = 0; alert < tls::kSealedAlert; ++alert) {
    const std::string name = tls::alert_name(static_cast<std::uint8_t>(alert));
    if (name != "other") {
      all.push_back({Speaker::alert, problem_of_alert(static_cast<std::uint8_t>(alert)), alert,
                     fmt::format("alert {}", alert), name, "IANA: TLS alerts"});
    }
  }
  // The verdicts are numbered without a gap; behind the last one there is a sentence for them all.
  const std::string none = X509_verify_cert_error_string(1'000'000);
  for (int error = 0; none != X509_verify_cert_error_string(error); ++error) {
    all.push_back({Speaker::openssl_verify, problem_of_verdict(error), error,
                   fmt::format("X509 error {}", error), X509_verify_cert_error_string(error),
                   "OpenSSL: X509_verify_cert_error_string"});
  }
  constexpr int kEndOfReasons = SSL_AD_REASON_OFFSET + tls::kSealedAlert;
  for (int reason = 1; reason < kEndOfReasons; ++reason) {
    const unsigned long packed = ERR_PACK(ERR_LIB_SSL, 0, reason);
    if (const char* const text = ERR_reason_error_string(packed)) {
      all.push_back({Speaker::openssl, problem_of_reason(reason), reason,
                     fmt::format("error:{:08X}", packed), text,
                     "OpenSSL: ERR_reason_error_string"});
    }
  }
  for (std::size_t i = 1; i < enums::count<Reason>(); ++i) {
    const auto reason = static_cast<Reason>(i);
    all.push_back({Speaker::chainmend, problem_of(reason), static_cast<std::int64_t>(i), "",
                   tls::to_string(reason), "chainmend: reasons of failed handshakes"});
  }
  return all;
}

std::optional<std::int64_t> libssl_reason(std::uint64_t packed) {
  constexpr std::uint64_t kLibSsl = ERR_LIB_SSL;  // 20
  if (packed > UINT32_MAX) {
    return std::nullopt;
  }
  if (packed >> 23 == kLibSsl) {  // OpenSSL 3: library above 23 bits of reason
    return static_cast<std::int64_t>(packed & 0x7fffff);
  }
  if (packed >> 24 == kLibSsl) {  // OpenSSL 1: 8 bits of library, 12 of function, 12 of reason
    return static_cast<std::int64_t>(packed & 0xfff);
  }
  return std::nullopt;
}

}  // namespace chainmend::diagnose
