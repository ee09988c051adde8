// How `chainmend explain` shows what it knows of an error code.
#pragma once

#include <nlohmann/json.hpp>

#include "proxy/cli/terminal.h"
#include "proxy/diagnose/explain/explain.h"

namespace chainmend::cli {

void print(const Terminal& out, const diagnose::Explanation& one);
// What is known of a problem: causes, what to check, what mends it.
void print(const Terminal& out, const diagnose::Advice& advice);

nlohmann::ordered_json as_json(const diagnose::Explanation& one);
nlohmann::ordered_json as_json(const diagnose::Advice& advice);

}  // namespace chainmend::cli
