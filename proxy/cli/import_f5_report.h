// What `chainmend import-f5` prints of an import.
#pragma once

#include <string>
#include <vector>

#include "proxy/cli/terminal.h"
#include "proxy/diagnose/f5/import.h"

namespace chainmend::cli {

struct ImportReport {
  const diagnose::f5::Import& import;
  const std::vector<diagnose::f5::Problem>& problems;  // places that could not be read
  std::string folder;                                  // that was written to; empty: none
};

void print(const Terminal& out, const ImportReport& report);
void print_json(const Terminal& out, const ImportReport& report);

// Everything was read, taken and has its equal, and all files are at hand.
bool is_whole(const ImportReport& report);

}  // namespace chainmend::cli
