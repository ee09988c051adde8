// The `certificates:` and `chain.bundles:` of the configuration, read.
#pragma once

#include <memory>
#include <vector>

#include "certs/credential.h"
#include "certs/issuer_set.h"
#include "config/config.h"

namespace chainmend::serving {

struct LoadedCertificate {
  const config::Certificate* configured;  // borrowed
  certs::LeafFile file;
  certs::EvpPkeyPtr key;
};

// What was said while reading and building; the lists only grow.
struct Findings {
  config::Diagnostics errors;
  config::Diagnostics warnings;
  config::Diagnostics notes;  // what is normal and worth knowing: the root was left off
};

// An error of the certs library, said at a place in the configuration.
config::Diagnostic at(const config::Location& location, const certs::Error& error);

// In the order of the configuration; one that cannot be loaded is missing from the result and
// explained in findings.
std::vector<LoadedCertificate> load_certificates(const config::Config& config, Findings& findings);

// All bundles in one set.
std::shared_ptr<const certs::IssuerSet> load_bundles(const config::Chain& chain,
                                                     Findings& findings);

}  // namespace chainmend::serving
