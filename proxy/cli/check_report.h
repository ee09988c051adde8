// A Report as people read it: what `check` prints.
#pragma once

#include "proxy/cli/terminal.h"
#include "proxy/serving/report.h"

namespace chainmend::cli {

void print_report(const Terminal& out, const serving::Report& report);

}  // namespace chainmend::cli
