// The presets of routes. Where the figures come from:
//
// ActiveSync  a Ping is answered after at most 59 minutes (heartbeat of 3540 s)
// EWS         GetStreamingEvents keeps its answer open for up to 30 minutes
// MAPI        NotificationWait is answered after 5 minutes (MS-OXCMAPIHTTP 3.2.2)
// RPC         both channels are long-lived, their MinConnTimeout goes up to 14400 s, and pings keep
//             them busy meanwhile (MS-RPCH); a channel announces up to 2 GiB
// the others  answer as pages do, PowerShell sessions apart
#include <array>
#include <chrono>

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

}  // namespace

void read_preset(const Cursor& at) {
  const auto name = at.scalar("exchange");
  if (name && *name != "exchange") {
    at.expected("exchange");
  }
}

std::vector<Route> exchange_routes(const Route& like) {
  std::vector<Route> routes(kExchange.size(), like);
  for (std::size_t i = 0; i < routes.size(); ++i) {
    const Entry& entry = kExchange[i];
    routes[i].path = entry.path;
    routes[i].timeouts.response = routes[i].timeouts.server_idle = entry.server;
    routes[i].timeouts.client_idle = entry.client;
    routes[i].max_body = entry.max_body;
  }
  return routes;
}

}  // namespace chainmend::config
