// The `client_certificate:` of the configuration, read: whom a listener asks for a certificate, and
// whose it takes.
#pragma once

#include <map>

#include "config/config.h"
#include "proxy/serving/issuers.h"
#include "proxy/serving/load_certificates.h"
#include "proxy/serving/trust_store.h"
#include "proxy/tls/client_authentication.h"

namespace chainmend::serving {

// By their place in the configuration, which must outlive it.
using ClientAuthentications =
    std::map<const config::ClientCertificates*, tls::ClientAuthentication>;

// Of each listener, and of each type of client that has terms of its own there. Without a verifier
// where nobody is asked, or where a file cannot be used, which is said.
ClientAuthentications load_client_authentications(const config::Config& config, TrustStore& trust,
                                                  const Issuers& issuers, Findings& findings);

}  // namespace chainmend::serving
