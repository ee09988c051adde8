// The section upstreams.
#include <algorithm>
#include <set>
#include <utility>

#include "config/quote.h"
#include "config/read_value.h"
#include "config/sections.h"
#include "config/values.h"

namespace chainmend::config {
namespace {

constexpr std::string_view kServer = "http://host:port or https://host:port";

struct NameOfServer {};  // a host name, or none

struct Url {};  // http or https, host and port

void check_servers(const Cursor& at, const Upstream& upstream) {
  if (upstream.servers.size() > kMostServers) {
    at.error("an upstream has at most " + std::to_string(kMostServers) + " servers");
  }
  std::set<std::string> seen;
  for (const Server& server : upstream.servers) {
    if (!server.host.empty() && !seen.insert(server.text()).second) {
      at.reader().errors.push_back({server.at, server.text() + " is given twice"});
    }
  }
}

// Checks over TLS need servers that speak it.
void check_types(const Cursor& at, const Upstream& upstream) {
  const bool tls = upstream.health && (upstream.health->type == HealthType::tls ||
                                       upstream.health->type == HealthType::https);
  const auto plain = [](const Server& server) { return !server.tls && !server.host.empty(); };
  const auto found = std::ranges::find_if(upstream.servers, plain);
  if (tls && found != upstream.servers.end()) {
    at.reader().errors.push_back(
        {found->at, "\"health\" wants TLS of type " +
                        std::string(kHealthTypeNames[upstream.health->type]) + ", but " +
                        found->text() + " is not https://; type http suits both"});
  }
}

Upstream read_upstream(const Cursor& name_at, const Cursor& at) {
  Upstream out;
  read_value(name_at, out.name, Defines{Names::Kind::upstream});
  out.at = name_at.at();
  MapReader map(at, "an upstream");
  map.require({"servers",
               "https:// speaks TLS to it, http:// does not; the same in mode tcp; 443 "
               "and 80 go without saying; as a map with url for what else there is to say",
               "[https://10.0.0.11, https://10.0.0.12:443]"},
              out.servers);
  map.read({"tls", "of servers that are https://"}, out.tls);
  map.read({"timeouts", "of connecting to a server"}, out.timeouts);
  map.read({"keep_alive", "of connections that carry nobody's identity; off: none are kept"},
           out.keep_alive);
  map.read({"proxy_protocol", "tell the servers in a PROXY header who the client is"},
           out.proxy_protocol);
  map.read({"balance", "which server gets a client that belongs to none"}, out.balance);
  map.read({"queue", "of requests, when every server has its max_connections"}, out.queue);
  map.read({"persistence", "a client comes back to the server that it had"}, out.persistence,
           OrOff{});
  map.read({"health", "ask the servers themselves whether they are well"}, out.health, OrOff{});
  map.read({"eject", "leave out for a while who fails requests"}, out.eject, OrOff{});
  map.read({"all_down", "when no server may be asked: 503 at once, or ask the least bad one"},
           out.all_down);
  map.read({"dns", "of servers that have a name"}, out.dns);
  check_servers(at, out);
  check_types(at, out);
  const auto speaks_tls = [](const Server& server) { return server.tls; };
  if (map.has("tls") && std::ranges::none_of(out.servers, speaks_tls)) {
    at.warn("\"tls\" has no use: no server is https://");
  }
  return out;
}

}  // namespace

static void read_value(const Cursor& at, std::string& out, const NameOfServer& /*how*/) {
  const auto text = at.scalar("a host name");
  if (!text) {
    return;
  }
  if (!text->empty() && !is_host(*text)) {
    at.expected("a host name");
  }
  out = *text;
}

static std::string write_value(const Cursor& /*at*/, const std::string& value,
                               const NameOfServer& /*how*/) {
  return quote(value);
}

static void read_value(const Cursor& at, Server& out, const Url& /*how*/) {
  const auto text = at.scalar({.expected = std::string(kServer), .pattern = "^https?://[^/@]+/?$"});
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
      if (auto parsed = parse_host_and_port(rest, tls ? 443 : 80)) {
        server = Server{
            .tls = tls, .host = std::move(parsed->host), .port = parsed->port, .at = at.at()};
      }
    }
  }
  if (!server) {
    at.expected(kServer, text->find("://") == std::string_view::npos
                             ? "; https:// says that TLS is spoken to it, http:// that not"
                             : "");
    return;
  }
  out = *std::move(server);
}

