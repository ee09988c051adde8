// explain(): the listeners and upstreams as they will be, in the words of the configuration.
#include <fmt/format.h>

#include <algorithm>
#include <iterator>

#include "config/config.h"
#include "config/values.h"

namespace chainmend::config {
namespace {

// In single quotes, in which only the quote itself is special (YAML 1.2, 7.3.2).
std::string in_quotes(std::string_view text) {
  std::string out = "'";
  for (const char c : text) {
    out.append(c == '\'' ? 2 : 1, c);
  }
  return out + "'";
}

std::string list_of(const std::vector<std::string>& words) {
  std::string out;
  for (const std::string& word : words) {
    out += (out.empty() ? "" : ", ") + in_quotes(word);
  }
  return "[" + out + "]";
}

class Writer {
 public:
  template <typename... Args>
  void line(int depth, fmt::format_string<Args...> format, Args&&... args) {
    out_.append(static_cast<std::size_t>(depth) * 2, ' ');
    fmt::format_to(std::back_inserter(out_), format, std::forward<Args>(args)...);
    out_ += '\n';
  }
  void changes(std::string_view key, const HeaderChanges& changes) {
    if (changes.set.empty() && changes.remove.empty()) {
      return;
    }
    line(4, "{}:", key);
    if (!changes.set.empty()) {
      line(5, "set:");
      for (const auto& [name, value] : changes.set) {
        line(6, "{}: {}", in_quotes(name), in_quotes(value));
      }
    }
    if (!changes.remove.empty()) {
      line(5, "remove: {}", list_of(changes.remove));
    }
  }
  std::string take() { return std::move(out_); }

