// schema(): what editors check a configuration against.
#pragma once

#include <string>

namespace chainmend::config {

// JSON Schema (draft 2020-12) of the configuration file, made from the facts. It holds keys, types,
// words and ranges; what spans several keys, and which names are defined, only reading the file
// tells, but for the keys that stand in place of each other.
std::string schema();

}  // namespace chainmend::config
