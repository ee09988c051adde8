// What an operator should know of a policy that works: who is left out all the same.
#pragma once

#include <string>
#include <vector>

#include "proxy/tls/capability.h"
#include "proxy/tls/policy.h"

namespace chainmend::tls {

// One sentence each, without full stop; empty for policies that leave old clients out on purpose.
std::vector<std::string> policy_notes(const TlsPolicy& policy, const Capability& capability);

}  // namespace chainmend::tls
