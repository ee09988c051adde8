#include "config/facts.h"

#include <algorithm>

#include "config/config.h"
#include "config/sections.h"
#include "config/yaml_reader.h"

namespace chainmend::config {
namespace {

Fact describe_all() {
  Fact root;
  Reader reader;  // gathers messages about a file that nobody wrote; they are dropped
  const YamlNode nothing;
  Config config;
  read_value(Cursor(reader, nothing, "", &root), config);
  return root;
}

// True when the map is written as the item of a list. Under a name of the operator's it need not
// be.
bool is_item(const Fact& map) { return map.is_list && map.is_map && map.key.name != "*"; }

// A key of the map that was found.
FoundFact child(const FoundFact& found, const Fact& key, std::size_t indent) {
  std::string yaml = found.yaml + std::string(indent, ' ') + (is_item(*found.fact) ? "- " : "");
  yaml.append(key.key.name).append(":");
  if (!has_keys(key)) {
    yaml.append(" ").append(key.shown());
  }
  return {(found.path.empty() ? "" : found.path + ".") + std::string(key.key.name), yaml + "\n",
          &key};
}

void add_below(const FoundFact& found, std::size_t indent, std::vector<FoundFact>& out) {
  const Fact& fact = *found.fact;
  const std::size_t deeper = indent + (is_item(fact) ? 4 : 2);
  for (const Fact& key : fact.keys) {
    out.push_back(child(found, key, indent));
    add_below(FoundFact(out.back()), deeper, out);
  }
  if (!fact.entry.empty()) {
    const Fact& value = fact.entry.back();
    FoundFact named{found.path + ".*",
                    found.yaml + std::string(indent, ' ') + std::string(fact.key.example) + ":\n",
                    &value};
    add_below(named, indent + 2, out);
  }
}

std::vector<std::string_view> parts_of(std::string_view path) {
  std::vector<std::string_view> parts;
  while (true) {
    const std::size_t dot = path.find('.');
    parts.push_back(path.substr(0, dot));
    if (dot == std::string_view::npos) {
      return parts;
    }
    path.remove_prefix(dot + 1);
  }
}

// True when the path ends in the parts of `name`.
bool ends_in(std::vector<std::string_view> path, std::vector<std::string_view> name) {
  while (!name.empty()) {
    if (path.empty()) {
      return false;
    }
    const bool left_out =
        path.back() == "*" && path.size() > 1 && path[path.size() - 2] == name.back();
    if (!left_out) {
      if (path.back() != name.back() && path.back() != "*") {
        return false;
      }
      name.pop_back();
    }
    path.pop_back();
  }
  return true;
}

}  // namespace

bool has_keys(const Fact& fact) {
  return fact.is_map || (!fact.entry.empty() && has_keys(fact.entry.back()));
}

const Fact& facts() {
  static const Fact all = describe_all();
  return all;
}

std::vector<FoundFact> all_facts() {
  std::vector<FoundFact> out;
  add_below({"", "", &facts()}, 0, out);
  return out;
}

std::vector<FoundFact> find_facts(std::string_view name) {
  std::vector<FoundFact> found = all_facts();
  std::erase_if(found,
                [&](const FoundFact& one) { return !ends_in(parts_of(one.path), parts_of(name)); });
  return found;
}

std::string value_text(const Fact& fact) {
  std::string text;
  const auto add = [&](const std::string& one) { text += (text.empty() ? "" : ", or ") + one; };
  if (fact.is_map) {
    add("a map");
  }
  if (!fact.entry.empty()) {
    add("a map whose keys are names that you give");
  }
  for (const ScalarType& type : fact.scalars) {
    const bool says_range = type.expected.find(type.range) != std::string::npos;
    add(type.expected + (says_range ? "" : " (" + type.range + ")"));
  }
  if (fact.is_list) {
    add("a list of these");
  }
  return text;
}

}  // namespace chainmend::config
