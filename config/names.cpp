#include "config/names.h"

#include <algorithm>
#include <map>
#include <set>
#include <string_view>
#include <utility>

#include "config/config.h"
#include "config/quote.h"
#include "config/suggest.h"

namespace chainmend::config {
namespace {

using Kind = Names::Kind;
using Key = std::pair<Kind, std::string_view>;

std::string_view word_for(Kind kind) {
  switch (kind) {
    case Kind::listener:
      return "listener";
    case Kind::certificate:
      return "certificate";
    case Kind::policy:
      return "TLS policy";
    case Kind::upstream:
      return "upstream";
  }
  return "";
}

std::string unknown_name(Kind kind, const std::string& name,
                         const std::vector<std::string_view>& known) {
  std::string text = "no " + std::string(word_for(kind)) + " is called " + quote(name);
  if (const auto meant = nearest(name, known)) {
    return text + "; did you mean " + quote(*meant) + "?";
  }
  return text + (known.empty() ? "; none is defined" : "; known: " + join(known));
}

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
  known[Kind::policy].assign(kBuiltInPolicies.begin(), kBuiltInPolicies.end());
  for (const Mention& one : definitions_) {
    const auto [first, is_new] = defined.emplace(Key(one.kind, one.name), &one.at);
    if (is_new) {
      known[one.kind].push_back(one.name);
    } else {
      errors.push_back({one.at, std::string(word_for(one.kind)) + " " + quote(one.name) +
                                    " is defined twice; first on line " +
                                    std::to_string(first->second->line)});
    }
  }
  std::set<Key> used;
  for (const Mention& one : references_) {
    used.emplace(one.kind, one.name);
    const bool built_in = one.kind == Kind::policy &&
                          std::ranges::find(kBuiltInPolicies, one.name) != kBuiltInPolicies.end();
    if (!built_in && !defined.contains(Key(one.kind, one.name))) {
      errors.push_back({one.at, unknown_name(one.kind, one.name, known[one.kind])});
    }
  }
  for (const auto& [key, at] : defined) {
    if (key.first != Kind::listener && !used.contains(key)) {
      warnings.push_back(
          {*at, std::string(word_for(key.first)) + " " + quote(key.second) + " is not used"});
    }
  }
}

}  // namespace chainmend::config
