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
void complete_routes(Listener& listener);

// What the preset of this name stands for: routes like this one, but for path, timeouts and body
// limit. Reports a name that no preset has.
std::vector<Route> preset_routes(const Cursor& preset, const Route& like);
// What `upstream:` alone stands for in mode http, where nobody said which server is behind: the
// routes of `preset: exchange`, and all other paths with the patience of the longest poll.
RouteList routes_to_anything(const Route& like);

}  // namespace chainmend::config
