// A policy in words: how it differs from another one, and what to write elsewhere to get the same.
// Pure; one item per line of output, without line ends.
#pragma once

#include <string>
#include <vector>

#include "proxy/tls/policy.h"

namespace chainmend::tls {

// "adds the suite AES128-SHA", "lowest version TLS 1.0, not TLS 1.2". Empty: nothing but the name.
std::vector<std::string> differences(const TlsPolicy& policy, const TlsPolicy& from);

// Options of `openssl s_server` and `s_client`.
std::vector<std::string> as_openssl(const TlsPolicy& policy);
// Directives of nginx. They choose no Diffie-Hellman group, which nginx reads from a file.
std::vector<std::string> as_nginx(const TlsPolicy& policy);

}  // namespace chainmend::tls