 private:
  std::string out_;
};

void write_route(const Route& route, const std::vector<Upstream>& upstreams, Writer& out) {
  out.line(3, "- path: {}", in_quotes(route.path));
  if (!route.hosts.empty()) {
    out.line(4, "host: {}", list_of(route.hosts));
  }
  if (!route.methods.empty()) {
    out.line(4, "method: {}", list_of(route.methods));
  }
  if (route.redirect) {
    const Redirect& to = *route.redirect;
    out.line(4, "redirect: {}",
             to.host.empty() ? to.scheme : in_quotes(to.scheme + "://" + to.host + to.path));
  }
  if (route.status != 0) {
    out.line(4, "status: {}", route.status);
  }
  out.changes("request_headers", route.request_headers);
  out.changes("response_headers", route.response_headers);
  if (route.upstream.empty()) {
    return;
  }
  out.line(4, "upstream: {}", route.upstream);
  UpstreamTimeouts theirs;
  for (const Upstream& upstream : upstreams) {
    theirs = upstream.name == route.upstream ? upstream.timeouts : theirs;
  }
  const RouteTimeouts& own = route.timeouts;
  out.line(4,
           "timeouts: {{ connect: {}, handshake: {}, response: {}, client_idle: {}, "
           "server_idle: {} }}",
           duration_text(own.connect.value_or(theirs.connect)),
           duration_text(own.handshake.value_or(theirs.handshake)),
           duration_text(own.response.value()), duration_text(own.client_idle.value()),
           duration_text(own.server_idle.value()));
  out.line(4, "max_body: {}", route.max_body == kNoLimit ? "off" : size_text(route.max_body));
  out.line(4, "continue_after: {}",
           route.continue_after ? duration_text(*route.continue_after) : "off");
  out.line(4, "via: {}", kViaNames[route.via.value_or(Via::automatic)]);
}

void write_passthrough(const Passthrough& some, bool first, Writer& out) {
  if (first) {
    out.line(2, "passthrough:");
  }
  out.line(3, "- upstream: {}", some.upstream);
  if (!some.match.sni.empty()) {
    out.line(4, "server_name: {}", list_of(some.match.sni));
  }
  if (!some.match.source.empty()) {
    out.line(4, "source: {}", list_of(texts(some.match.source)));
  }
  if (!some.client_types.empty()) {
    out.line(4, "client_type: {}", list_of(values(some.client_types)));
  }
}

void write_listener(const Listener& listener, const std::vector<Upstream>& upstreams, Writer& out) {
  std::vector<std::string> addresses;
  addresses.reserve(listener.listen.size());
  for (const auto& endpoint : listener.listen) {
    addresses.push_back(endpoint.value.text());
  }
  const ListenerTimeouts& timeouts = listener.timeouts;
  out.line(1, "- name: {}", listener.name);
  out.line(2, "listen: {}", list_of(addresses));
  if (listener.tls) {
    out.line(2, "certificates: {}", list_of(values(listener.certificates)));
  } else if (listener.mode != Mode::passthrough) {
    out.line(2, "tls: off");
  }
  out.line(2, "timeouts:");
  out.line(3, "first_byte: {}", duration_text(timeouts.first_byte));
  out.line(3, "handshake: {}", duration_text(timeouts.handshake));
  out.line(3, "head: {}", duration_text(timeouts.head));
  out.line(3, "keep_alive: {}", duration_text(timeouts.keep_alive));
  out.line(3, "response: {}", duration_text(timeouts.response));
  out.line(3, "client_idle: {}", duration_text(timeouts.client_idle));
  out.line(3, "server_idle: {}", duration_text(timeouts.server_idle));
  out.line(2, "trusted_sources: {}", list_of(texts(listener.trusted_sources)));
  out.line(2, "proxy_protocol: {}", listener.proxy_protocol);
  for (const Passthrough& some : listener.passthrough) {
    write_passthrough(some, &some == listener.passthrough.data(), out);
  }
  out.line(2, "mode: {}", to_string(listener.mode));
  if (listener.mode != Mode::http) {
    out.line(2, "upstream: {}", listener.routes.front().upstream);
    return;
  }
  out.line(2, "limits: {{ head: {}, fields: {} }}", size_text(listener.limits.head),
           listener.limits.fields);
  out.line(2, "forwarded: {}", listener.forwarded);
  out.line(2, "routes:");
  for (const Route& route : listener.routes) {
    write_route(route, upstreams, out);
  }
}

std::string duration_or_off(const std::optional<Milliseconds>& time) {
  return time ? duration_text(*time) : "off";
}

// By their URLs alone, when there is nothing else to say of any.
void write_servers(const std::vector<Server>& servers, Writer& out) {
  const bool plain = std::ranges::all_of(servers, [](const Server& server) {
    return server.weight == 1 && server.priority == 0 && server.max_connections == 0;
  });
  std::vector<std::string> urls;
  urls.reserve(servers.size());
  for (const Server& server : servers) {
    urls.push_back(server.text());
  }
  if (plain) {
    out.line(2, "servers: {}", list_of(urls));
    return;
  }
  out.line(2, "servers:");
  for (const Server& server : servers) {
    out.line(3, "- {{ url: {}, weight: {}, priority: {}, max_connections: {} }}",
             in_quotes(server.text()), server.weight, server.priority, server.max_connections);
  }
}

void write_health(const Health& health, Writer& out) {
  out.line(2, "health:");
  if (!health.directories.empty()) {
    std::vector<std::string> directories;
    directories.reserve(health.directories.size());
    for (const ExchangeDirectory directory : health.directories) {
      directories.emplace_back(kExchangeDirectoryNames[directory]);
    }
    out.line(3, "preset: exchange");
    out.line(3, "directories: {}", list_of(directories));
  } else {
    out.line(3, "type: {}", kHealthTypeNames[health.type]);
  }
  const bool http = health.type == HealthType::http || health.type == HealthType::https;
  if (http && health.directories.empty()) {
    out.line(3, "path: {}", in_quotes(health.path));
    out.line(3, "method: {}", health.method);
  }
  out.line(3, "interval: {}", duration_text(health.interval));
  out.line(3, "timeout: {}", duration_text(health.timeout));
  out.line(3, "rise: {}", health.rise);
  out.line(3, "fall: {}", health.fall);
  out.line(3, "jitter: {}%", health.jitter);
}

// Which of the servers gets what.
void write_shares(const Upstream& upstream, Writer& out) {
  const Balance& balance = upstream.balance;
  out.line(2, "balance: {{ method: {}, per: {}, min_in_priority: {}, slow_start: {} }}",
           kBalanceMethodNames[balance.method], kBalancePerNames[balance.per],
           balance.min_in_priority, duration_or_off(balance.slow_start));
  out.line(2, "queue: {{ length: {}, timeout: {} }}", upstream.queue.length,
           duration_text(upstream.queue.timeout));
  if (upstream.persistence && upstream.persistence->by == PersistBy::cookie) {
    out.line(2, "persistence: {{ by: cookie, max_age: {} }}",
             duration_or_off(upstream.persistence->max_age));
  } else if (upstream.persistence) {
    out.line(2, "persistence: {{ by: source, timeout: {}, entries: {} }}",
             duration_text(upstream.persistence->timeout), upstream.persistence->entries);
  } else {
    out.line(2, "persistence: off");
  }
  if (upstream.health) {
    write_health(*upstream.health, out);
  } else {
    out.line(2, "health: off");
  }
  if (upstream.eject) {
    const Eject& eject = *upstream.eject;
    out.line(2, "eject: {{ failures: {}, base: {}, longest: {}, at_most: {}% }}", eject.failures,
             duration_text(eject.base), duration_text(eject.longest), eject.at_most);
  } else {
    out.line(2, "eject: off");
  }
  out.line(2, "all_down: {}", kAllDownNames[upstream.all_down]);
}

void write_upstream(const Upstream& upstream, Writer& out) {
  const KeepAlive& keep = upstream.keep_alive;
  out.line(1, "{}:", upstream.name);
  write_servers(upstream.servers, out);
  out.line(2, "timeouts: {{ connect: {}, handshake: {} }}",
           duration_text(upstream.timeouts.connect), duration_text(upstream.timeouts.handshake));
  out.line(2, "keep_alive: {{ idle: {}, max_age: {}, per_server: {} }}", duration_text(keep.idle),
           duration_text(keep.max_age), keep.per_server);
  out.line(2, "proxy_protocol: {}", kProxyProtocolNames[upstream.proxy_protocol]);
  write_shares(upstream, out);
  out.line(2, "dns: {{ min_ttl: {}, max_ttl: {} }}", duration_text(upstream.dns.min_ttl),
           duration_text(upstream.dns.max_ttl));
}

}  // namespace

std::string explain(const Config& config) {
  Writer out;
  out.line(0, "listeners:");
  for (const Listener& listener : config.listeners) {
    write_listener(listener, config.upstreams, out);
  }
  if (!config.upstreams.empty()) {
    out.line(0, "upstreams:");
  }
  for (const Upstream& upstream : config.upstreams) {
    write_upstream(upstream, out);
  }
  return out.take();
}

}  // namespace chainmend::config
