// What `chainmend lint` makes of each kind of input.
#pragma once

#include <optional>
#include <vector>

#include "proxy/cli/lint_report.h"
#include "proxy/cli/lint_task.h"

namespace chainmend::cli {

struct Linted {
  LintReport report;
  std::vector<certs::CertificatePtr> repaired;  // of the last chain; empty: none leads to a root
  bool all_reached = true;                      // every server that was to be looked at
};

// Asks the servers of the task. Unset, with a message, when an option does not fit.
std::optional<Linted> lint_as(LintKind kind, const LintArguments& arguments, const LintTask& task,
                              const diagnose::LintInput& input);

}  // namespace chainmend::cli
