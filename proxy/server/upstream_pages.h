// What the admin listener says of upstreams, and what it changes there: which servers the operator
// wants. Main thread.
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>
#include <string_view>

#include "proxy/logs/log.h"
#include "proxy/server/overview.h"
#include "proxy/server/page_server.h"
#include "proxy/serving/serving_state.h"

namespace chainmend::server {

// The servers of an upstream and how they stand.
nlohmann::ordered_json servers_json(const UpstreamStanding& upstream);

// POST /upstreams/drain, /disable or /enable, with ?upstream=NAME&server=SERVER: what was done, or
// why nothing was. The server as it is shown, or its host, with or without the port. Nothing:
// another path.
std::optional<Page> change_upstream(const serving::ServingState& state, std::string_view path,
                                    std::string_view query, logs::Log& log);

// Sets the gauges that show how servers stand now; before a scrape.
void note_server_states(const serving::ServingState& state);

}  // namespace chainmend::server
