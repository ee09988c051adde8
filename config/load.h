// The steps of load() and parse() that tests want to see from within.
#pragma once

#include <string_view>

#include "config/config.h"
#include "config/yaml_reader.h"

namespace chainmend::config {

// parse(), with the Reader that it used: which keys it could have read, and which it did.
Result<Config> parse(std::string_view yaml, const Path& file, Reader& reader);

}  // namespace chainmend::config
