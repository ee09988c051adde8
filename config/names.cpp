#include "config/names.h"

#include <algorithm>
#include <iterator>
#include <map>
#include <set>
#include <string_view>
#include <utility>

#include "config/client_types.h"
#include "config/config.h"
#include "config/quote.h"
#include "config/suggest.h"

namespace chainmend::config {
namespace {

using Kind = Names::Kind;
using Key = std::pair<Kind, std::string_view>;

std::string unknown_name(Kind kind, const std::string& name,
                         const std::vector<std::string_view>& known) {
  std::string text = "no " + std::string(to_string(kind)) + " is called " + quote(name);
  if (const auto meant = nearest(visible(name), known)) {
    return text + "; did you mean " + quote(*meant) + "?";
  }
  return text + (known.empty() ? "; none is defined" : "; known: " + join(known));
}

std::vector<std::string_view> built_in(Kind kind) {
  std::vector<std::string_view> names;
  if (kind == Kind::policy) {
    names.assign(kBuiltInPolicies.begin(), kBuiltInPolicies.end());
  } else if (kind == Kind::client_type) {
    std::ranges::transform(kBuiltInClientTypes, std::back_inserter(names),
                           &BuiltInClientType::name);
  } else if (kind == Kind::chain) {
    names = {kAutomaticChain};
  }
  return names;
}

bool is_of_use_by_itself(Kind kind) { return kind == Kind::listener || kind == Kind::client_type; }

}  // namespace

void Names::define(Kind kind, std::string name, Location at) {
  definitions_.push_back({kind, std::move(name), std::move(at)});
}

void Names::refer(Kind kind, std::string name, Location at) {
  references_.push_back({kind, std::move(name), std::move(at)});
}

void Names::check(Diagnostics& errors, Diagnostics& warnings) const {
  std::map<Key, const Location*> defined;
  std::map<Kind, std::vector<std::string_view>> known;
  for (const Kind kind : {Kind::policy, Kind::client_type, Kind::chain}) {
    known[kind] = built_in(kind);
  }
  for (const Mention& one : definitions_) {
    const auto [first, is_new] = defined.emplace(Key(one.kind, one.name), &one.at);
    if (is_new) {
      known[one.kind].push_back(one.name);
    } else if (one.kind != Kind::client_type && one.kind != Kind::chain) {
      errors.push_back({one.at, std::string(to_string(one.kind)) + " " + quote(one.name) +
                                    " is defined twice; first on line " +
                                    std::to_string(first->second->line)});
    }
  }
  auto& chains = known[Kind::chain];
  std::ranges::copy(known[Kind::trust_profile], std::back_inserter(chains));
  std::set<Key> used;
  for (const Mention& one : references_) {
    // The chain for a trust profile goes by the profile's name.
    const bool of_profile = one.kind == Kind::chain &&
                            defined.contains(Key(Kind::trust_profile, one.name)) &&
                            !defined.contains(Key(one.kind, one.name));
    used.emplace(of_profile ? Kind::trust_profile : one.kind, one.name);
    if (std::ranges::find(known[one.kind], one.name) == known[one.kind].end()) {
      errors.push_back({one.at, unknown_name(one.kind, one.name, known[one.kind])});
    }
  }
  if (!errors.empty()) {  // whatever uses a name may be what could not be read
    return;
  }
  for (const auto& [key, at] : defined) {
    if (!is_of_use_by_itself(key.first) && !used.contains(key)) {
      warnings.push_back(
          {*at, std::string(to_string(key.first)) + " " + quote(key.second) + " is not used"});
    }
  }
}

}  // namespace chainmend::config
