#include "proxy/cli/named_policies.h"

#include <algorithm>

#include "config/config.h"
#include "config/suggest.h"
#include "proxy/cli/command.h"
#include "proxy/cli/diagnostics.h"
#include "proxy/cli/terminal.h"
#include "proxy/serving/load_policies.h"

namespace chainmend::cli {

using tls::TlsPolicy;

std::optional<std::vector<TlsPolicy>> load_named_policies(const std::string& file) {
  std::vector<TlsPolicy> policies = tls::builtin_policies();
  if (file.empty()) {
    return policies;
  }
  const auto config = config::load(file);
  config::Diagnostics errors = config ? config::Diagnostics{} : config.error();
  if (config) {
    const auto loaded = serving::load_policies(*config, errors);
    for (const config::TlsPolicy& own : config->tls_policies) {
      policies.push_back(loaded.at(own.name));
    }
  }
  print(Terminal(stderr), Style::bad, "error", errors);
  return errors.empty() ? std::optional(policies) : std::nullopt;
}

int no_such_policy(const std::string& name, const std::vector<TlsPolicy>& policies) {
  std::vector<std::string_view> names;
  names.reserve(policies.size());
  for (const TlsPolicy& policy : policies) {
    names.push_back(policy.name);
  }
  const auto meant = config::nearest(name, names);
  const Terminal err(stderr);
  err.line(err.styled(Style::bad, "error") + ": no TLS policy is called \"" + name + "\"" +
           (meant ? "; did you mean \"" + std::string(*meant) + "\"?"
                  : "; \"chainmend policies\" lists the built-in ones, -c FILE yours"));
  return kBadInput;
}

}  // namespace chainmend::cli
