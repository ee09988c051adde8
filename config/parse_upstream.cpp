// The section upstreams.
#include <algorithm>
#include <set>

#include "config/quote.h"
#include "config/read_value.h"
#include "config/sections.h"
#include "config/values.h"

namespace chainmend::config {
namespace {

constexpr std::string_view kServer = "http://host:port or https://host:port";

// "host", "host:443", "[::1]:443", after the scheme. Nothing when it is none of these.
std::optional<Server> parse_authority(std::string_view text, bool tls) {
  Server out;
  out.tls = tls;
  out.port = tls ? 443 : 80;
  const std::size_t colon = text.rfind(':');
  const bool has_port =
      colon != std::string_view::npos && text.find(']', colon) == std::string_view::npos;
  if (has_port) {
    const auto port = parse_number(text.substr(colon + 1));
    if (!port || *port < 1 || *port > 65535) {
      return std::nullopt;
    }
    out.port = static_cast<std::uint16_t>(*port);
    text = text.substr(0, colon);
  }
  const bool bracketed = text.size() > 2 && text.starts_with('[') && text.ends_with(']');
  out.host = lower(bracketed ? text.substr(1, text.size() - 2) : text);
  if (bracketed ? !is_ipv6_address(out.host) : !is_host(out.host)) {
    return std::nullopt;
  }
  return out;
}

void read_server_name(const Cursor& at, std::string& out) {
  const auto text = at.scalar("a host name");
  if (!text) {
    return;
  }
  if (!text->empty() && !is_host(*text)) {
    at.expected("a host name");
  }
  out = *text;
}

void check_servers(const Cursor& at, const Upstream& upstream) {
  std::set<std::string> seen;
  for (const Server& server : upstream.servers) {
    if (!server.host.empty() && !seen.insert(server.text()).second) {
      at.reader().errors.push_back({server.at, server.text() + " is given twice"});
    }
  }
}

Upstream read_upstream(const Cursor& name_at, const Cursor& at) {
  Upstream out;
  read_value(name_at, out.name, Defines{Names::Kind::upstream});
  out.at = name_at.at();
  MapReader map(at, "an upstream");
  map.require("servers", out.servers);
  map.read("tls", out.tls);
  map.read("timeouts", out.timeouts);
  check_servers(at, out);
  const auto speaks_tls = [](const Server& server) { return server.tls; };
  if (map.has("tls") && std::ranges::none_of(out.servers, speaks_tls)) {
    at.warn("\"tls\" has no use: no server is https://");
  }
  return out;
}

}  // namespace

static void read_value(const Cursor& at, Server& out) {
  out.at = at.at();
  std::optional<std::string_view> text = at.scalar(kServer);
  if (!text) {
    return;
  }
  if (text->find('@') != std::string_view::npos) {  // not repeated: it may hold a password
    at.reject("expected " + std::string(kServer) + ", without user or password");
    return;
  }
  std::optional<Server> server;
  for (const bool tls : {false, true}) {
    const std::string_view scheme = tls ? "https://" : "http://";
    if (text->starts_with(scheme)) {
      std::string_view rest = text->substr(scheme.size());
      if (rest.ends_with('/')) {
        rest.remove_suffix(1);
      }
      server = parse_authority(rest, tls);
    }
  }
  if (!server) {
    at.expected(kServer, text->find("://") == std::string_view::npos
                             ? "; https:// says that TLS is spoken to it, http:// that not"
                             : "");
    return;
  }
  server->at = at.at();
  out = *std::move(server);
}

static void read_value(const Cursor& at, UpstreamTls& out) {
  MapReader map(at, "tls");
  map.read("verify", out.verify);
  map.read("repair_chain", out.repair_chain);
  if (const auto name = map.take("server_name")) {
    read_server_name(*name, out.server_name);
  }
  map.read("trust", out.trust);
  if (!out.verify) {
    at.warn("with \"verify: false\" anyone can pose as these servers");
  }
}

static void read_value(const Cursor& at, UpstreamTimeouts& out) {
  MapReader map(at, "timeouts");
  map.read("connect", out.connect);
  map.read("handshake", out.handshake);
}

void read_value(const Cursor& at, std::vector<Upstream>& out) {
  for (const auto& [name, value] : at.entries("upstreams by name")) {
    out.push_back(read_upstream(name, value));
  }
}

}  // namespace chainmend::config
