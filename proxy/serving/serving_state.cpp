#include "proxy/serving/serving_state.h"

#include <algorithm>
#include <tuple>

#include "proxy/http/field_id.h"

namespace chainmend::serving {

namespace {

bool fits_path(std::string_view prefix, std::string_view path) {
  return path.starts_with(prefix) &&
         (prefix.ends_with('/') || path.size() == prefix.size() || path[prefix.size()] == '/');
}

}  // namespace

bool fits_host(std::string_view pattern, std::string_view host) {
  if (host.ends_with('.')) {  // the root's label may be written
    host.remove_suffix(1);
  }
  if (!pattern.starts_with("*.")) {
    return http::same_name(pattern, host);
  }
  const std::string_view domain = pattern.substr(1);
  return host.size() > domain.size() &&
         http::same_name(domain, host.substr(host.size() - domain.size()));
}

bool Route::fits(std::string_view normalised_path, std::string_view request_host,
                 std::string_view method) const {
  return fits_path(prefix, normalised_path) && (host.empty() || fits_host(host, request_host)) &&
         (methods.empty() || std::ranges::find(methods, method) != methods.end());
}

bool says_more(const Route& a, const Route& b) {
  const auto rank = [](const Route& route) {
    const int exact = route.host.empty() ? 0 : route.host.starts_with("*.") ? 1 : 2;
    // Of two wildcards the longer one; exact names do not compete.
    const std::size_t wildcard = exact == 1 ? route.host.size() : 0;
    return std::tuple(exact, wildcard, route.prefix.size(), !route.methods.empty());
  };
  return rank(a) > rank(b);
}

const Route* Listener::route_for(std::string_view normalised_path, std::string_view host,
                                 std::string_view method) const {
  const auto found = std::ranges::find_if(
      routes, [&](const Route& route) { return route.fits(normalised_path, host, method); });
  return found == routes.end() ? nullptr : &*found;
}

bool Listener::trusts(const config::Address& source) const {
  return std::ranges::any_of(
      trusted_sources, [&](const config::Network& network) { return network.contains(source); });
}

const Passthrough* Listener::passthrough_for(const clients::Caller& caller,
                                             const clients::Classifier& classifier) const {
  std::optional<clients::ClientType> type;
  const auto fits = [&](const Passthrough& rule) {
    if (!clients::fits(rule.match, caller)) {
      return false;
    }
    if (rule.client_types.empty()) {
      return true;
    }
    if (!type) {
      type = classifier.admit(caller).type;
    }
    return std::ranges::find(rule.client_types, *type) != rule.client_types.end();
  };
  const auto found = std::ranges::find_if(passthrough, fits);
  return found == passthrough.end() ? nullptr : &*found;
}

std::vector<const upstream::Peer*> ServingState::pooled_peers() const {
  std::vector<const upstream::Peer*> peers;
  for (const auto& [name, upstream] : upstreams) {
    if (upstream->pools()) {
      std::ranges::transform(upstream->peers, std::back_inserter(peers),
                             [](const upstream::Peer& peer) { return &peer; });
    }
  }
  return peers;
}

bool ServingState::takes_requests(const upstream::Upstream& upstream) const {
  return std::ranges::any_of(listeners, [&](const auto& listener) {
    return std::ranges::any_of(listener->routes,
                               [&](const Route& route) { return route.upstream == &upstream; });
  });
}

const Listener* ServingState::find_listener(std::string_view name) const {
  const auto found = std::ranges::find_if(
      listeners, [name](const auto& listener) { return listener->name == name; });
  return found == listeners.end() ? nullptr : found->get();
}

}  // namespace chainmend::serving
