// A chain as `chain` and `check` show it: a line per certificate, leaf first.
#pragma once

#include "certs/served_chain.h"
#include "proxy/cli/terminal.h"

namespace chainmend::cli {

void print_links(const Terminal& terminal, const certs::ServedChain& chain);

}  // namespace chainmend::cli
