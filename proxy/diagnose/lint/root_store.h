// lint_root_store(): what is wrong with a store of trusted roots, as Windows and IIS use one. Pure.
#pragma once

#include <vector>

#include "proxy/diagnose/lint/lint_input.h"

namespace chainmend::diagnose {

struct RootStoreVerdict {
  std::vector<LintFinding> findings;  // the gravest first, then in the order of the input
  std::size_t issuer_list_bytes = 0;  // of the names that a server would send to its clients
};

RootStoreVerdict lint_root_store(const LintInput& input, certs::Time now);

// The most that Schannel sends as list of trusted issuers (Microsoft KB 2464556, 2880390).
inline constexpr std::size_t kMaxIssuerListBytes = 16 * 1024;
// More are known to break Lync and Skype for Business servers.
inline constexpr std::size_t kMaxRoots = 100;

}  // namespace chainmend::diagnose
