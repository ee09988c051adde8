// How a listener's routes are read: its own, and those that presets stand for. parse_route.cpp,
// preset.cpp.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "config/config.h"
#include "config/yaml_reader.h"

namespace chainmend::config {

struct RouteList {
  std::vector<Route> own;
  std::vector<Route> of_presets;
};

void read_value(const Cursor& at, RouteList& out);
// All routes of a listener: no two for the same requests, and an own one before a preset's.
std::vector<Route> merged(RouteList routes, Diagnostics& errors);
// Fills in what the routes leave to their listener.
void complete_timeouts(Listener& listener);

// `exchange`; reports anything else.
void read_preset(const Cursor& at);
// What `preset: exchange` stands for: routes like this one, but for path, timeouts and body limit.
std::vector<Route> exchange_routes(const Route& like);

}  // namespace chainmend::config
