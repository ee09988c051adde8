// The presets of routes. Where the figures come from:
//
// ActiveSync  a Ping is answered after at most 59 minutes (heartbeat of 3540 s)
// EWS         GetStreamingEvents keeps its answer open for up to 30 minutes
// MAPI        NotificationWait is answered after 5 minutes (MS-OXCMAPIHTTP 3.2.2)
// RPC         both channels are long-lived, their MinConnTimeout goes up to 14400 s, and pings keep
//             them busy meanwhile (MS-RPCH); a channel announces up to 2 GiB
// the others  answer as pages do, PowerShell sessions apart
// Mitel       phones of Connect keep a request for events open on the client application server:
// POST
//             / and /GetEvents (github.com/bretterer/shorebridge). For how long is not published:
//             as long as an ActiveSync Ping
#include <array>
#include <chrono>
#include <iterator>
#include <span>

#include "config/routes.h"

namespace chainmend::config {
namespace {

using std::chrono::minutes;

struct Entry {
  std::string_view path;
  Milliseconds server;  // for its answer to begin, and between its bytes
  Milliseconds client;  // between the bytes of a body
  std::uint64_t max_body;
};

constexpr std::uint64_t kTwoGiB = std::uint64_t{2} << 30U;

constexpr std::array kExchange = {
    Entry{"/Microsoft-Server-ActiveSync", minutes(65), minutes(2), kNoLimit},
    Entry{"/ews", minutes(35), minutes(2), kNoLimit},
    Entry{"/mapi", minutes(7), minutes(2), kTwoGiB},
    Entry{"/rpc", minutes(20), minutes(20), kNoLimit},
    Entry{"/powershell", minutes(15), minutes(15), kTwoGiB},
    Entry{"/owa", minutes(2), minutes(2), kTwoGiB},
    Entry{"/ecp", minutes(2), minutes(2), kTwoGiB},
    Entry{"/oab", minutes(2), minutes(2), kTwoGiB},
    Entry{"/autodiscover", minutes(2), minutes(2), kTwoGiB},
    Entry{"/api", minutes(2), minutes(2), kTwoGiB},
    Entry{"/", minutes(2), minutes(2), kTwoGiB},
};

constexpr std::array kMitelConnect = {
    Entry{"/shoreauth", minutes(2), minutes(2), kNoLimit},
    Entry{"/", minutes(65), minutes(2), kNoLimit},
};

void apply(const Entry& entry, Route& route) {
  route.path = entry.path;
  route.timeouts.response = route.timeouts.server_idle = entry.server;
  route.timeouts.client_idle = entry.client;
  route.max_body = entry.max_body;
}

std::vector<Route> routes_of(std::span<const Entry> entries, const Route& like) {
  std::vector<Route> routes(entries.size(), like);
  for (std::size_t i = 0; i < routes.size(); ++i) {
    apply(entries[i], routes[i]);
  }
  return routes;
}

std::vector<Route> exchange_routes(Route like) {
  like.of_exchange = true;
  return routes_of(kExchange, like);
}

constexpr std::string_view kPresets = "exchange or mitel_connect";

}  // namespace

std::vector<Route> preset_routes(const Cursor& preset, const Route& like) {
  const auto name =
      preset.scalar({.expected = std::string(kPresets), .words = {"exchange", "mitel_connect"}});
  if (name == "mitel_connect") {
    return routes_of(kMitelConnect, like);
  }
  if (name && name != "exchange") {
    preset.expected(kPresets);
  }
  return exchange_routes(like);
}

RouteList routes_to_anything(const Route& like) {
  RouteList routes;
  routes.own = {like};
  apply(kMitelConnect.back(), routes.own.front());
  routes.of_presets = exchange_routes(like);
  return routes;
}

}  // namespace chainmend::config
