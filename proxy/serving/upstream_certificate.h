// The certificate of ours that an upstream's servers are shown when they ask for one.
#pragma once

#include <optional>
#include <vector>

#include "certs/trust_profile.h"
#include "proxy/serving/issuers.h"
#include "proxy/serving/load_certificates.h"
#include "proxy/tls/client_context.h"

namespace chainmend::serving {

// With the chain as far as it is to be found: servers such as http.sys fetch nothing. Which roots
// they trust is theirs to know, so it need not end in one of `trust`. Nothing: none is configured,
// or it could not be loaded, which has been said. Borrows the key.
std::optional<tls::OwnCertificate> certificate_for(const config::Upstream& upstream,
                                                   const std::vector<LoadedCertificate>& loaded,
                                                   const Issuers& issuers,
                                                   const certs::TrustProfile& trust,
                                                   Findings& findings);

// It is shown to servers, and to no client.
bool is_for_upstreams_alone(const config::Config& config, const LoadedCertificate& certificate);

}  // namespace chainmend::serving
