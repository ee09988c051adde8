// judge_listed(): what can be said of roots that are only listed, without the bytes of their
// certificates, and what cannot. Pure.
#pragma once

#include <vector>

#include "proxy/diagnose/lint/in_use.h"
#include "proxy/diagnose/lint/lint_input.h"

namespace chainmend::diagnose {

// Of those in stores of roots alone. Whose thumbprint is also among input.entries, is a duplicate.
// in_use: as for lint_root_store().
std::vector<LintFinding> judge_listed(const LintInput& input, certs::Time now, const InUse* in_use);

// Name for comparison: without what PowerShell, certutil and wrapping add or take away.
std::string comparable_name(std::string_view name);

}  // namespace chainmend::diagnose
