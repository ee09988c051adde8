// Result<T> of the config library: a value, or every error found in one run.
#pragma once

#include <string>
#include <tl/expected.hpp>
#include <vector>

namespace chainmend::config {

// Where in the file something stands, counted from 1. line 0: nowhere in particular.
struct Location {
  std::string file;
  int line = 0;
  int column = 0;
  std::string describe() const;  // "chainmend.yaml:3:7"
};

enum class Severity { error, warning };

struct Diagnostic {
  Location at;
  std::string text;  // what is wrong and what to do; one sentence, no secrets
  // In the error of a Result, where warnings of the same run stand behind the errors.
  Severity severity = Severity::error;
  std::string describe() const { return at.describe() + ": " + text; }
};

using Diagnostics = std::vector<Diagnostic>;

// The error of a run that also found warnings: the errors, then the warnings.
Diagnostics failure(Diagnostics errors, const Diagnostics& warnings);
// Those of this severity.
Diagnostics only(Severity severity, const Diagnostics& diagnostics);

template <typename T>
using Result = tl::expected<T, Diagnostics>;

}  // namespace chainmend::config
