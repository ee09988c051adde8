// A listener's routes: which requests, what is done with them, and whether their parts go together.
#include <algorithm>
#include <iterator>
#include <map>
#include <utility>

#include <fmt/format.h>

#include "config/quote.h"
#include "config/read_value.h"
#include "config/routes.h"
#include "config/sections.h"
#include "config/values.h"

namespace chainmend::config {
namespace {

// tchar of RFC 9110 5.6.2.
bool is_token(std::string_view text) {
  static constexpr std::string_view kOthers = "!#$%&'*+-.^_`|~";
  return !text.empty() && std::ranges::all_of(text, [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
           kOthers.find(c) != std::string_view::npos;
  });
}

bool is_field_value(std::string_view text) {
  const auto blank = [](char c) { return c == ' ' || c == '\t'; };
  return (text.empty() || (!blank(text.front()) && !blank(text.back()))) &&
         std::ranges::none_of(text, [](char c) {
           return (static_cast<unsigned char>(c) < 0x20 && c != '\t') || c == 0x7f;
         });
}

// Fields that we write ourselves, message by message.
bool is_framing(std::string_view name) {
  constexpr std::string_view kOurs[] = {
      "connection", "content-length", "keep-alive",        "proxy-connection",
      "te",         "trailer",        "transfer-encoding", "upgrade"};
  return std::ranges::find(kOurs, lower(name)) != std::end(kOurs);
}

void read_redirect(const Cursor& at, Redirect& out) {
  constexpr std::string_view kExpected = "https or a URL such as https://mail.contoso.com/owa/";
  const auto text = at.scalar(kExpected);
  if (!text || *text == "https") {
    return;
  }
  const std::size_t scheme_end = text->find("://");
  out.scheme = lower(text->substr(0, scheme_end));
  if (scheme_end == std::string_view::npos || (out.scheme != "https" && out.scheme != "http")) {
    at.expected(kExpected);
    return;
  }
  const std::string_view rest = text->substr(scheme_end + 3);
  const std::size_t path = std::min(rest.find('/'), rest.size());
  out.path = rest.substr(path);
  if (!parse_host_and_port(rest.substr(0, path), 443) ||
      !std::ranges::all_of(out.path, [](char c) { return c > ' ' && c < 0x7f; })) {
    at.expected(kExpected);
    return;
  }
  out.host = lower(rest.substr(0, path));
}

struct PathPrefix {};
struct Method {};

void check_action(const MapReader& map, const Cursor& at, Route& route) {
  const int actions = (map.has("upstream") ? 1 : 0) + (map.has("redirect") ? 1 : 0);
  if (actions > 1) {
    at.error("a route has one of \"upstream\", \"redirect\" and \"status\"");
  } else if (actions == 0 && !map.has("status")) {
    at.error("a route needs \"upstream\", \"redirect\" or \"status\"");
  }
  if (!map.has("status")) {
    route.status = route.redirect ? 302 : 0;
    return;
  }
  constexpr unsigned kRedirects[] = {301, 302, 303, 307, 308};
  if (map.has("upstream")) {
    at.error("\"status\" has no use beside \"upstream\"");
  } else if (route.redirect &&
             std::ranges::find(kRedirects, route.status) == std::end(kRedirects)) {
    at.error("the status of a redirect is 301, 302, 303, 307 or 308");
  } else if (!route.redirect && route.status != 200 && route.status < 400) {
    at.error("the status of an answer is 200 or from 400 to 599");
  }
}

void check_preset(const MapReader& map, const Cursor& at) {
  for (const std::string_view key :
       {"path", "method", "redirect", "status", "timeouts", "max_body", "continue_after"}) {
    if (map.has(key)) {
      at.error(
          quote(key) +
          " does not go with \"preset\"; give the paths that shall differ a route of their own");
    }
  }
  if (!map.has("upstream")) {
    at.error("a preset needs \"upstream\"");
  }
}

// What says which requests a route is for, once for each host and method.
std::vector<std::string> keys_of(const Route& route) {
  const std::vector<std::string> any = {""};
  std::vector<std::string> keys;
  for (const std::string& host : route.hosts.empty() ? any : route.hosts) {
    for (const std::string& method : route.methods.empty() ? any : route.methods) {
      keys.push_back(fmt::format("{} {}{}", method, host, lower(route.path)));
    }
  }
  return keys;
}

}  // namespace

static void read_value(const Cursor& at, std::string& out, const PathPrefix& /*how*/) {
  const auto text = at.scalar({.expected = "a path such as /ews", .pattern = "^/[^ ?#]*$"});
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

static std::string write_value(const Cursor& /*at*/, const std::string& value,
                               const PathPrefix& /*how*/) {
  return value;
}

// Or off, for no limit.
struct BodyLimit {};

static void read_value(const Cursor& at, std::uint64_t& out, const BodyLimit& /*how*/) {
  if (!at.is_off()) {
    std::size_t bytes = 0;
    read_value(at, bytes, Bytes{0, std::uint64_t{1} << 60U});
    out = bytes;
  }
}

static std::string write_value(const Cursor& /*at*/, std::uint64_t value,
                               const BodyLimit& /*how*/) {
  return value == kNoLimit ? "off" : size_text(value);
}

static void read_value(const Cursor& at, std::string& out, const Method& /*how*/) {
  const auto text = at.scalar("a method such as GET");
  if (!text) {
    return;
  }
  if (!is_token(*text)) {
    at.expected("a method such as GET");
  }
  out = *text;
}

void read_value(const Cursor& at, std::string& out, const HeaderName& /*how*/) {
  const auto text = at.scalar("the name of a header field");
  if (!text) {
    return;
  }
  if (!is_token(*text)) {
    at.expected("the name of a header field");
  } else if (is_framing(*text)) {
    at.reject(quote(*text) + " belongs to the connection and cannot be changed");
  }
  out = *text;
}

void read_value(const Cursor& at, std::string& out, const HeaderValue& /*how*/) {
  const auto text = at.scalar("the value of a header field");
  if (!text) {
    return;
  }
  out = *text;
  if (!is_field_value(*text)) {
    at.reject("a header field has no line break, control byte or blank at its ends");
  }
}

static void read_value(const Cursor& at, HeaderChanges& out) {
  MapReader map(at, "headers");
  if (const auto set =
          map.take({"set", "replaces what the sender wrote", "{ X-Proxied-By: chainmend }"})) {
    for (const auto& [name, value] : set->entries("header fields by name")) {
      auto& change = out.set.emplace_back();
      read_value(name, change.first, HeaderName{});
      read_value(value, change.second, HeaderValue{});
    }
  }
  map.read({"remove", "fields that do not go on", "[X-Debug]"}, out.remove, HeaderName{});
}

static void read_value(const Cursor& at, RouteTimeouts& out) {
  MapReader map(at, "timeouts");
  map.read({"connect", "until the server takes the connection", "5s"}, out.connect);
  map.read({"handshake", "of TLS with the server", "10s"}, out.handshake);
  std::optional<Milliseconds> idle;
  map.read({"idle", "short for the next three", "2m"}, idle);
  if (idle) {
    out.response = out.client_idle = out.server_idle = idle;
  }
  map.read({"response", "for the answer to begin", "2m"}, out.response);
  map.read({"client_idle", "between bytes of the request's body", "2m"}, out.client_idle);
  map.read({"server_idle", "between bytes of the answer", "2m"}, out.server_idle);
}

static void read_route(const Cursor& at, MapReader& map, Route& out) {
  out.at = at.at();
  map.read({"path", "what the request's path begins with, in capitals or not"}, out.path,
           PathPrefix{});
  map.read(
      {"host", "whom the request names; without it any", "[mail.contoso.com, \"*.contoso.com\"]"},
      out.hosts, HostPattern{});
  map.read({"method", "of the request; without it any", "[GET, POST]"}, out.methods, Method{});
  map.read({"upstream", "where they go", "cas"}, out.upstream, RefersTo{Names::Kind::upstream});
  if (const auto redirect =
          map.take({"redirect",
                    "https, or a URL, which keeps the request's path when it has none of its own",
                    "https", "upstream"})) {
    read_redirect(*redirect, out.redirect.emplace());
  }
  if (const auto status =
          map.take({"status",
                    "of the redirect 301, 302, 303, 307 or 308; alone: an answer, 200 or "
                    "400 to 599",
                    "302", "upstream"})) {
    std::size_t number = 0;
    read_value(*status, number, Count{200, 599});
    out.status = static_cast<unsigned>(number);
  }
  map.read({"request_headers", "fields on the way to the server"}, out.request_headers);
  map.read({"response_headers", "fields on the way to the client"}, out.response_headers);
  map.read({"timeouts", "what is left out is as in the listener and the upstream"}, out.timeouts);
  map.read({"max_body", "of a request, such as 10MiB; over it 413"}, out.max_body, BodyLimit{});
  map.read({"continue_after",
            "a time: if the server is silent for so long, answer \"Expect: "
            "100-continue\" in its stead"},
           out.continue_after, OrOff{});
  map.read({"via", "without it as in the listener", "auto"}, out.via);
  if (const auto certificate =
          map.take({"client_certificate", "of the client, where its listener asks for one"})) {
    read_client_certificate(*certificate, out);
  }
}

void read_value(const Cursor& at, RouteList& out) {
  if (at.items().empty()) {
    at.reject("the list is empty");
  }
  for (const Cursor& item : at.items()) {
    Route route;
    MapReader map(item, "a route");
    const auto preset =
        map.take({"preset",
                  "routes for ActiveSync, EWS, MAPI, RPC ... with what each needs, which "
                  "`chainmend config --explain FILE` shows",
                  "exchange", "path"});
    read_route(item, map, route);
    if (!preset) {
      check_action(map, item, route);
      out.own.push_back(std::move(route));
      continue;
    }
    check_preset(map, item);
    std::ranges::move(preset_routes(*preset, route), std::back_inserter(out.of_presets));
  }
}

std::vector<Route> merged(RouteList routes, Diagnostics& errors) {
  std::map<std::string, int> lines;
  for (const Route& route : routes.own) {
    for (const std::string& key : keys_of(route)) {
      const auto [first, is_new] = lines.emplace(key, route.at.line);
      if (!is_new) {
        errors.push_back({route.at, "path " + quote(route.path) + " has a route already, on line " +
                                        std::to_string(first->second)});
        break;
      }
    }
  }
  for (Route& route : routes.of_presets) {
    const std::vector<std::string> keys = keys_of(route);
    if (std::ranges::none_of(keys, [&](const auto& key) { return lines.contains(key); })) {
      for (const std::string& key : keys) {
        lines.emplace(key, route.at.line);
      }
      routes.own.push_back(std::move(route));
    }
  }
  return std::move(routes.own);
}

void complete_routes(Listener& listener) {
  for (Route& route : listener.routes) {
    RouteTimeouts& own = route.timeouts;
    own.response = own.response.value_or(listener.timeouts.response);
    own.client_idle = own.client_idle.value_or(listener.timeouts.client_idle);
    own.server_idle = own.server_idle.value_or(listener.timeouts.server_idle);
    route.via = route.via.value_or(listener.via);
    if (!route.to_upstream) {
      route.to_upstream = listener.to_upstream.value_or(IdentityHeaders());
    }
    if (route.via == Via::automatic && route.of_exchange) {
      route.via = Via::off;
    }
  }
}

}  // namespace chainmend::config
