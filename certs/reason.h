// Reason: the vocabulary in which the chain search says no.
#pragma once

#include <cstdint>

#include "proxy/enums/names.h"

namespace chainmend::certs {

// Why an issuer was refused, or why there is no path at all.
enum class Reason : std::uint8_t {
  no_issuer,       // no certificate of the issuer's name is known
  untrusted_root,  // the path ends in a self-signed certificate that the profile does not hold
  expired,
  not_yet_valid,
  not_a_ca,            // basicConstraints missing or CA:FALSE
  no_cert_sign,        // keyUsage without keyCertSign
  wrong_purpose,       // extendedKeyUsage that excludes TLS servers
  not_for_clients,     // extendedKeyUsage or keyUsage that excludes client authentication
  critical_extension,  // one that nobody here understands
  broken_extension,
  bad_signature,
  key_id_contradiction,  // the child's authority key identifier names another certificate
  loop,
  path_length,
  name_constraints,
  weak,              // SHA-1, MD5 or a short key, and SearchOptions::refuse_weak
  depth,             // the path would be longer than the budget allows
  budget_exhausted,  // signature checks or steps
  deadline,
};
inline constexpr enums::Names<Reason> kReasonNames{"no-issuer",
                                                   "untrusted-root",
                                                   "expired",
                                                   "not-yet-valid",
                                                   "not-a-ca",
                                                   "no-cert-sign",
                                                   "wrong-purpose",
                                                   "not-for-clients",
                                                   "critical-extension",
                                                   "broken-extension",
                                                   "bad-signature",
                                                   "key-id-contradiction",
                                                   "loop",
                                                   "path-length",
                                                   "name-constraints",
                                                   "weak",
                                                   "depth",
                                                   "budget-exhausted",
                                                   "deadline"};
constexpr const char* to_string(Reason reason) { return kReasonNames[reason]; }

}  // namespace chainmend::certs
