#include "tests/certs/test_pki.h"

#include <cstdio>
#include <cstdlib>

namespace chainmend::certs::testing {

Identity issue(const Spec& spec) {
  auto made = certs::issue_certificate(spec);
  if (!made) {
    std::fprintf(stderr, "%s\n", made.error().describe().c_str());
    std::abort();  // a broken test, not a failing one
  }
  return *std::move(made);
}

Identity make_root(const std::string& subject) { return issue({.subject = subject}); }

Identity make_ca(const std::string& subject, const Identity& issuer) {
  return issue({.subject = subject, .issuer = &issuer});
}

Identity make_leaf(const std::string& host, const Identity& issuer) {
  return issue({.subject = "CN=" + host,
                .issuer = &issuer,
                .basic_constraints = "",
                .extended_key_usage = "serverAuth",
                .alternative_names = "DNS:" + host});
}

Candidate in_bundle(const Identity& identity) {
  return {identity.certificate, Origin::bundle, "bundle.pem"};
}

EvpPkeyPtr key_of(const Identity& identity) { return up_ref(identity.key.get()); }

}  // namespace chainmend::certs::testing
