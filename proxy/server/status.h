// The /status page: the report that `check --json` prints, without PEM, and with what only the
// running process knows: addresses as bound, states of servers, reloads.
#pragma once

#include <chrono>
#include <cstddef>
#include <map>
#include <string>
#include <vector>

#include "config/config.h"
#include "proxy/serving/builder.h"

namespace chainmend::server {

struct StatusFacts {
  std::chrono::system_clock::time_point started;
  std::chrono::system_clock::time_point loaded;  // the configuration in force
  std::string last_reload_error;                 // empty: the last one succeeded
  std::string last_refresh_error;                // likewise
  std::vector<std::string> needs_restart;        // keys whose new values only a restart takes
  std::size_t open_connections = 0;
  bool draining = false;
  std::map<std::string, std::vector<std::string>> bound;  // where each listener really listens
};

std::string status_json(const StatusFacts& facts, const config::Config& config,
                        const serving::Build& build);

}  // namespace chainmend::server
