// A virtual as a listener.
#include <algorithm>

#include "config/values.h"
#include "config/yaml_text.h"
#include "proxy/diagnose/f5/mapping.h"

namespace chainmend::diagnose::f5 {

namespace {

// The default for clients without a server name comes first.
std::vector<const Object*> ordered(Mapping& in, const std::vector<const Object*>& profiles) {
  std::vector<const Object*> out = profiles;
  const auto first = std::ranges::find_if(out, [&in](const Object* one) {
    return one->value("sni-default") == "true" ||
           in.config.property(*one, "sni-default").value == "true";
  });
  if (first != out.end()) {
    std::rotate(out.begin(), first, first + 1);
  }
  return out;
}

void map_tls(Mapping& in, const VirtualServer& of, Yaml& out) {
  const auto profiles = ordered(in, of.client_ssl);
  std::string names;
  for (const Object* profile : profiles) {
    names += (names.empty() ? "" : ", ") + map_certificates(in, *profile);
    in.ledger.say(in.config.property(*profile, "sni-default"), Outcome::mapped,
                  "the first of certificates");
  }
  out.line(2, "certificates: [" + names + "]", "client-ssl profiles of " + of.object->name);
  out.line(2, "tls: { policy: " + map_policy(in, *profiles.front()) + " }");
  for (std::size_t i = 1; i < profiles.size(); ++i) {
    for (const char* key : {"options", "ciphers", "cipher-group"}) {
      in.ledger.say(in.config.property(*profiles[i], key), Outcome::approximated,
                    "one policy holds for a listener: that of " + profiles.front()->name);
    }
  }
  const Property handshake = in.config.property(*profiles.front(), "handshake-timeout");
  for (const Object* profile : profiles) {
    in.ledger.say(in.config.property(*profile, "handshake-timeout"), Outcome::mapped,
                  "timeouts.handshake");
    for (const char* key : {"ca-file", "client-cert-ca"}) {
      in.ledger.say(in.config.property(*profile, key), Outcome::not_mapped, "as of peer-cert-mode");
    }
    const Property mode = in.config.property(*profile, "peer-cert-mode");
    in.ledger.say(mode, mode.value == "ignore" ? Outcome::not_needed : Outcome::not_mapped,
                  mode.value == "ignore" ? "clients are not asked"
                                         : "clients are not asked for a certificate",
                  mode.value != "ignore");
    for (const char* key : {"ssl-forward-proxy", "proxy-ssl"}) {
      in.ledger.say(in.config.property(*profile, key), Outcome::not_needed, "is off");
    }
  }
}

// What a BIG-IP cuts after five minutes, ActiveSync and others wait for longer.
constexpr std::uint64_t kLongPoll = 3540;

void map_timeouts(Mapping& in, const VirtualServer& of, Yaml& out) {
  std::vector<std::pair<std::string, std::string>> lines;
  if (of.tcp != nullptr) {
    in.ledger.reach(*of.tcp);
    const Property idle = in.config.property(*of.tcp, "idle-timeout");
    const auto seconds = read_seconds(idle.value);
    if (seconds && (in.options.as_is || *seconds > kLongPoll)) {
      const std::string text = std::to_string(*seconds) + "s";
      lines.emplace_back("keep_alive: " + text, origin(idle, "idle-timeout"));
      lines.emplace_back("idle: " + text, origin(idle, "idle-timeout"));
      in.ledger.say(idle, Outcome::mapped, "timeouts.idle and timeouts.keep_alive");
    } else {
      in.ledger.say(idle, Outcome::approximated,
                    "is not taken over: it would cut long polls of ActiveSync and EWS, and "
                    "chainmend has longer times");
    }
  }
  if (!of.client_ssl.empty()) {
    const Property handshake = in.config.property(*of.client_ssl.front(), "handshake-timeout");
    if (const auto seconds = read_seconds(handshake.value)) {
      lines.emplace_back("handshake: " + std::to_string(*seconds) + "s",
                         origin(handshake, "handshake-timeout"));
    }
  }
  if (!lines.empty()) {
    out.line(2, "timeouts:");
    for (const auto& [text, comment] : lines) {
      out.line(3, text, comment);
    }
  }
}

// Since version 11.5 the limits of heads stand in a block of their own.
Property limit_of(Mapping& in, const Object& http, std::string_view key) {
  const Property block = in.config.property(http, "enforcement");
  const Statement* const inner = block.statement == nullptr ? nullptr : block.statement->find(key);
  if (inner == nullptr) {
    return in.config.property(http, key);
  }
  in.ledger.open(*block.statement);
  return {inner->value(), inner->list(), inner, block.from};
}

void map_http(Mapping& in, const Object& http, Yaml& out) {
  in.ledger.reach(http);
  const Property size = limit_of(in, http, "max-header-size");
  const Property count = limit_of(in, http, "max-header-count");
  const auto bytes = config::parse_number(size.value);
  const auto fields = config::parse_number(count.value);
  if (in.options.as_is) {
    out.line(2, "limits:", origin(http));
    out.line(3,
             "head: " +
                 std::to_string(std::clamp<std::uint64_t>(bytes.value_or(32'768), 1024, 1'048'576)),
             origin(size, "max-header-size"));
    out.line(
        3, "fields: " + std::to_string(std::clamp<std::uint64_t>(fields.value_or(64), 16, 10'000)),
        origin(count, "max-header-count"));
  }
  for (const Property* one : {&size, &count}) {
    in.ledger.say(*one, in.options.as_is ? Outcome::mapped : Outcome::approximated,
                  in.options.as_is ? "limits" : "chainmend takes heads of 64 KiB and 128 fields");
  }
}

void say_virtual(Mapping& in, const VirtualServer& of, const std::vector<Objection>& guarded) {
  const Object& object = *of.object;
  const auto say = [&](const char* key, Outcome outcome, std::string how) {
    in.ledger.say(in.config.property(object, key), outcome, std::move(how));
  };
  say("destination", Outcome::mapped, "listen");
  say("ip-protocol", Outcome::mapped, "TCP");
  say("profiles", Outcome::mapped, "each is told of by itself");
  say("disabled", Outcome::approximated, "it listens all the same, as it was asked for by name");
  say("persist", of.persistence == nullptr ? Outcome::not_mapped : Outcome::mapped,
      of.persistence == nullptr ? "no file has it" : "is told of by itself");
  const Property snat = in.config.property(object, "source-address-translation");
  const Statement* const type = snat.statement == nullptr ? nullptr : snat.statement->find("type");
  const bool hides = type != nullptr && (type->value() == "automap" || type->value() == "snat");
  say("source-address-translation", hides ? Outcome::mapped : Outcome::approximated,
      hides ? "servers see an address of this machine, and the client in X-Forwarded-For"
            : "servers see an address of this machine, where they saw that of the client");
  for (const char* key : {"snat", "snatpool"}) {
    say(key, Outcome::approximated, "servers see an address of this machine");
  }
  say("rules", Outcome::not_mapped, "each is told of by itself");
  say("policies", Outcome::not_mapped, "each is told of by itself");
  const Property source = in.config.property(object, "source");
  say("source", Outcome::not_needed, "anybody may come");
  const auto is_guard = [&guarded](const Object* one) {
    return std::ranges::find(guarded, one, &Objection::object) != guarded.end();
  };
  for (const Object* rule : of.rules) {
    if (const std::string deeds = deeds_of(*rule); !is_guard(rule)) {
      in.ledger.say(*rule, Outcome::not_mapped,
                    "is not executed" + (deeds.empty() ? "" : "; it " + deeds));
    }
  }
  for (const Object* policy : of.policies) {
    if (!is_guard(policy)) {
      in.ledger.say(*policy, Outcome::not_mapped, "is not executed");
    }
  }
  for (const Object* profile : of.other_profiles) {
    if (!is_guard(profile)) {
      in.ledger.say(*profile, Outcome::not_mapped, "nothing of this profile happens");
    }
  }
  if (of.ntlm != nullptr) {
    in.ledger.say(*of.ntlm, Outcome::mapped,
                  "a connection that carries NTLM belongs to its client");
  }
}

}  // namespace

void map_listener(Mapping& in, const VirtualServer& of, const std::vector<Objection>& guarded) {
  const Object& object = *of.object;
  in.ledger.reach(object);
  say_virtual(in, of, guarded);
  Yaml out;
  for (const Objection& one : guarded) {
    out.note(1, "WARNING: the BIG-IP guards this, and chainmend does not: " + one.text + " (" +
                    (one.property == nullptr ? one.object->place()
                                             : one.object->place_of(*one.property)) +
                    ")");
    if (one.property == nullptr) {
      in.ledger.say(*one.object, Outcome::not_mapped, one.text, true);
    } else {
      in.ledger.say(*one.object, *one.property, Outcome::not_mapped, one.text, true);
    }
  }
  out.line(1, "- name: " + new_name(in, "listeners", object), origin(object));
  const Destination& destination = *of.destination;
  const std::string address =
      here(in, destination.address.empty() ? "0.0.0.0" : destination.address);
  out.line(2, "listen: " + config::scalar(host_and_port(address, destination.port)),
           "destination " + object.value("destination"));
  const bool is_http = of.http != nullptr || of.is_redirect;
  if (!is_http) {
    out.line(2, "mode: tcp", "no http profile");
  }
  if (of.client_ssl.empty()) {
    out.line(2, "tls: false", "no client-ssl profile");
  } else {
    map_tls(in, of, out);
  }
  const Property limit = in.config.property(object, "connection-limit");
  if (const auto most = config::parse_number(limit.value); most && *most > 0) {
    out.line(2, "max_connections: " + std::to_string(std::min<std::uint64_t>(*most, 10'000'000)),
             origin(limit, "connection-limit"));
  }
  in.ledger.say(limit, Outcome::mapped, "max_connections");
  map_timeouts(in, of, out);
  if (of.http != nullptr) {
    map_http(in, *of.http, out);
  }
  if (of.is_redirect) {
    out.line(2, "routes:");
    out.line(3, "- { path: /, redirect: https, status: 302 }", "an iRule of " + object.name);
    for (const Object* rule : of.rules) {
      in.ledger.say(*rule, Outcome::approximated, "the redirect alone");
    }
    in.ledger.say(in.config.property(object, "pool"), Outcome::not_needed,
                  "every request is redirected");
  } else {
    in.ledger.say(in.config.property(object, "pool"), Outcome::mapped, "upstream");
    out.line(2, "upstream: " + map_pool(in, of), "pool " + of.pool->name);
  }
  in.listeners.add(out);
}

}  // namespace chainmend::diagnose::f5
