// IssuerList: the names of trusted issuers that a Windows server sends to clients when it asks for
// their certificate.
#pragma once

#include <cstddef>
#include <functional>
#include <span>
#include <vector>

#include "proxy/diagnose/lint/lint_input.h"

namespace chainmend::diagnose {

// The most that Schannel sends (Microsoft KB 2464556, 2880390).
inline constexpr std::size_t kMaxIssuerListBytes = 16 * 1024;

struct IssuerList {
  std::size_t bytes = 0;
  // What has to go so that the rest fits, most dispensable first: those that are no roots, the
  // expired, the weak; then the longest names.
  std::vector<const Entry*> drops;
  bool is_enough = true;  // that they go
};

// may_drop: whether an entry can do without; borrowed for the call. The result borrows entries.
IssuerList issuer_list(std::span<const Entry* const> roots, certs::Time now,
                       const std::function<bool(const Entry&)>& may_drop);

bool has_short_rsa(const certs::Certificate& certificate);

}  // namespace chainmend::diagnose
