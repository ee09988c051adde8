// What mends a certificate that is not accepted: the key of the configuration, for messages. One
// place for `check`, the log of `run` and the verifier of upstreams, so that all say the same.
#pragma once

#include <string>

#include "certs/chain_search.h"
#include "config/config.h"

namespace chainmend::serving {

// All three return the end of a sentence, such as "; name its file in chain.bundles", or nothing
// when no key of the configuration helps.

// For a chain of our own that does not lead to a root. certificate: its name in `certificates:`;
// serve: how the chain is made of it.
std::string remedy_for_own(const certs::Failure& failure, const std::string& certificate,
                           config::Serve serve, const config::Aia& aia);

// For the list of a server behind us. aia: that of the configuration; null when the server's list
// may not be completed (`repair_chain: false`), which then comes first.
std::string remedy_for_upstream(const certs::Failure& failure, const std::string& upstream,
                                const config::Aia* aia);

// For a server's certificate that is not for the name that was asked for.
std::string remedy_for_upstream_name(const std::string& upstream);

}  // namespace chainmend::serving
