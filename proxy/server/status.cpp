#include "proxy/server/status.h"

#include <nlohmann/json.hpp>

#include "certs/time.h"
#include "proxy/serving/report.h"
#include "proxy/serving/report_json.h"
#include "proxy/version.h"

namespace chainmend::server {

using Json = nlohmann::ordered_json;

namespace {

std::string when(std::chrono::system_clock::time_point t) {
  return certs::format_time(std::chrono::floor<std::chrono::seconds>(t));
}

Json state_of(const upstream::Server& server) {
  Json failures = Json::object();
  for (std::size_t i = 0; i < enums::count<metrics::UpstreamFailure>(); ++i) {
    const auto reason = static_cast<metrics::UpstreamFailure>(i);
    failures[metrics::to_string(reason)] = server.counts().failures(reason);
  }
  Json connections = Json::object();
  for (std::size_t i = 0; i < enums::count<metrics::UpstreamState>(); ++i) {
    const auto state = static_cast<metrics::UpstreamState>(i);
    connections[metrics::to_string(state)] = server.counts().connections(state);
  }
  const auto success = server.last_success();
  const auto failure = server.last_failure();
  return {{"name", server.name()},
          {"last_success", success ? Json(when(*success)) : Json()},
          {"last_failure", failure ? Json{{"at", when(failure->at)},
                                          {"reason", metrics::to_string(failure->reason)},
                                          {"text", failure->text}}
                                   : Json()},
          {"failures", failures},
          {"connections", connections}};
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
    Json& servers = upstream["servers"] = Json::array();
    for (const upstream::Peer& peer :
         state.upstreams.find(upstream["name"].get<std::string>())->second->peers) {
      servers.push_back(state_of(*peer.server));
    }
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
