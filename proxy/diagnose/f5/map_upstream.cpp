// Of a virtual: its pool, with what server-ssl, OneConnect and persistence make of it.
#include <algorithm>

#include "config/values.h"
#include "config/yaml_text.h"
#include "proxy/diagnose/f5/mapping.h"

namespace chainmend::diagnose::f5 {

namespace {

struct Member {
  const Statement* statement = nullptr;
  std::string host;
  std::uint16_t port = 0;
};

// A member names a node, by its address or by a name of its own.
std::optional<Member> read_member(Mapping& in, const Object& pool, const Statement& entry) {
  const auto destination = read_destination(entry.key());
  if (!destination) {
    in.ledger.say(pool, entry, Outcome::not_mapped, "its port cannot be told: it gets nothing");
    return std::nullopt;
  }
  Member out{&entry, destination->address, destination->port};
  const Statement* const address = entry.find("address");
  const Statement* const fqdn = entry.find("fqdn");
  int route_domain = destination->route_domain;
  if (address != nullptr && address->value() != "any6" && address->value() != "any") {
    out.host = without_route_domain(address->value(), route_domain);
  } else if (fqdn != nullptr && fqdn->find("name") != nullptr) {
    out.host = fqdn->find("name")->value();
  } else if (const Object* const node = in.config.find("ltm node", out.host, &pool)) {
    in.ledger.reach(*node);
    const Statement* const name = node->statement.find("fqdn");
    const std::string of_node = node->value("address");
    out.host = name != nullptr && name->find("name") != nullptr
                   ? name->find("name")->value()
                   : without_route_domain(of_node, route_domain);
    for (const char* key : {"address", "fqdn"}) {
      in.ledger.say(in.config.property(*node, key), Outcome::mapped, "servers");
    }
  }
  if (!config::is_host(out.host) && !config::is_ipv6_address(out.host)) {
    in.ledger.say(pool, entry, Outcome::not_mapped, "no file tells its address: it gets nothing");
    return std::nullopt;
  }
  if (route_domain != 0) {
    in.ledger.say(pool, entry, Outcome::approximated,
                  "route domains do not exist here: it is reached by the routes of this machine");
  }
  return out;
}

bool is_out(const Statement& entry) {
  const Statement* const session = entry.find("session");
  const Statement* const state = entry.find("state");
  return (session != nullptr && session->value() == "user-disabled") ||
         (state != nullptr && state->value() == "user-down");
}

std::string number_in(Mapping& in, const Object& pool, const Statement& entry, const char* key,
                      const char* ours, const char* none, std::uint64_t most) {
  const Statement* const said = entry.find(key);
  if (said == nullptr) {
    return {};
  }
  const auto number = config::parse_number(said->value());
  if (!number || said->value() == none) {
    in.ledger.say(pool, *said, Outcome::not_needed, "is the default");
    return {};
  }
  in.ledger.say(pool, *said, *number <= most ? Outcome::mapped : Outcome::approximated,
                *number <= most ? ours : std::string(ours) + ", at most " + std::to_string(most));
  return std::string(", ") + ours + ": " +
         std::to_string(std::clamp<std::uint64_t>(*number, 1, most));
}

void map_member(Mapping& in, const Object& pool, const Member& member, bool with_tls, Yaml& out) {
  const Statement& entry = *member.statement;
  const std::string url = std::string(with_tls ? "https://" : "http://") +
                          host_and_port(here(in, member.host), member.port);
  if (is_out(entry)) {
    in.ledger.say(pool, entry, Outcome::approximated, "is left out, as nobody is sent to it");
    out.note(3, url + " is switched off at the BIG-IP (" + pool.place_of(entry) + ")");
    return;
  }
  std::string text = "- { url: " + config::scalar(url);
  text += number_in(in, pool, entry, "ratio", "weight", "1", 256);
  text += number_in(in, pool, entry, "priority-group", "priority", "0", 1000);
  text += number_in(in, pool, entry, "connection-limit", "max_connections", "0", 1'000'000);
  in.ledger.say(pool, entry, Outcome::mapped, "servers");
  in.ledger.open(entry);
  out.line(3, text + " }", "member " + std::string(entry.key()) + ", " + pool.place_of(entry));
  for (const char* key : {"address", "fqdn", "session", "state"}) {
    if (const Statement* const said = entry.find(key)) {
      in.ledger.say(pool, *said, Outcome::mapped, "servers");
    }
  }
  if (const Statement* const monitor = entry.find("monitor");
      monitor != nullptr && monitor->value() != "default") {
    in.ledger.say(pool, *monitor, Outcome::not_mapped,
                  "all servers of an upstream are asked in the same way");
  }
}

void map_balance(Mapping& in, const Object& pool, Yaml& out) {
  const Property mode = in.config.property(pool, "load-balancing-mode");
  const bool is_exact = mode.value == "round-robin" || mode.value == "ratio-member" ||
                        mode.value == "least-connections-member" ||
                        mode.value == "ratio-least-connections-member";
  const bool is_round = mode.value == "round-robin" || mode.value == "ratio-member" ||
                        mode.value == "ratio-node" || mode.value == "ratio-session";
  const std::string method = is_round ? "round_robin" : "least_connections";
  in.ledger.say(mode, is_exact ? Outcome::mapped : Outcome::approximated,
                is_exact ? "balance.method" : mode.value + " has become " + method);
  out.line(2, "balance:");
  out.line(3, "method: " + method, origin(mode, "load-balancing-mode " + mode.value));
  const Property active = in.config.property(pool, "min-active-members");
  const auto least = config::parse_number(active.value);
  if (least && *least > 1 && *least <= 128) {
    out.line(3, "min_in_priority: " + std::to_string(*least), origin(active, "min-active-members"));
  }
  in.ledger.say(active, Outcome::mapped, "balance.min_in_priority");
  const Property ramp = in.config.property(pool, "slow-ramp-time");
  if (const auto seconds = read_seconds(ramp.value)) {
    out.line(3, "slow_start: " + std::to_string(*seconds) + "s", origin(ramp, "slow-ramp-time"));
  }
  in.ledger.say(ramp, Outcome::mapped, "balance.slow_start");
}

// Of several server-ssl profiles the first one counts here.
const Object* server_ssl_of(Mapping& in, const VirtualServer& of) {
  for (std::size_t i = 1; i < of.server_ssl.size(); ++i) {
    in.ledger.say(*of.server_ssl[i], Outcome::not_mapped,
                  "servers are talked to in one way: that of " + of.server_ssl[0]->name);
  }
  return of.server_ssl.empty() ? nullptr : of.server_ssl[0];
}

}  // namespace

std::string map_pool(Mapping& in, const VirtualServer& of) {
  const Object& pool = *of.pool;
  const Object* const server_ssl = server_ssl_of(in, of);
  std::string what = "upstreams " + pool.name;
  for (const Object* part : {server_ssl, of.persistence, of.one_connect}) {
    what += " " + (part == nullptr ? std::string("-") : part->name);
  }
  in.ledger.reach(pool);
  if (const auto known = in.names.find(what); known != in.names.end()) {
    return known->second;
  }
  const std::string name = new_name(in, "upstreams", pool);
  in.names[what] = name;
  Yaml servers;
  if (const Statement* const members = pool.statement.find("members")) {
    in.ledger.say(pool, *members, Outcome::mapped, "servers");
    in.ledger.open(*members);
    for (const Statement& entry : members->body) {
      if (const auto member = read_member(in, pool, entry)) {
        map_member(in, pool, *member, server_ssl != nullptr, servers);
      }
    }
  }
  Yaml& out = in.upstreams;
  out.line(1, name + ":", origin(pool));
  out.line(2, "servers:");
  out.add(servers);
  if (servers.text().find("- {") == std::string::npos) {
    out.line(3,
             "- { url: 'http" + std::string(server_ssl != nullptr ? "s" : "") + "://127.0.0.1:9' }",
             "the pool has no server that is used: this one refuses connections");
  }
  map_balance(in, pool, out);
  if (server_ssl != nullptr) {
    map_server_ssl(in, *server_ssl, out);
  }
  if (of.one_connect == nullptr) {
    out.line(2, "keep_alive: off",
             "no one-connect profile: each client has connections of its own");
  } else {
    in.ledger.say(*of.one_connect, Outcome::approximated,
                  "connections without an identity are used again; those of NTLM never are");
  }
  if (of.persistence != nullptr) {
    map_persistence(in, *of.persistence, out);
  }
  map_health(in, pool, server_ssl != nullptr, out);
  return name;
}

void map_server_ssl(Mapping& in, const Object& profile, Yaml& out) {
  in.ledger.reach(profile);
  out.line(2, "tls:", origin(profile));
  const Property mode = in.config.property(profile, "peer-cert-mode");
  const bool verifies = mode.value == "require";
  out.line(3, std::string("verify: ") + (verifies ? "true" : "false"),
           origin(mode, "peer-cert-mode " + mode.value) +
               (verifies ? "" : "; anybody between here and the servers can read along"));
  in.ledger.say(mode, Outcome::mapped, "tls.verify");
  const Property ca = in.config.property(profile, "ca-file");
  if (verifies && !ca.value.empty() && ca.value != "none") {
    const bool is_system = full_name(ca.value) == "/Common/ca-bundle.crt";
    out.line(3, "trust: " + (is_system ? "system" : config::scalar(file_for(in, ca.value, false))),
             origin(ca, "ca-file"));
  }
  in.ledger.say(ca, verifies ? Outcome::mapped : Outcome::not_needed,
                verifies ? "tls.trust" : "nothing is verified");
  const Property name = in.config.property(profile, "server-name");
  const Property asked = in.config.property(profile, "authenticate-name");
  const std::string& expected =
      !asked.value.empty() && asked.value != "none" ? asked.value : name.value;
  if (!expected.empty() && expected != "none" && config::is_host(expected)) {
    out.line(3, "server_name: " + config::scalar(expected), origin(profile));
  }
  in.ledger.say(name, Outcome::mapped, "tls.server_name");
  in.ledger.say(asked, Outcome::mapped, "tls.server_name");
  const Property options = in.config.property(profile, "options");
  const auto versions = versions_of(options, in.config);
  if (!versions.empty()) {
    out.line(3, "min: " + versions.front(), origin(options, "options"));
    out.line(3, "max: " + versions.back(), origin(options, "options"));
  }
  in.ledger.say(options, Outcome::mapped, "tls.min and tls.max");
  for (const char* key : {"ciphers", "cipher-group"}) {
    in.ledger.say(in.config.property(profile, key), Outcome::approximated,
                  "OpenSSL's suites are offered");
  }
  for (const char* key : {"cert", "key", "chain"}) {
    const Property said = in.config.property(profile, key);
    const bool is_set = !said.value.empty() && said.value != "none";
    in.ledger.say(said, is_set ? Outcome::not_mapped : Outcome::not_needed,
                  is_set ? "servers that ask for a certificate get none" : "is off");
  }
}

void map_persistence(Mapping& in, const Object& persistence, Yaml& out) {
  const std::string kind = persistence.kind.substr(persistence.kind.rfind(' ') + 1);
  if (kind == "cookie") {
    in.ledger.say(persistence, Outcome::approximated,
                  "a cookie of chainmend's own; one that the BIG-IP gave leads nowhere");
    const Property name = in.config.property(persistence, "cookie-name");
    out.line(2, "persistence:", origin(persistence));
    out.line(3, "by: cookie");
    if (!name.value.empty() && name.value != "none" &&
        name.value.find_first_of(" \t;,=\"") == std::string::npos) {
      out.line(3, "name: " + config::scalar(name.value), origin(name, "cookie-name"));
    }
    in.ledger.say(name, Outcome::mapped, "persistence.name");
    const Property method = in.config.property(persistence, "method");
    in.ledger.say(
        method, method.value == "insert" ? Outcome::mapped : Outcome::approximated,
        method.value == "insert" ? "persistence.by" : "the cookie is always chainmend's to insert");
    in.ledger.say(
        in.config.property(persistence, "expiration"), Outcome::approximated,
        "the cookie lasts until the browser is closed; persistence.max_age says otherwise");
    return;
  }
  if (kind == "source-addr") {
    const Property timeout = in.config.property(persistence, "timeout");
    const auto seconds = read_seconds(timeout.value);
    out.line(2, "persistence:", origin(persistence));
    out.line(3, "by: source");
    out.line(3, "timeout: " + std::to_string(seconds.value_or(180)) + "s",
             origin(timeout, "timeout"));
    in.ledger.say(persistence, Outcome::mapped, "persistence by source");
    in.ledger.say(timeout, Outcome::mapped, "persistence.timeout");
    return;
  }
  in.ledger.say(persistence, Outcome::not_mapped, "clients are not kept at a server by " + kind);
}

}  // namespace chainmend::diagnose::f5
