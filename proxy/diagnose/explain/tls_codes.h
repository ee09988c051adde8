// The codes that OpenSSL and our own proxy/tls number and name: TLS alerts, verdicts on certificate
// lists, reasons of libssl, reasons of failed handshakes. Their owners are asked for all of it;
// here stands only which problem each comes to.
#pragma once

#include <vector>

#include "proxy/diagnose/explain/codes.h"
#include "proxy/tls/handshake_outcome.h"

namespace chainmend::diagnose {

std::vector<Code> tls_codes();

// A reason of a failed handshake as a problem. Unset: it says nothing by itself.
std::optional<Problem> problem_of(tls::Reason reason);

// What tls::explain concludes when this alert ends a handshake. direction: received means that a
// client sent it, sent that a server did.
tls::Reason reason_of_alert(std::uint8_t alert, tls::AlertDirection direction);

// The number of the reason in a packed error code: "0A000418" of OpenSSL 3, "14094418" of
// OpenSSL 1. Unset: not an error of their libssl.
std::optional<std::int64_t> libssl_reason(std::uint64_t packed);

}  // namespace chainmend::diagnose
