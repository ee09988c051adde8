// The TLS policies that a command line may name: the built-in ones and those of a configuration.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "proxy/tls/policy.h"

namespace chainmend::cli {

// The built-in ones, strictest first, then those of the configuration; an empty file: none beside
// them. Nothing: it cannot be read, which is said.
std::optional<std::vector<tls::TlsPolicy>> load_named_policies(const std::string& file);

// Says so, and which one may be meant; returns the exit code.
int no_such_policy(const std::string& name, const std::vector<tls::TlsPolicy>& policies);

}  // namespace chainmend::cli
