// check --as-user: whether the user whom `run` becomes can use every file of a configuration.
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>
#include <tl/expected.hpp>
#include <vector>

#include "config/config.h"
#include "proxy/server/file_access.h"

namespace chainmend::cli {

struct AccessReport {
  std::string user;
  std::vector<server::Obstacle> obstacles;
};

// user: empty for process.user. The error says why this could not be found out.
config::Result<AccessReport> check_access(const config::Config& config, const std::string& user);

// One for each obstacle, at the file that cannot be used.
config::Diagnostics to_diagnostics(const AccessReport& report);
nlohmann::ordered_json to_json(const AccessReport& report);

}  // namespace chainmend::cli
