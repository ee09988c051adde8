// No two sockets may want the same address. IPv4 and IPv6 sockets never meet: ours are IPv6-only.
#include <map>
#include <string>
#include <utility>

#include "config/sections.h"

namespace chainmend::config {
namespace {

struct User {
  const Located<Endpoint>* endpoint;
  std::string who;
};

// Who wants one port of one family.
struct Port {
  std::optional<User> first;
  std::optional<User> wildcard;
  std::map<std::string, User> by_address;
};

bool is_ipv6(const Endpoint& endpoint) { return endpoint.address.find(':') != std::string::npos; }

bool is_wildcard(const Endpoint& endpoint) {
  return endpoint.address == "0.0.0.0" || endpoint.address == "::";
}

// The one that already has what endpoint wants, if any.
const User* in_the_way(const Port& port, const Endpoint& endpoint) {
  if (const auto same = port.by_address.find(endpoint.address); same != port.by_address.end()) {
    return &same->second;
  }
  if (port.wildcard) {
    return &*port.wildcard;
  }
  return is_wildcard(endpoint) && port.first ? &*port.first : nullptr;
}

std::string describe(const User& user) {
  const int line = user.endpoint->at.line;
  return user.endpoint->value.text() + " of " + user.who +
         (line > 0 ? " on line " + std::to_string(line) : " (its default)");
}

class Ports {
 public:
  void take(const Located<Endpoint>& wanted, std::string who, Diagnostics& errors) {
    const Endpoint& endpoint = wanted.value;
    if (endpoint.address.empty() || endpoint.port == 0) {  // reported already; the kernel picks
      return;
    }
    Port& port = ports_[{is_ipv6(endpoint), endpoint.port}];
    if (const User* const other = in_the_way(port, endpoint)) {
      errors.push_back({wanted.at, endpoint.text() + " collides with " + describe(*other)});
      return;
    }
    const User user{&wanted, std::move(who)};
    port.by_address.emplace(endpoint.address, user);
    if (is_wildcard(endpoint)) {
      port.wildcard = user;
    }
    if (!port.first) {
      port.first = user;
    }
  }

 private:
  std::map<std::pair<bool, std::uint16_t>, Port> ports_;
};

}  // namespace

void check_listen_addresses(const Config& config, Diagnostics& errors) {
  Ports ports;
  if (config.admin.listen) {
    ports.take(*config.admin.listen, "admin", errors);
  }
  for (const Listener& listener : config.listeners) {
    for (const Located<Endpoint>& endpoint : listener.listen) {
      ports.take(endpoint, "listener \"" + listener.name + "\"", errors);
    }
  }
}

}  // namespace chainmend::config
