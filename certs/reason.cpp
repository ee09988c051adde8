#include "certs/reason.h"

namespace chainmend::certs {

const char* to_string(Reason reason) {
  switch (reason) {
    case Reason::no_issuer:
      return "no-issuer";
    case Reason::untrusted_root:
      return "untrusted-root";
    case Reason::expired:
      return "expired";
    case Reason::not_yet_valid:
      return "not-yet-valid";
    case Reason::not_a_ca:
      return "not-a-ca";
    case Reason::no_cert_sign:
      return "no-cert-sign";
    case Reason::wrong_purpose:
      return "wrong-purpose";
    case Reason::critical_extension:
      return "critical-extension";
    case Reason::broken_extension:
      return "broken-extension";
    case Reason::bad_signature:
      return "bad-signature";
    case Reason::key_id_contradiction:
      return "key-id-contradiction";
    case Reason::loop:
      return "loop";
    case Reason::path_length:
      return "path-length";
    case Reason::name_constraints:
      return "name-constraints";
    case Reason::weak:
      return "weak";
    case Reason::depth:
      return "depth";
    case Reason::budget_exhausted:
      return "budget-exhausted";
    case Reason::deadline:
      return "deadline";
  }
  return "unknown";
}

}  // namespace chainmend::certs
