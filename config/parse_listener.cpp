// The section listeners: one listener, and whether its parts go together.
#include <map>

#include "config/quote.h"
#include "config/read_value.h"
#include "config/sections.h"
#include "config/values.h"

namespace chainmend::config {
namespace {

void read_route_path(const Cursor& at, std::string& out) {
  const auto text = at.scalar("a path such as /ews");
  if (!text) {
    return;
  }
  if (!text->starts_with('/')) {
    at.reject("a path begins with /, found " + quote(*text));
  } else if (text->find_first_of(" ?#\t\r\n") != std::string_view::npos) {
    at.reject("a path has no space, ? or #, found " + quote(*text));
  }
  out = *text;
}

// `off`, `on`, or a map.
void read_tls(const Cursor& at, Listener& out) {
  if (at.node().kind == YamlNode::Kind::scalar) {
    if (const auto on = parse_bool(at.node().text)) {
      out.tls = *on;
    } else {
      at.expected("off or a map, as in { policy: intermediate }");
      out.tls = !out.certificates.empty();  // whichever was meant, no second error
    }
    return;
  }
  MapReader map(at, "tls");
  map.read("policy", out.policy, RefersTo{Names::Kind::policy});
  map.read("trust_profiles", out.trust_profiles, MayBeEmpty{},
           RefersTo{Names::Kind::trust_profile});
  map.read("for_clients", out.for_clients, MayBeEmpty{});
}

void check_tls(const MapReader& map, const Cursor& at, const Listener& listener) {
  if (listener.tls && !map.has("certificates")) {
    at.error("a listener that speaks TLS needs \"certificates\" (or \"tls: off\")");
  } else if (!listener.tls && !listener.certificates.empty()) {
    at.reader().errors.push_back(
        {listener.certificates.front().at, "\"certificates\" have no use with \"tls: off\""});
  }
}

void check_routes(const MapReader& map, const Cursor& at, const Listener& listener) {
  Diagnostics& errors = at.reader().errors;
  if (!map.has("upstream") && !map.has("routes")) {
    at.error("a listener needs \"upstream\" or \"routes\"");
  }
  std::map<std::string, int> seen;
  for (const Route& route : listener.routes) {
    const std::string path = lower(route.path);
    const auto [first, is_new] = seen.emplace(path, route.at.line);
    if (!is_new) {
      errors.push_back({route.at, "path " + quote(route.path) + " has a route already, on line " +
                                      std::to_string(first->second)});
    } else if (listener.mode == Mode::tcp && path != "/") {
      errors.push_back({route.at, "mode tcp knows no paths; leave out \"path\""});
    }
  }
}

}  // namespace

static void read_value(const Cursor& at, ListenerTimeouts& out) {
  MapReader map(at, "timeouts");
  map.read("first_byte", out.first_byte);
  map.read("handshake", out.handshake);
  map.read("head", out.head);
  map.read("keep_alive", out.keep_alive);
  map.read("idle", out.idle);
}

static void read_value(const Cursor& at, Route& out) {
  out.at = at.at();
  MapReader map(at, "a route");
  if (const auto path = map.take("path")) {
    read_route_path(*path, out.path);
  }
  map.require("upstream", out.upstream, RefersTo{Names::Kind::upstream});
}

void read_value(const Cursor& at, Listener& out) {
  out.at = at.at();
  MapReader map(at, "a listener");
  map.require("name", out.name, Defines{Names::Kind::listener});
  map.require("listen", out.listen);
  map.read("mode", out.mode);
  map.read("certificates", out.certificates, RefersTo{Names::Kind::certificate});
  if (const auto tls = map.take("tls")) {
    read_tls(*tls, out);
  }
  map.read("timeouts", out.timeouts);
  map.read("routes", out.routes);
  if (const auto upstream = map.take("upstream")) {
    Route& rest = out.routes.emplace_back();
    rest.at = upstream->at();
    read_value(*upstream, rest.upstream, RefersTo{Names::Kind::upstream});
  }
  if (map.is_map()) {
    check_tls(map, at, out);
    check_routes(map, at, out);
  }
}

}  // namespace chainmend::config
