// The `tls_policies:` of the configuration, tried against this OpenSSL: a policy that cannot work
// is an error here and not an alert at run time.
#pragma once

#include <map>
#include <string>

#include "config/config.h"
#include "proxy/tls/policy.h"

namespace chainmend::serving {

// Built-in and configured ones, by name.
std::map<std::string, tls::TlsPolicy> load_policies(const config::Config& config,
                                                    config::Diagnostics& errors);

// One of the operator's. what: whose it is, for the messages.
tls::TlsPolicy load_policy(const config::TlsPolicy& configured, const std::string& what,
                           config::Diagnostics& errors);

// What is spoken with the servers of an upstream.
tls::TlsPolicy policy_towards(const config::Upstream& upstream, config::Diagnostics& errors);

}  // namespace chainmend::serving
