// lint_pfx(): what a PKCS#12 file holds, who can read it, and whether a server can use it. Pure.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "proxy/diagnose/lint/lint_input.h"

namespace chainmend::diagnose {

struct PfxVerdict {
  std::vector<LintFinding> findings;
  std::vector<std::string> facts;  // what is in it and how it is protected, a sentence each
};

// entries: the certificates of this file.
PfxVerdict lint_pfx(const PfxFile& file, std::span<const Entry> entries, certs::Time now);

}  // namespace chainmend::diagnose
