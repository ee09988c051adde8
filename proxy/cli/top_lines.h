// What `chainmend top` shows, from /status and /clients: the questions of the status page in its
// order, a line for each answer.
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <vector>

#include "proxy/cli/full_screen.h"

namespace chainmend::cli {

// Whatever is missing in the JSON, or of another type, is left out.
std::vector<StyledLine> top_lines(const nlohmann::ordered_json& status,
                                  const nlohmann::ordered_json& clients);

}  // namespace chainmend::cli
