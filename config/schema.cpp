#include "config/schema.h"

#include <fmt/format.h>
#include <nlohmann/json.hpp>
#include <string_view>

#include "config/facts.h"
#include "config/values.h"

namespace chainmend::config {
namespace {

using Json = nlohmann::ordered_json;

// A scalar of ours as an editor's YAML reads it: as text, and as the truth or number that it looks
// like.
std::vector<Json> spellings(const std::string& word) {
  std::vector<Json> out{word};
  if (const auto truth = parse_bool(word)) {
    out.emplace_back(*truth);
  } else if (const auto number = parse_decimal(word)) {
    out.emplace_back(*number);
  }
  return out;
}

Json any_of(std::vector<Json> schemas) {
  return schemas.size() == 1 ? schemas.front() : Json{{"anyOf", schemas}};
}

std::vector<Json> scalar(const ScalarType& type) {
  std::vector<Json> out;
  Json words = Json::array();
  for (const std::string& word : type.words) {
    for (Json& spelling : spellings(word)) {
      if (std::ranges::find(words, spelling) == words.end()) {
        words.push_back(std::move(spelling));
      }
    }
  }
  if (!words.empty()) {
    out.push_back({{"enum", words}});
  }
  if (type.numbers) {
    out.push_back(
        {{"type", "integer"}, {"minimum", type.numbers->least}, {"maximum", type.numbers->most}});
  }
  if (!type.pattern.empty()) {
    out.push_back({{"type", "string"}, {"pattern", type.pattern}});
  } else if (out.empty()) {
    out.push_back({{"type", "string"}});
  }
  return out;
}

class Writer {
 public:
  Json write() {
    Json whole{{"$schema", "https://json-schema.org/draft/2020-12/schema"},
               {"title", "chainmend.yaml"}};
    whole.update(map_of(facts(), ""));
    whole["type"] = "object";  // a file without content is none
    whole["$defs"] = std::move(maps_);
    return whole;
  }

 private:
  // What may stand behind the key.
  Json value(const Fact& fact, const std::string& path) {
    std::vector<Json> one;
    if (fact.is_map) {
      one.push_back(reference(fact, path));
    }
    if (!fact.entry.empty()) {
      one.push_back({{"type", Json::array({"object", "null"})},
                     {"propertyNames", any_of(scalars(fact.entry.front()))},
                     {"additionalProperties", value(fact.entry.back(), path + ".*")}});
    }
    for (Json& schema : scalars(fact)) {
      one.push_back(std::move(schema));
    }
    Json out = any_of(one);
    if (fact.is_list) {
      Json list{{"type", "array"}, {"items", out}};
      if (fact.shown() != "[]") {
        list["minItems"] = 1;
      }
      one.push_back(std::move(list));
      out = any_of(std::move(one));
    }
    return out;
  }

  static std::vector<Json> scalars(const Fact& fact) {
    std::vector<Json> out;
    for (const ScalarType& type : fact.scalars) {
      for (Json& schema : scalar(type)) {
        out.push_back(std::move(schema));
      }
    }
    return out;
  }

  // Maps have a place of their own, as a list of them and one of them are the same.
  Json reference(const Fact& fact, const std::string& path) {
    if (!maps_.contains(path)) {
      maps_[path] = nullptr;  // its place, before those of the maps in it
      maps_[path] = map_of(fact, path);
    }
    return {{"$ref", "#/$defs/" + path}};
  }

  Json map_of(const Fact& fact, const std::string& path) {
    Json keys = Json::object();
    Json required = Json::array();
    Json exclusive = Json::array();
    for (const Fact& key : fact.keys) {
      const std::string name(key.key.name);
      Json one{{"description", key.key.words}};
      if (!key.is_map && !key.default_value.empty()) {
        one["default"] =
            key.default_value == "[]" ? Json::array() : spellings(key.default_value).back();
      }
      one.update(value(key, path.empty() ? name : fmt::format("{}.{}", path, name)));
      keys[name] = std::move(one);
      if (key.required) {
        required.push_back(name);
      }
      if (!key.key.instead_of.empty()) {
        exclusive.push_back({{"not", {{"required", {key.key.instead_of, name}}}}});
      }
    }
    Json out{{"type", Json::array({"object", "null"})},
             {"properties", std::move(keys)},
             {"additionalProperties", false}};
    if (!required.empty()) {
      out["required"] = std::move(required);
      out["type"] = "object";
    }
    if (!exclusive.empty()) {
      out["allOf"] = std::move(exclusive);
    }
    return out;
  }

  Json maps_ = Json::object();
};

}  // namespace

std::string schema() { return Writer().write().dump(2) + "\n"; }

}  // namespace chainmend::config
