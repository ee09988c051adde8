// Problem: what an error code comes to. Libraries say the same thing in hundreds of words; what to
// think of, to look at and to do depends on the problem alone, and is written once, here.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>

#include "proxy/enums/names.h"

namespace chainmend::diagnose {

enum class Problem : std::uint8_t {
  no_error,
  chain_untrusted,      // who says it does not trust the list of the other side
  certificate_refused,  // likewise, and does not say why
  certificate_dates,
  name_mismatch,
  certificate_purpose,
  weak_certificate,
  bad_certificate,
  certificate_revoked,
  revocation_unknown,
  no_common_version,
  no_common_cipher,  // or group, or signature
  fallback_refused,
  handshake_refused,
  protocol_error,
  not_tls,
  legacy_renegotiation,
  no_application_protocol,
  server_name_unknown,
  client_certificate_missing,
  client_certificate_untrusted,
  client_certificate_dates,
  client_certificate_revoked,
  client_certificate_denied,
  issuer_list_too_long,
  binding_mismatch,  // Mitel: the certificate in IIS is not the one of the keystore
  upstream_untrusted,
  own_key,
  local_trust_empty,
  logon_failed,
  not_authenticated,
  address_refused,
  https_required,
  name_not_resolved,
  connect_failed,
  timed_out,
  connection_closed,
  idle_closed,
  body_too_large,
  bad_request,
  server_unavailable,
  internal_error,
};
inline constexpr enums::Names<Problem> kProblemNames{"no-error",
                                                     "chain-untrusted",
                                                     "certificate-refused",
                                                     "certificate-dates",
                                                     "name-mismatch",
                                                     "certificate-purpose",
                                                     "weak-certificate",
                                                     "bad-certificate",
                                                     "certificate-revoked",
                                                     "revocation-unknown",
                                                     "no-common-version",
                                                     "no-common-cipher",
                                                     "fallback-refused",
                                                     "handshake-refused",
                                                     "protocol-error",
                                                     "not-tls",
                                                     "legacy-renegotiation",
                                                     "no-application-protocol",
                                                     "server-name-unknown",
                                                     "client-certificate-missing",
                                                     "client-certificate-untrusted",
                                                     "client-certificate-dates",
                                                     "client-certificate-revoked",
                                                     "client-certificate-denied",
                                                     "issuer-list-too-long",
                                                     "binding-mismatch",
                                                     "upstream-untrusted",
                                                     "own-key",
                                                     "local-trust-empty",
                                                     "logon-failed",
                                                     "not-authenticated",
                                                     "address-refused",
                                                     "https-required",
                                                     "name-not-resolved",
                                                     "connect-failed",
                                                     "timed-out",
                                                     "connection-closed",
                                                     "idle-closed",
                                                     "body-too-large",
                                                     "bad-request",
                                                     "server-unavailable",
                                                     "internal-error"};
constexpr const char* to_string(Problem problem) { return kProblemNames[problem]; }

struct Advice {
  std::string_view meaning;                  // one sentence without full stop
  std::span<const std::string_view> causes;  // the likeliest first
  std::span<const std::string_view> checks;  // what to look at, with the command
  std::span<const std::string_view> fixes;   // the best first
  std::string_view source;                   // of claims about programs of others; empty: none
};

// no_error has a meaning alone.
const Advice& advice_on(Problem problem);

}  // namespace chainmend::diagnose
