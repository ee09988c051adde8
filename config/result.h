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

struct Diagnostic {
  Location at;
  std::string text;  // what is wrong and what to do; one sentence, no secrets
  std::string describe() const { return at.describe() + ": " + text; }
};

using Diagnostics = std::vector<Diagnostic>;

template <typename T>
using Result = tl::expected<T, Diagnostics>;

}  // namespace chainmend::config
