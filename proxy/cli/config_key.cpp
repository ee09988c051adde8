#include "proxy/cli/config_key.h"

#include <nlohmann/json.hpp>
#include <string_view>
#include <vector>

#include "config/facts.h"
#include "config/quote.h"
#include "config/suggest.h"
#include "proxy/cli/command.h"
#include "proxy/cli/diagnostics.h"
#include "proxy/cli/terminal.h"

namespace chainmend::cli {

namespace {

using config::Fact;
using config::FoundFact;
using Json = nlohmann::ordered_json;

std::vector<std::string> names_below(const Fact& fact) {
  std::vector<std::string> names;
  for (const Fact& key : fact.keys) {
    names.emplace_back(key.key.name);
  }
  return fact.entry.empty() ? names : names_below(fact.entry.back());
}

// Null where there is none.
Json text_or_null(std::string_view text) { return text.empty() ? Json(nullptr) : Json(text); }

Json to_json(const FoundFact& found) {
  const Fact& fact = *found.fact;
  const bool has_value = !has_keys(fact);
  return {{"key", found.path},
          {"words", fact.key.words},
          {"value", value_text(fact)},
          {"required", fact.required},
          {"default", text_or_null(has_value ? fact.default_value : "")},
          {"example", text_or_null(has_value ? fact.key.example : "")},
          {"instead_of", text_or_null(fact.key.instead_of)},
          {"keys", names_below(fact)},
          {"yaml", found.yaml}};
}

void print_fact(const Terminal& out, const FoundFact& found) {
  constexpr std::size_t kIndent = 12;
  const Fact& fact = *found.fact;
  const auto row = [&](std::string name, std::string_view text) {
    if (!text.empty()) {
      name.insert(0, 2, ' ');
      name.resize(kIndent, ' ');
      out.wrapped(name, kIndent, text);
    }
  };
  out.line(out.styled(Style::bold, found.path));
  row("meaning", fact.key.words);
  row("value", value_text(fact));
  if (fact.required) {
    row("default", "none; it is required");
  } else if (!has_keys(fact)) {
    row("default", fact.default_value.empty() ? "none" : fact.default_value);
  }
  if (!fact.key.instead_of.empty()) {
    row("instead of", std::string(fact.key.instead_of) + "; one of the two is given");
  }
  row("keys", config::join(names_below(fact)));
  out.line();
  std::string_view yaml = found.yaml;
  while (!yaml.empty()) {
    const std::size_t end = yaml.find('\n');
    out.line("    " + std::string(yaml.substr(0, end)));
    yaml.remove_prefix(end + 1);
  }
}

int no_such_key(const std::string& name) {
  std::vector<std::string> paths;
  for (const FoundFact& one : config::all_facts()) {
    paths.push_back(one.path);
    paths.emplace_back(one.fact->key.name);
  }
  const auto meant = config::nearest(name, {paths.begin(), paths.end()});
  return fail("no key is called " + config::quote(name) +
              (meant ? "; did you mean " + config::quote(*meant) + "?"
                     : "; \"chainmend config\" prints every key"));
}

}  // namespace

bool names_file(const std::string& word) {
  return word.find('/') != std::string::npos || word.ends_with(".yaml") || word.ends_with(".yml") ||
         word.ends_with(".json");
}

int explain_key(const std::string& name, bool json) {
  const std::vector<FoundFact> found = config::find_facts(name);
  if (found.empty()) {
    return no_such_key(name);
  }
  const Terminal out(stdout);
  if (json) {
    Json keys = Json::array();
    for (const FoundFact& one : found) {
      keys.push_back(to_json(one));
    }
    out.line(keys.dump(2));
    return kOk;
  }
  for (const FoundFact& one : found) {
    if (&one != found.data()) {
      out.line();
    }
    print_fact(out, one);
  }
  return kOk;
}

}  // namespace chainmend::cli
