// Diagnostics as every command prints them.
#pragma once

#include <string>

#include "config/result.h"
#include "proxy/cli/terminal.h"

namespace chainmend::cli {

// "file:3:7: error: text", one per line. A warning beside errors is called one.
void print(const Terminal& terminal, Style style, const char* severity,
           const config::Diagnostics& diagnostics);

// "error: text" on standard error; returns the exit code for it, kBadInput.
int fail(const std::string& text);

}  // namespace chainmend::cli
