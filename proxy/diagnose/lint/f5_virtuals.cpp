// Of virtual servers: how long they wait, whom they keep at which server, and what is missing.
#include <algorithm>
#include <array>

#include "config/values.h"
#include "proxy/diagnose/lint/f5_findings.h"

namespace chainmend::diagnose {

namespace {

using f5::Object;
using f5::Property;
using f5::VirtualServer;

// The longest wait of ActiveSync, in seconds (heartbeat of Ping, KB 905013).
constexpr std::uint64_t kLongestWait = 3540;

void lint_idle(F5Findings& in, const VirtualServer& one) {
  if (one.tcp == nullptr || one.http == nullptr || one.client_ssl.empty() || one.is_redirect) {
    return;
  }
  const Property idle = in.question.config.property(*one.tcp, "idle-timeout");
  const auto seconds = config::parse_number(idle.value);
  if (seconds && *seconds > 0 && *seconds <= kLongestWait) {
    in.say(Rule::f5_idle_timeout, *one.object, idle,
           one.object->name + " resets what is idle for " + std::to_string(*seconds) + " s (" +
               one.tcp->name +
               "): if Exchange is behind, long polls of ActiveSync wait up to 3540 s, and EWS "
               "streams up to 1800 s",
           "tmsh create ltm profile tcp exchange_tcp defaults-from " + one.tcp->name +
               " idle-timeout 3600, and tmsh modify ltm virtual " + one.object->name +
               " profiles delete { " + one.tcp->name + " } profiles add { exchange_tcp }");
  }
}

void lint_sharing(F5Findings& in, const VirtualServer& one) {
  const bool cares = one.ntlm != nullptr || std::ranges::any_of(one.rules, [](const Object* rule) {
                       return rule->statement.raw.find("ONECONNECT::") != std::string::npos;
                     });
  if (one.one_connect != nullptr && !cares) {
    in.say(Rule::f5_shares_connections, *one.object, one.object->statement.find("profiles"),
           one.object->name + " shares connections to servers among clients (" +
               one.one_connect->name +
               ") and has no ntlm profile: if a server asks for NTLM or Negotiate, one client gets "
               "what another one may see",
           "tmsh modify ltm virtual " + one.object->name + " profiles add { ntlm }");
  }
}

void lint_persistence(F5Findings& in, const VirtualServer& one) {
  if (one.persistence == nullptr) {
    return;
  }
  const f5::Statement* const at = one.object->statement.find("persist");
  if (one.persistence->kind == "ltm persistence source-addr") {
    in.say(Rule::f5_persists_by_address, *one.object, at,
           one.object->name +
               " keeps clients at a server by their address: all that come through one proxy or "
               "NAT go to one server",
           "");
  } else if (one.persistence->kind == "ltm persistence ssl") {
    in.say(Rule::f5_persists_by_session, *one.object, at,
           one.object->name +
               " keeps clients at a server by their TLS session: with tickets and TLS 1.3 it has "
               "nothing to go by",
           "tmsh modify ltm virtual " + one.object->name + " persist replace-all-with { cookie }");
  }
}

// Names that lead nowhere, of virtuals and pools.
void lint_references(F5Findings& in, const VirtualServer& one) {
  const Object& object = *one.object;
  const auto missing = [&](const f5::Statement* at, const std::string& what) {
    in.say(Rule::f5_missing, object, at, object.name + " names " + what + ", and no file has that",
           "give the files that complete this one: bigip_base.conf, the partitions, "
           "profile_base.conf");
  };
  const f5::Statement* const pool = object.statement.find("pool");
  if (pool != nullptr && one.pool == nullptr && pool->value() != "none") {
    missing(pool, "the pool " + pool->value());
  }
  for (const f5::Statement* profile : one.unknown_profiles) {
    missing(profile, "the profile " + std::string(profile->key()));
  }
  if (const f5::Statement* const rules = object.statement.find("rules")) {
    for (const std::string& name : rules->list()) {
      if (name != "none" && !name.starts_with("/Common/_sys_") && !name.starts_with("_sys_") &&
          in.question.config.find("ltm rule", name, &object) == nullptr) {
        missing(rules, "the iRule " + name);
      }
    }
  }
}

void lint_rules(F5Findings& in, const VirtualServer& one) {
  for (const Object* rule : one.rules) {
    const std::string deeds = f5::deeds_of(*rule);
    if (!deeds.empty()) {
      in.say(Rule::f5_rule, *one.object, one.object->statement.find("rules"),
             one.object->name + " has the iRule " + rule->name + " (" + rule->place() +
                 "), which " + deeds,
             "");
    }
  }
}

}  // namespace

void lint_f5_virtuals(F5Findings& in) {
  for (const VirtualServer& one : in.virtuals) {
    lint_references(in, one);
    if (one.is_disabled) {
      continue;
    }
    lint_idle(in, one);
    lint_sharing(in, one);
    lint_persistence(in, one);
    lint_rules(in, one);
  }
}

}  // namespace chainmend::diagnose
