// causes_of(): why a client turned away from what it was shown. An alert names a class of faults at
// best, and each TLS library has its own idea of which; but the list that was served, its dates and
// names are ours and known, so most causes can be ruled out or found. Pure.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "certs/time.h"
#include "proxy/enums/names.h"
#include "proxy/tls/explain.h"
#include "proxy/tls/served_facts.h"

namespace chainmend::tls {

enum class Cause : std::uint8_t {
  intermediate_missing,  // from the list that was served
  root_not_trusted,      // the client lacks the root that the list ends in
  name_mismatch,         // the certificate is not for the name that was asked for
  expired,
  not_yet_valid,
  client_clock,    // our dates are good, so the client's clock is not
  weak_signature,  // or a short key
  key_type,        // the client cannot use the keys of the certificates
  unused,          // the client may have had nothing to say: a preconnect, a monitor
};
inline constexpr enums::Names<Cause> kCauseNames{
    "intermediate_missing", "root_not_trusted", "name_mismatch", "expired", "not_yet_valid",
    "client_clock",         "weak_signature",   "key_type",      "unused"};
constexpr const char* to_string(Cause cause) { return kCauseNames[cause]; }

struct PossibleCause {
  Cause cause = Cause::unused;
  std::string text;  // one sentence without full stop
};

// The likeliest first. Empty: the certificate has nothing to do with it, or nothing of ours was
// served; hint(Reason) then says what there is to say. now: by our clock.
std::vector<PossibleCause> causes_of(const HandshakeTrace& trace, const HandshakeOutcome& outcome,
                                     const ServedFacts& served, certs::Time now);

}  // namespace chainmend::tls
