#include "proxy/serving/load_policies.h"

#include <optional>
#include <vector>

#include "proxy/tls/client_context.h"

namespace chainmend::serving {

namespace {

std::uint16_t wire_version(config::TlsVersion version) {
  switch (version) {
    case config::TlsVersion::tls1_0:
      return TLS1_VERSION;
    case config::TlsVersion::tls1_1:
      return TLS1_1_VERSION;
    case config::TlsVersion::tls1_2:
      return TLS1_2_VERSION;
    case config::TlsVersion::tls1_3:
      return TLS1_3_VERSION;
  }
  return TLS1_2_VERSION;
}

template <typename T>
std::optional<T> value_of(const std::optional<config::Located<T>>& located) {
  return located ? std::optional<T>(located->value) : std::nullopt;
}

tls::TlsPolicy translate(const config::TlsPolicy& policy) {
  tls::PolicyChanges changes;
  if (policy.min) {
    changes.min_version = wire_version(policy.min->value);
  }
  if (policy.max) {
    changes.max_version = wire_version(policy.max->value);
  }
  changes.ciphers = value_of(policy.ciphers);
  changes.suites = value_of(policy.suites);
  changes.groups = value_of(policy.groups);
  changes.tickets = policy.tickets;
  changes.empty_fragments = policy.empty_fragments;
  changes.dh_bits = value_of(policy.dh_bits);
  return tls::customise(*tls::find_builtin_policy(policy.base), policy.name, changes);
}

config::Location place_of(const config::TlsPolicy& policy, tls::PolicyField field) {
  const auto pick = [&policy](const auto& located) { return located ? located->at : policy.at; };
  switch (field) {
    case tls::PolicyField::min:
      return pick(policy.min);
    case tls::PolicyField::max:
      return pick(policy.max);
    case tls::PolicyField::ciphers:
      return pick(policy.ciphers);
    case tls::PolicyField::suites:
      return pick(policy.suites);
    case tls::PolicyField::groups:
      return pick(policy.groups);
    case tls::PolicyField::dh_bits:
      return pick(policy.dh_bits);
  }
  return policy.at;
}

}  // namespace

std::map<std::string, tls::TlsPolicy> load_policies(const config::Config& config,
                                                    config::Diagnostics& errors) {
  std::map<std::string, tls::TlsPolicy> policies;
  for (const tls::TlsPolicy& builtin : tls::builtin_policies()) {
    policies[builtin.name] = builtin;
    for (const tls::PolicyProblem& problem : tls::verify_policy(builtin)) {
      errors.push_back({{}, "built-in policy " + builtin.name + ": " + problem.text});
    }
  }
  for (const config::TlsPolicy& configured : config.tls_policies) {
    policies[configured.name] = load_policy(configured, "TLS policy " + configured.name, errors);
  }
  return policies;
}

tls::TlsPolicy load_policy(const config::TlsPolicy& configured, const std::string& what,
                           config::Diagnostics& errors) {
  tls::TlsPolicy policy = translate(configured);
  for (const tls::PolicyProblem& problem : tls::verify_policy(policy)) {
    errors.push_back({place_of(configured, problem.field), what + ": " + problem.text});
  }
  return policy;
}

tls::TlsPolicy policy_towards(const config::Upstream& upstream, config::Diagnostics& errors) {
  config::TlsPolicy like;
  like.at = upstream.at;
  like.base = tls::kPolicyForServers;
  like.min = upstream.tls.min;
  like.max = upstream.tls.max;
  like.ciphers = upstream.tls.ciphers;
  return load_policy(like, "upstream " + upstream.name, errors);
}

}  // namespace chainmend::serving
