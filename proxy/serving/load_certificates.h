// The `certificates:` of the configuration -> keys and chains ready to be served.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "certs/credential.h"
#include "certs/served_chain.h"
#include "config/config.h"
#include "proxy/serving/issuers.h"
#include "proxy/tls/context.h"

namespace chainmend::serving {

struct LoadedCertificate {
  std::string name;
  certs::EvpPkeyPtr key;
  certs::ServedChain chain;

  // Borrows the key.
  tls::ServerCertificate for_context() const;
};

// What was said while reading and building; both lists only grow.
struct Findings {
  config::Diagnostics errors;
  config::Diagnostics warnings;
};

// In the order of the configuration; one that cannot be loaded is missing from the result and
// explained in findings. Without trust (null: its error is found already) files are read, but no
// chain is built. Waits for the network where AIA has to be asked.
std::vector<LoadedCertificate> load_certificates(const config::Config& config,
                                                 const Issuers& issuers,
                                                 const certs::TrustProfilePtr& trust,
                                                 Findings& findings);

// The `chain.bundles:` of the configuration, in one set.
std::shared_ptr<const certs::IssuerSet> load_bundles(const config::Chain& chain,
                                                     Findings& findings);

}  // namespace chainmend::serving
