// A listener's rules for passthrough, and whether the servers behind can take what is passed
// through.
#include <algorithm>

#include "config/quote.h"
#include "config/read_value.h"
#include "config/sections.h"

namespace chainmend::config {

void read_value(const Cursor& at, Passthrough& out) {
  out.at = at.at();
  MapReader map(at, "passthrough");
  map.read({"server_name", "whom they call; none: they do not say",
            "[certauth.contoso.com, \"*.phones.contoso.com\"]"},
           out.match.sni, ServerName{});
  map.read({"source", "where they are", "[10.30.0.0/16]"}, out.match.source);
  map.read(
      {"client_type", "told by address and hello alone, as in for_clients", "[lync_phone_edition]"},
      out.client_types, RefersTo{Names::Kind::client_type});
  map.require({"upstream",
               "its servers must be https://; tls.trust says whether their chain is whole", "cas"},
              out.upstream, RefersTo{Names::Kind::upstream});
  if (map.is_map() && !map.has("server_name") && !map.has("source") && !map.has("client_type")) {
    at.error(
        "passthrough needs \"server_name\", \"source\" or \"client_type\"; a listener that passes "
        "everyone through has \"mode: passthrough\"");
  }
}

namespace {

// The client speaks TLS to the server, so the server has to.
void check_servers(const Config& config, const std::string& name, const Location& from,
                   Diagnostics& errors) {
  const auto upstream = std::ranges::find(config.upstreams, name, &Upstream::name);
  if (upstream == config.upstreams.end()) {
    return;  // said already
  }
  for (const Server& server : upstream->servers) {
    if (!server.tls && !server.host.empty()) {
      errors.push_back({server.at, server.text() + " cannot take what line " +
                                       std::to_string(from.line) +
                                       " passes through, which is TLS; write https://"});
    }
  }
}

}  // namespace

void check_passthrough(const Config& config, Reader& reader) {
  for (const Listener& listener : config.listeners) {
    if (listener.mode == Mode::passthrough) {
      for (const Route& route : listener.routes) {
        check_servers(config, route.upstream, route.at, reader.errors);
      }
    }
    for (const Passthrough& some : listener.passthrough) {
      check_servers(config, some.upstream, some.at, reader.errors);
    }
  }
}

}  // namespace chainmend::config