// The URL alone, or a map with it.
static void read_value(const Cursor& at, Server& out) {
  const bool is_map = at.node().kind == YamlNode::Kind::map;
  out.at = at.at();
  if (!is_map) {
    read_value(at, out, Url{});
  }
  if (!is_map && at.fact() == nullptr) {
    return;
  }
  MapReader map(at, "a server");
  map.require({"url", "of the server", "https://10.0.0.11"}, out, Url{});
  map.read({"weight", "its share beside that of the others"}, out.weight, Count{1, 256});
  map.read({"priority", "lower ones are used when too few of the higher ones are there"},
           out.priority, Count{0, 1000});
  map.read({"max_connections", "with a request on it; kept ones do not count. 0: no limit"},
           out.max_connections, Count{0, 1'000'000});
}

static void read_value(const Cursor& at, UpstreamTls& out) {
  MapReader map(at, "tls");
  map.read({"verify", "refuse a server whose certificate cannot be verified"}, out.verify);
  map.read({"repair_chain", "complete the chain that the server sends before it is judged"},
           out.repair_chain);
  map.read({"server_name", "sent as SNI, expected in the certificate; \"\": the name in servers"},
           out.server_name, NameOfServer{});
  map.read({"trust", "roots that it may end in, as chain.trust; without it those", "system"},
           out.trust);
  map.read({"min", "lowest version that is spoken", "1.2"}, out.min);
  map.read({"max", "highest version that is spoken", "1.3"}, out.max);
  map.read(
      {"ciphers", "up to TLS 1.2, by OpenSSL's names, best first", "[ECDHE-RSA-AES256-GCM-SHA384]"},
      out.ciphers, OpensslName{});
  map.read({"resume", "sessions that a server gave are used again for new connections"},
           out.resume);
  map.read({"certificate",
            "one of certificates, shown to a server that asks for a client's; every client has "
            "its identity there",
            "mail"},
           out.certificate, RefersTo{Names::Kind::certificate});
  map.read({"extended_protection",
            "check: warn where the certificate of a listener is not that of the server, which "
            "Extended Protection refuses"},
           out.extended_protection);
  if (!out.verify) {
    at.warn("with \"verify: false\" anyone can pose as these servers");
  }
}

static void read_value(const Cursor& at, UpstreamTimeouts& out) {
  MapReader map(at, "timeouts");
  map.read({"connect", "until the server takes the connection"}, out.connect);
  map.read({"handshake", "of TLS, the whole of it"}, out.handshake);
}

static void read_value(const Cursor& at, KeepAlive& out) {
  if (at.is_off()) {
    out.per_server = 0;
    return;
  }
  MapReader map(at, "keep_alive");
  map.read({"idle", "a server's own limit must be longer; that of IIS is 120s"}, out.idle);
  map.read({"max_age", "older ones are not used again"}, out.max_age);
  map.read({"per_server", "kept in each worker"}, out.per_server, Count{0, 10'000});
}

static void read_value(const Cursor& at, Dns& out) {
  MapReader map(at, "dns");
  map.read({"min_ttl", "addresses are used at least so long"}, out.min_ttl, Milliseconds(1000));
  map.read({"max_ttl", "and at most, as long as the resolver answers"}, out.max_ttl,
           Milliseconds(1000));
  if (out.max_ttl < out.min_ttl) {
    at.error("\"max_ttl\" is shorter than \"min_ttl\"");
  }
}

void read_value(const Cursor& at, std::vector<Upstream>& out) {
  for (const auto& [name, value] : at.entries("upstreams by name")) {
    out.push_back(read_upstream(name, value));
  }
}

}  // namespace chainmend::config
