// lint_root_store(): what is wrong with a store of trusted roots, as Windows and IIS use one. Pure.
#pragma once

#include <vector>

#include "proxy/diagnose/lint/in_use.h"
#include "proxy/diagnose/lint/lint_input.h"

namespace chainmend::diagnose {

struct RootStoreVerdict {
  std::vector<LintFinding> findings;  // the gravest first, then in the order of the input
  std::vector<std::string> facts;     // of the store as a whole, a sentence each
  std::size_t issuer_list_bytes = 0;  // of the names that a server would send to its clients
  std::size_t judged = 0;             // certificates of stores of roots
};

// in_use: which certificates the fixes must not cut off; null: nobody asked.
RootStoreVerdict lint_root_store(const LintInput& input, certs::Time now,
                                 const InUse* in_use = nullptr);

// More are known to break Lync and Skype for Business servers.
inline constexpr std::size_t kMaxRoots = 100;

}  // namespace chainmend::diagnose
