#include "proxy/server/upstream_pages.h"

#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>
#include <vector>

#include "certs/time.h"
#include "config/values.h"
#include "proxy/server/query.h"
#include "proxy/upstream/choice.h"

namespace chainmend::server {

using Json = nlohmann::ordered_json;
using upstream::Server;
using upstream::Wanted;

namespace {

Json check_json(const upstream::CheckState& check) {
  return {{"scope", upstream::name_of_scope(check.scope)},
          {"up", check.well},
          {"outcome", to_string(check.outcome)},
          {"detail", check.detail.empty() ? Json() : Json(check.detail)},
          {"at", certs::format_time(check.at)},
          {"since", certs::format_time(check.since)}};
}

Json server_json(const ServerStanding& server) {
  Json failures = Json::object();
  for (std::size_t i = 0; i < server.failures.size(); ++i) {
    const auto reason = static_cast<metrics::UpstreamFailure>(i);
    failures[metrics::to_string(reason)] = server.failures[reason];
  }
  Json connections = Json::object();
  for (std::size_t i = 0; i < server.connections.size(); ++i) {
    const auto state = static_cast<metrics::UpstreamState>(i);
    connections[metrics::to_string(state)] = server.connections[state];
  }
  Json checks = Json::array();
  for (const upstream::CheckState& check : server.checks) {
    checks.push_back(check_json(check));
  }
  const auto milliseconds = [](const std::optional<std::chrono::nanoseconds>& time) {
    return time ? Json(std::chrono::duration<double, std::milli>(*time).count()) : Json();
  };
  const auto& failure = server.last_failure;
  return {{"name", server.name},
          {"state", metrics::to_string(server.state)},
          {"wanted", upstream::kWantedNames[server.wanted]},
          {"in_use", server.in_use},
          {"max_connections", server.max_connections == 0 ? Json() : Json(server.max_connections)},
          {"weight", server.weight},
          {"priority", server.priority},
          {"ejected_for_s", server.ejected_for.count()},
          {"addresses", server.addresses},
          {"checks", checks},
          {"last_success",
           server.last_success ? Json(certs::format_time(*server.last_success)) : Json()},
          {"last_failure", failure ? Json{{"at", certs::format_time(failure->at)},
                                          {"reason", metrics::to_string(failure->reason)},
                                          {"text", failure->text}}
                                   : Json()},
          {"failures", failures},
          {"connections", connections},
          {"first_byte_ms",
           {{"p50", milliseconds(server.median)}, {"p95", milliseconds(server.slow)}}}};
}

std::optional<Wanted> wish_of(std::string_view path) {
  if (path == "/upstreams/drain") {
    return Wanted::draining;
  }
  if (path == "/upstreams/disable") {
    return Wanted::disabled;
  }
  return path == "/upstreams/enable" ? std::optional(Wanted::enabled) : std::nullopt;
}

std::vector<const upstream::Peer*> called(const upstream::Upstream& upstream,
                                          const std::string& name) {
  std::vector<const upstream::Peer*> found;
  const std::string low = config::lower(name);
  for (const upstream::Peer& peer : upstream.peers) {
    const std::string& whole = peer.server->name();
    const std::string with_port = whole.substr(whole.find("://") + 3);
    if (low == whole || low == with_port || low == peer.server->host()) {
      found.push_back(&peer);
    }
  }
  return found;
}

Page refusal(unsigned status, std::string text) {
  return {.status = status, .body = std::move(text) + "\n"};
}

Page no_such_upstream(const serving::ServingState& state, const std::string& name) {
  std::vector<std::string> known;
  known.reserve(state.upstreams.size());
  for (const auto& [one, upstream] : state.upstreams) {
    known.push_back(one);
  }
  return refusal(
      404, fmt::format("no upstream is called {}; there are: {}", name, fmt::join(known, ", ")));
}

Page no_such_server(const upstream::Upstream& upstream, const std::string& name, bool several) {
  std::vector<std::string> known;
  known.reserve(upstream.peers.size());
  for (const upstream::Peer& peer : upstream.peers) {
    known.push_back(peer.server->name());
  }
  return refusal(several ? 409 : 404,
                 fmt::format("{} {}; there are: {}",
                             several ? "several servers of " + upstream.name + " are called"
                                     : "no server of " + upstream.name + " is called",
                             name, fmt::join(known, ", ")));
}

}  // namespace

Json servers_json(const UpstreamStanding& upstream) {
  Json servers = Json::array();
  for (const ServerStanding& server : upstream.servers) {
    servers.push_back(server_json(server));
  }
  return servers;
}

std::optional<Page> change_upstream(const serving::ServingState& state, std::string_view path,
                                    std::string_view query, logs::Log& log) {
  const auto wish = wish_of(path);
  if (!wish) {
    return std::nullopt;
  }
  const auto upstream_name = parameter(query, "upstream");
  const auto server_name = parameter(query, "server");
  if (!upstream_name || !server_name) {
    return refusal(400, "say which: ?upstream=NAME&server=SERVER");
  }
  const auto found = state.upstreams.find(*upstream_name);
  if (found == state.upstreams.end()) {
    return no_such_upstream(state, *upstream_name);
  }
  const upstream::Upstream& upstream = *found->second;
  const auto peers = called(upstream, *server_name);
  if (peers.size() != 1) {
    return no_such_server(upstream, *server_name, peers.size() > 1);
  }
  Server& server = *peers.front()->server;
  const Wanted before = server.wanted();
  server.set_wanted(*wish);
  upstream.common->line.call_all();
  log.event(logs::Level::info, "server_wanted",
            {{"upstream", upstream.name},
             {"server", server.name()},
             {"before", upstream::kWantedNames[before]},
             {"now", upstream::kWantedNames[*wish]}});
  const Json answer = {{"upstream", upstream.name},
                       {"before", upstream::kWantedNames[before]},
                       {"server", server_json(standing_of(*peers.front()))}};
  return Page{.type = "application/json",
              .body = answer.dump(2, ' ', false, Json::error_handler_t::replace) + "\n"};
}

void note_server_states(const serving::ServingState& state) {
  const auto now = Server::Clock::now();
  for (const auto& [name, upstream] : state.upstreams) {
    for (const upstream::Peer& peer : upstream->peers) {
      metrics::UpstreamServerMetrics& counts = peer.server->counts();
      counts.state(upstream::state_of(*peer.server, now));
      const auto checks = peer.server->checks();
      for (std::size_t i = 0; i < metrics::UpstreamServerMetrics::kMaxScopes; ++i) {
        const auto known =
            std::ranges::find(checks, upstream::Scopes{1} << i, &upstream::CheckState::scope);
        counts.check_up(i, known == checks.end() ? -1 : known->well ? 1 : 0);
      }
    }
  }
}

}  // namespace chainmend::server
