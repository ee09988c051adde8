// A Report as programs read it: what `check --json` prints, and /status with the states of the
// running process added to it.
#pragma once

#include <nlohmann/json_fwd.hpp>

#include "proxy/serving/report.h"

namespace chainmend::serving {

// {"listeners": [...], "policies": [...], "certificates": [...], "upstreams": [...],
//  "warnings": [...], "notes": [...]}
nlohmann::ordered_json to_json(const Report& report);
// [{"file", "line", "column", "text"}]
nlohmann::ordered_json to_json(const config::Diagnostics& diagnostics);

}  // namespace chainmend::serving
