// Which of the built-in kinds of client (clients/stacks.h) can use the certificates of a listener:
// an Ed25519 or P-521 key, a long RSA key or a SHA-512 signature locks old ones out without a word.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "config/config.h"
#include "proxy/serving/load_certificates.h"
#include "proxy/tls/policy.h"

namespace chainmend::serving {

// A listener whose certificates no client at all can use is an error.
// Goes to findings: for each listener one line about clients that its policy would take and no
// certificate of its suits (a warning where the policy is there for old clients, else a note), and
// for each entry of for_clients one when clients of that type cannot connect at all.
void lint_client_reach(const config::Config& config,
                       const std::map<std::string, tls::TlsPolicy>& policies,
                       const std::vector<LoadedCertificate>& loaded, Findings& findings);

}  // namespace chainmend::serving
