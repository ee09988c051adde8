#include "proxy/serving/serving_state.h"

#include <algorithm>

namespace chainmend::serving {

const Route* Listener::route_for(std::string_view normalised_path) const {
  for (const Route& route : routes) {
    if (!normalised_path.starts_with(route.prefix)) {
      continue;
    }
    if (route.prefix.ends_with('/') || normalised_path.size() == route.prefix.size() ||
        normalised_path[route.prefix.size()] == '/') {
      return &route;
    }
  }
  return nullptr;
}

const Listener* ServingState::find_listener(std::string_view name) const {
  const auto found = std::ranges::find_if(
      listeners, [name](const auto& listener) { return listener->name == name; });
  return found == listeners.end() ? nullptr : found->get();
}

}  // namespace chainmend::serving
