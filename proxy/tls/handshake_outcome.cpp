#include "proxy/tls/handshake_outcome.h"

namespace chainmend::tls {

const char* to_string(Outcome outcome) {
  switch (outcome) {
    case Outcome::full:
      return "full";
    case Outcome::resumed:
      return "resumed";
    case Outcome::failed:
      return "failed";
    case Outcome::completed_unused:
      return "completed_unused";
  }
  return "?";
}

const char* to_string(Reason reason) {
  switch (reason) {
    case Reason::none:
      return "none";
    case Reason::version_unsupported:
      return "version_unsupported";
    case Reason::security_level:
      return "security_level";
    case Reason::no_shared_cipher:
      return "no_shared_cipher";
    case Reason::no_shared_group:
      return "no_shared_group";
    case Reason::no_shared_sigalg:
      return "no_shared_sigalg";
    case Reason::library_unsupported:
      return "library_unsupported";
    case Reason::client_unknown_ca:
      return "client_unknown_ca";
    case Reason::client_bad_certificate:
      return "client_bad_certificate";
    case Reason::client_certificate_expired:
      return "client_certificate_expired";
    case Reason::client_certificate_unknown:
      return "client_certificate_unknown";
    case Reason::client_alert_other:
      return "client_alert_other";
    case Reason::alert_after_finished:
      return "alert_after_finished";
    case Reason::sni_unknown:
      return "sni_unknown";
    case Reason::sni_missing:
      return "sni_missing";
    case Reason::client_cert_missing:
      return "client_cert_missing";
    case Reason::client_cert_untrusted:
      return "client_cert_untrusted";
    case Reason::client_cert_expired:
      return "client_cert_expired";
    case Reason::client_aborted:
      return "client_aborted";
    case Reason::timeout:
      return "timeout";
    case Reason::protocol_error:
      return "protocol_error";
    case Reason::policy_denied:
      return "policy_denied";
    case Reason::rate_limited:
      return "rate_limited";
    case Reason::overload:
      return "overload";
    case Reason::internal:
      return "internal";
    case Reason::upstream_failed:
      return "upstream_failed";
  }
  return "?";
}

const char* to_string(Stage stage) {
  switch (stage) {
    case Stage::hello:
      return "hello";
    case Stage::server_flight:
      return "server_flight";
    case Stage::client_key:
      return "client_key";
    case Stage::finished:
      return "finished";
    case Stage::after_finished:
      return "after_finished";
  }
  return "?";
}

const char* to_string(NoiseKind kind) {
  switch (kind) {
    case NoiseKind::connect_close:
      return "connect_close";
    case NoiseKind::reset:
      return "reset";
    case NoiseKind::http_request:
      return "http_request";
    case NoiseKind::not_tls:
      return "not_tls";
    case NoiseKind::partial_hello_timeout:
      return "partial_hello_timeout";
    case NoiseKind::proxy_header_missing:
      return "proxy_header_missing";
  }
  return "?";
}

const char* to_string(AlertDirection direction) {
  return direction == AlertDirection::sent ? "sent" : "received";
}

const char* to_string(ClientCertificate certificate) {
  switch (certificate) {
    case ClientCertificate::none:
      return "none";
    case ClientCertificate::accepted:
      return "accepted";
    case ClientCertificate::rejected:
      break;
  }
  return "rejected";
}

// IANA, TLS Alerts registry.
const char* alert_name(std::uint8_t code) {
  switch (code) {
    case 0:
      return "close_notify";
    case 10:
      return "unexpected_message";
    case 20:
      return "bad_record_mac";
    case 21:
      return "decryption_failed";
    case 22:
      return "record_overflow";
    case 30:
      return "decompression_failure";
    case 40:
      return "handshake_failure";
    case 41:
      return "no_certificate";
    case 42:
      return "bad_certificate";
    case 43:
      return "unsupported_certificate";
    case 44:
      return "certificate_revoked";
    case 45:
      return "certificate_expired";
    case 46:
      return "certificate_unknown";
    case 47:
      return "illegal_parameter";
    case 48:
      return "unknown_ca";
    case 49:
      return "access_denied";
    case 50:
      return "decode_error";
    case 51:
      return "decrypt_error";
    case 60:
      return "export_restriction";
    case 70:
      return "protocol_version";
    case 71:
      return "insufficient_security";
    case 80:
      return "internal_error";
    case 86:
      return "inappropriate_fallback";
    case 90:
      return "user_canceled";
    case 100:
      return "no_renegotiation";
    case 109:
      return "missing_extension";
    case 110:
      return "unsupported_extension";
    case 111:
      return "certificate_unobtainable";
    case 112:
      return "unrecognized_name";
    case 113:
      return "bad_certificate_status_response";
    case 114:
      return "bad_certificate_hash_value";
    case 115:
      return "unknown_psk_identity";
    case 116:
      return "certificate_required";
    case 120:
      return "no_application_protocol";
    case 121:
      return "ech_required";
    case kSealedAlert:
      return "encrypted";
    default:
      return "other";
  }
}

}  // namespace chainmend::tls
