// Diagnostics as every command prints them.
#pragma once

#include "config/result.h"
#include "proxy/cli/terminal.h"

namespace chainmend::cli {

// "file:3:7: error: text", one per line.
void print(const Terminal& terminal, Style style, const char* severity,
           const config::Diagnostics& diagnostics);

}  // namespace chainmend::cli
