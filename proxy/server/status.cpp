#include "proxy/server/status.h"

#include <nlohmann/json.hpp>

#include "certs/time.h"
#include "proxy/server/upstream_pages.h"
#include "proxy/serving/report.h"
#include "proxy/serving/report_json.h"
#include "proxy/version.h"

namespace chainmend::server {

using Json = nlohmann::ordered_json;

namespace {

std::string when(std::chrono::system_clock::time_point t) {
  return certs::format_time(std::chrono::floor<std::chrono::seconds>(t));
}

// What only the running process knows of what was configured.
void add_states(Json& report, const config::Config& config, const StatusFacts& facts,
                const serving::ServingState& state) {
  for (std::size_t i = 0; i < config.listeners.size(); ++i) {
    report["listeners"][i]["addresses"] = facts.bound.at(config.listeners[i].name);
  }
  for (Json& certificate : report["certificates"]) {
    for (Json& link : certificate["chain"]) {
      link.erase("pem");  // whoever wants it shakes hands
    }
  }
  for (Json& upstream : report["upstreams"]) {
    upstream["servers"] =
        servers_json(*state.upstreams.find(upstream["name"].get<std::string>())->second);
  }
}

}  // namespace

std::string status_json(const StatusFacts& facts, const config::Config& config,
                        const serving::Build& build) {
  Json report = serving::to_json(serving::make_report(config, build));
  add_states(report, config, facts, *build.state);
  Json status = {{"version", kVersion},
                 {"started", when(facts.started)},
                 {"config",
                  {{"file", config.file.string()},
                   {"loaded", when(facts.loaded)},
                   {"last_reload_error",
                    facts.last_reload_error.empty() ? Json() : Json(facts.last_reload_error)},
                   {"last_refresh_error",
                    facts.last_refresh_error.empty() ? Json() : Json(facts.last_refresh_error)},
                   {"needs_restart", facts.needs_restart}}},
                 {"draining", facts.draining},
                 {"open_connections", facts.open_connections}};
  status.update(report);
  return status.dump(2, ' ', false, Json::error_handler_t::replace) + "\n";
}

}  // namespace chainmend::server
