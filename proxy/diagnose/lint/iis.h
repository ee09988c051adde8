// lint_iis(): whether the certificates that IIS and HTTP.SYS are bound to are those they should be:
// bindings against certificate files and against the server itself. Pure.
#pragma once

#include <string>
#include <vector>

#include "proxy/diagnose/lint/lint_input.h"
#include "proxy/diagnose/probe/probe.h"

namespace chainmend::diagnose {

struct IisQuestion {
  const LintInput& input;
  const ProbeReport* server = nullptr;  // as it was seen; null: none was given
  certs::Time now;
};

struct IisVerdict {
  std::vector<LintFinding> findings;
  std::vector<std::string> facts;  // a sentence for each binding
};

IisVerdict lint_iis(const IisQuestion& question);

}  // namespace chainmend::diagnose
