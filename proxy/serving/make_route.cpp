#include "proxy/serving/make_route.h"

#include "proxy/http/target.h"

namespace chainmend::serving {
namespace {

std::vector<http::FieldChange> field_changes(const config::HeaderChanges& from) {
  std::vector<http::FieldChange> changes;
  changes.reserve(from.set.size() + from.remove.size());
  for (const auto& [name, value] : from.set) {
    changes.push_back({name, value, false});
  }
  for (const std::string& name : from.remove) {
    changes.push_back({name, {}, true});
  }
  return changes;
}

}  // namespace

Route make_route(const config::Route& from) {
  Route route;
  http::normalise_path(from.path, route.prefix);
  route.methods = from.methods;
  route.redirect = from.redirect;
  route.status = from.status;
  route.request_changes = field_changes(from.request_headers);
  route.response_changes = field_changes(from.response_headers);
  const config::RouteTimeouts& times = from.timeouts;
  route.timeouts = {times.connect, times.handshake, times.response.value(),
                    times.client_idle.value(), times.server_idle.value()};
  route.max_body = from.max_body;
  route.continue_after = from.continue_after;
  route.requires_certificate = from.requires_certificate;
  route.identity = IdentityFields(from.to_upstream.value_or(config::IdentityHeaders()));
  route.via = from.via.value_or(config::Via::automatic);
  return route;
}

}  // namespace chainmend::serving
