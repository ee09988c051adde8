// The section listeners: one listener, and whether its parts go together.
#include <algorithm>
#include <iterator>
#include <utility>

#include "config/read_value.h"
#include "config/routes.h"
#include "config/sections.h"
#include "config/values.h"

namespace chainmend::config {
namespace {

// `off`, `on`, or a map.
void read_tls(const Cursor& at, Listener& out) {
  if (at.is_off() || at.is("on") || at.node().kind == YamlNode::Kind::scalar) {
    if (const auto on = parse_bool(at.node().text)) {
      out.tls = *on;
    } else {
      at.expected("off or a map, as in { policy: intermediate }");
      out.tls = !out.certificates.empty();  // whichever was meant, no second error
    }
    return;
  }
  MapReader map(at, "tls");
  map.read({"policy", "a built-in policy or one of tls_policies"}, out.policy,
           RefersTo{Names::Kind::policy});
  map.read({"trust_profiles", "profiles that the chain must suit as well, beside chain.trust"},
           out.trust_profiles, MayBeEmpty{}, RefersTo{Names::Kind::trust_profile});
  map.read({"for_clients", "what is different for some, told by address and hello alone"},
           out.for_clients, MayBeEmpty{}, out.client_certificate);
}

// What has no use where TLS does not end here.
void check_mode(const MapReader& map, const Cursor& at, const Listener& listener) {
  if (listener.mode != Mode::passthrough) {
    if (!listener.tls && !listener.passthrough.empty()) {
      at.error("\"passthrough\" has no use with \"tls: off\": there is no hello to go by");
    }
    return;
  }
  for (const std::string_view key : {"certificates", "client_certificate", "tls", "passthrough",
                                     "routes", "limits", "forwarded", "via"}) {
    if (const auto value = map.find(key)) {
      value->reject("has no use in mode passthrough, where TLS does not end here");
    }
  }
}

void check_tls(const MapReader& map, const Cursor& at, const Listener& listener) {
  if (listener.mode == Mode::passthrough) {
    return;
  }
  if (listener.tls && !map.has("certificates")) {
    at.error("a listener that speaks TLS needs \"certificates\" (or \"tls: off\")");
  } else if (!listener.tls && !listener.certificates.empty()) {
    at.reader().errors.push_back(
        {listener.certificates.front().at, "\"certificates\" have no use with \"tls: off\""});
  }
}

void check_routes(const MapReader& map, const Cursor& at, const Listener& listener) {
  Diagnostics& errors = at.reader().errors;
  if (listener.mode == Mode::passthrough && !map.has("upstream")) {
    at.error("a listener of mode passthrough needs \"upstream\"");
  } else if (!map.has("upstream") && !map.has("routes")) {
    at.error("a listener needs \"upstream\" or \"routes\"");
  }
  if (listener.mode != Mode::tcp) {
    return;
  }
  for (const Route& route : listener.routes) {
    if (route.path != "/") {
      errors.push_back({route.at, "mode tcp knows no paths; leave out \"path\""});
    } else if (route.status != 0 || !route.hosts.empty() || !route.methods.empty()) {
      errors.push_back({route.at, "mode tcp knows no requests, only one \"upstream\""});
    }
  }
}

// True when one of the times that routes take over is given.
bool read_timeouts(const Cursor& at, ListenerTimeouts& out) {
  MapReader map(at, "timeouts");
  map.read({"first_byte", "of the client, after it connected"}, out.first_byte);
  map.read({"handshake", "the whole of it"}, out.handshake);
  map.read({"head", "from first to last byte of a request head"}, out.head);
  map.read({"keep_alive", "between requests"}, out.keep_alive);
  std::optional<Milliseconds> idle;
  map.read({"idle",
            "short for the next three. These four are for routes without times of their own. Where "
            "none of them is given here, `upstream:` beside the listener has those of preset "
            "exchange, and 65m for all other paths: the long polls of Exchange and Mitel live",
            "2m"},
           idle);
  if (idle) {
    out.response = out.client_idle = out.server_idle = *idle;
  }
  map.read({"response", "from the end of a request to the first byte of its answer"}, out.response);
  map.read({"client_idle", "between bytes of a request's body"}, out.client_idle);
  map.read({"server_idle", "between bytes of an answer"}, out.server_idle);
  return map.has("idle") || map.has("response") || map.has("client_idle") || map.has("server_idle");
}

// What no route takes goes to `upstream:`. Who gives no times there gets those with which the long
// polls of Exchange and Mitel live.
void add_rest(const Cursor& upstream, const Listener& listener, bool times_given,
              RouteList& routes) {
  Route rest;
  rest.at = upstream.at();
  read_value(upstream, rest.upstream, RefersTo{Names::Kind::upstream});
  if (listener.mode != Mode::http || times_given) {
    routes.own.push_back(std::move(rest));
    return;
  }
  RouteList all = routes_to_anything(rest);
  std::ranges::move(all.own, std::back_inserter(routes.own));
  std::ranges::move(all.of_presets, std::back_inserter(routes.of_presets));
}

// Where nobody is asked, and where there are no requests to tell servers with.
void check_client_certificate(const MapReader& map, const Cursor& at, const Listener& listener) {
  if (const auto asked = map.find("client_certificate");
      asked && !listener.tls && listener.mode != Mode::passthrough) {
    asked->reject("has no use with \"tls: off\"");
  } else if (asked && listener.mode == Mode::tcp && listener.to_upstream) {
    asked->reject("\"to_upstream\" has no use in mode tcp, which knows no requests");
  }
  const auto asks = [](const ClientCertificates& terms) {
    return terms.request != AskForCertificate::never;
  };
  const bool asked_for = asks(listener.client_certificate) ||
                         std::ranges::any_of(listener.for_clients, [&](const ForClients& some) {
                           return some.client_certificate && asks(*some.client_certificate);
                         });
  for (const Route& route : listener.routes) {
    if (route.requires_certificate && !asked_for) {
      at.reader().errors.push_back(
          {route.at,
           "\"required\" refuses every request, since this listener asks nobody for a "
           "certificate; give it client_certificate: { request: optional, trust: ... }"});
    }
  }
}

void check_proxy_protocol(const Cursor& at, const Listener& listener) {
  if (listener.proxy_protocol && listener.trusted_sources.empty()) {
    at.error("\"proxy_protocol\" needs \"trusted_sources\": anyone could claim to be anyone");
  }
}

}  // namespace

static void read_value(const Cursor& at, MessageLimits& out) {
  constexpr Bytes kRate{1, 1U << 30U};
  MapReader map(at, "limits");
  map.read({"head", "of the whole head"}, out.head, Bytes{1024, 1U << 20U});
  map.read({"fields", "how many it has"}, out.fields, Count{16, 10'000});
  map.read({"request_rate",
            "bytes per second that the body of a request has to come with, after 20 seconds; not "
            "for /rpc of preset exchange, which is slow by design"},
           out.request_rate, OrOff{}, kRate);
  map.read({"answer_rate", "bytes per second that a client has to take an answer with, likewise"},
           out.answer_rate, OrOff{}, kRate);
}

void read_value(const Cursor& at, Listener& out) {
  out.at = at.at();
  MapReader map(at, "a listener");
  map.require({"name", "its label in metrics and logs", "exchange"}, out.name,
              Defines{Names::Kind::listener});
  map.require({"listen", "numeric addresses", "[\"0.0.0.0:443\", \"[::]:443\"]"}, out.listen);
  map.read({"mode",
            "tcp: bytes as they come, one upstream; passthrough: TLS as it comes, which ends "
            "at the upstream"},
           out.mode);
  map.read({"certificates", "by SNI and key type; the first serves clients without SNI", "[mail]"},
           out.certificates, RefersTo{Names::Kind::certificate});
  if (const auto asked =
          map.take({"client_certificate", "one that clients are asked for in the handshake"})) {
    read_client_certificate(*asked, out);
  }
  if (const auto tls = map.take({"tls", "what clients may speak; off: plain HTTP or TCP"})) {
    read_tls(*tls, out);
  }
  map.read({"passthrough",
            "clients whose TLS goes on to an upstream as it is, with the certificate that "
            "they show there. The first rule that fits wins; all that it lists must fit, of a list "
            "one item. What no rule takes ends here"},
           out.passthrough, MayBeEmpty{});
  const auto timeouts = map.take({"timeouts", "how long is waited for what"});
  const bool times_given = timeouts && read_timeouts(*timeouts, out.timeouts);
  map.read({"limits", "of messages; a head over them, in either direction, is 431 or 502"},
           out.limits);
  map.read({"max_connections", "of this listener, beside process.max_connections"},
           out.max_connections, OrOff{}, Count{1, 10'000'000});
  map.read({"trusted_sources", "proxies before this one, such as [10.0.0.5, 192.0.2.0/24]"},
           out.trusted_sources, MayBeEmpty{});
  map.read({"proxy_protocol", "they begin with a PROXY header, v1 or v2; nobody else may"},
           out.proxy_protocol);
  map.read({"forwarded", "write Forwarded (RFC 7239) beside X-Forwarded-For, -Proto, -Host, -Port"},
           out.forwarded);
  map.read({"via",
            "name this proxy in Via; auto: not on routes of preset exchange, nor beside NTLM, "
            "Negotiate or Digest: IIS would ask for it again"},
           out.via);
  RouteList routes;
  map.read({"routes",
            "of mode http. Of the routes that fit a request, the one with the host wins over one "
            "without, then the longer path, then the one with the method; their order does not "
            "matter"},
           routes);
  if (const auto upstream = map.take(
          {"upstream", "for what no route takes; in modes tcp and passthrough for all", "cas"})) {
    add_rest(*upstream, out, times_given, routes);
  }
  out.routes = merged(std::move(routes), at.reader().errors);
  complete_routes(out);
  out.tls = out.tls && out.mode != Mode::passthrough;
  if (map.is_map()) {
    check_mode(map, at, out);
    check_tls(map, at, out);
    check_routes(map, at, out);
    check_client_certificate(map, at, out);
    check_proxy_protocol(at, out);
  }
}

}  // namespace chainmend::config
