// Runs the built program as a user would, and gives what came out.
#pragma once

#include <string>
#include <vector>

namespace chainmend::cli::testing {

struct Outcome {
  int status = -1;  // exit status; -1 when a signal ended it
  std::string out, err;
};

Outcome run_chainmend(const std::vector<std::string>& arguments);

}  // namespace chainmend::cli::testing
