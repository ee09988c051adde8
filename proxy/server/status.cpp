#include "proxy/server/status.h"

#include <nlohmann/json.hpp>

#include "certs/time.h"
#include "proxy/server/upstream_pages.h"
#include "proxy/serving/report_json.h"

namespace chainmend::server {

using Json = nlohmann::ordered_json;

namespace {

std::string when(std::chrono::system_clock::time_point t) {
  return certs::format_time(std::chrono::floor<std::chrono::seconds>(t));
}

// What only the running process knows of what was configured.
void add_states(Json& report, const Overview& overview) {
  for (Json& listener : report["listeners"]) {
    listener["addresses"] = overview.bound.at(listener["name"].get<std::string>());
  }
  for (Json& certificate : report["certificates"]) {
    for (Json& link : certificate["chain"]) {
      link.erase("pem");  // whoever wants it shakes hands
    }
  }
  Json& upstreams = report["upstreams"] = Json::array();
  for (const UpstreamStanding& upstream : overview.upstreams) {
    upstreams.push_back({{"name", upstream.name}, {"servers", servers_json(upstream)}});
  }
}

Json aia_json(const AiaStanding& aia) {
  Json outcomes = Json::object();
  for (std::size_t i = 0; i < aia.outcomes.size(); ++i) {
    const auto outcome = static_cast<metrics::AiaOutcome>(i);
    outcomes[metrics::to_string(outcome)] = aia.outcomes[outcome];
  }
  return {{"fetches", aia.fetches},
          {"cached", aia.cached},
          {"outcomes", outcomes},
          {"problems", aia.problems}};
}

Json text_or_null(const std::string& text) { return text.empty() ? Json() : Json(text); }

}  // namespace

std::string status_json(const Overview& overview) {
  Json report = serving::to_json(*overview.report);
  add_states(report, overview);
  Json status = {{"version", overview.versions.version},
                 {"openssl", overview.versions.openssl},
                 {"started", when(overview.started)},
                 {"now", when(overview.now)},
                 {"config",
                  {{"file", overview.config_file},
                   {"loaded", when(overview.loaded)},
                   {"last_reload_error", text_or_null(overview.last_reload_error)},
                   {"last_refresh_error", text_or_null(overview.last_refresh_error)},
                   {"needs_restart", overview.needs_restart}}},
                 {"draining", overview.draining},
                 {"open_connections", overview.open_connections},
                 {"aia", aia_json(overview.aia)}};
  status.update(report);
  return status.dump(2, ' ', false, Json::error_handler_t::replace) + "\n";
}

}  // namespace chainmend::server
