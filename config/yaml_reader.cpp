#include "config/yaml_reader.h"

#include <algorithm>
#include <cstddef>

#include "config/quote.h"
#include "config/suggest.h"
#include "config/values.h"

namespace chainmend::config {
namespace {

std::string describe(const YamlNode& node) {
  switch (node.kind) {
    case YamlNode::Kind::scalar:
      return quote(node.text);
    case YamlNode::Kind::list:
      return "a list";
    case YamlNode::Kind::map:
      return "a map";
    case YamlNode::Kind::nothing:
    case YamlNode::Kind::refused:
      break;
  }
  return "nothing";
}

const YamlNode kNothing;

}  // namespace

bool Cursor::describes(const ScalarType& type) const {
  if (fact_ != nullptr) {
    fact_->scalars.push_back(type);
  }
  return fact_ != nullptr;
}

std::optional<std::string_view> Cursor::scalar(const ScalarType& type) const {
  if (describes(type)) {
    return std::nullopt;
  }
  if (node_->kind == YamlNode::Kind::scalar) {
    return node_->text;
  }
  expected(type.expected);
  return std::nullopt;
}

std::optional<std::string_view> Cursor::scalar(std::string_view expected) const {
  return scalar(ScalarType{.expected = std::string(expected)});
}

bool Cursor::is(std::string_view word) const {
  return !describes({.expected = std::string(word), .words = {std::string(word)}}) &&
         node_->kind == YamlNode::Kind::scalar && node_->text == word;
}

bool Cursor::is_off() const {
  return is("off") || (node_->kind == YamlNode::Kind::scalar && parse_bool(node_->text) == false);
}

bool Cursor::is_nothing() const {
  return fact_ == nullptr && node_->kind == YamlNode::Kind::nothing;
}

std::vector<Cursor> Cursor::items() const {
  if (fact_ != nullptr) {
    fact_->is_list = true;
  }
  if (node_->kind != YamlNode::Kind::list) {
    return {*this};
  }
  std::vector<Cursor> out;
  out.reserve(node_->items.size());
  for (const YamlNode& item : node_->items) {
    out.emplace_back(*reader_, item, label_);
  }
  return out;
}

std::vector<std::pair<Cursor, Cursor>> Cursor::entries(std::string_view expected_what) const {
  std::vector<std::pair<Cursor, Cursor>> out;
  if (fact_ != nullptr) {
    fact_->entry.assign(2, {.key = {.name = "*", .words = ""}});
    out.emplace_back(Cursor(*reader_, kNothing, "", &fact_->entry.front()),
                     Cursor(*reader_, kNothing, "", &fact_->entry.back()));
  } else if (node_->kind == YamlNode::Kind::map) {
    for (std::size_t i = 0; i < node_->keys.size(); ++i) {
      const YamlNode& key = node_->keys[i];
      out.emplace_back(Cursor(*reader_, key, label_),
                       Cursor(*reader_, node_->items[i], quote(key.text)));
    }
  } else if (node_->kind != YamlNode::Kind::nothing) {
    expected(expected_what);
  }
  return out;
}

void Cursor::error(std::string text) const { reader_->errors.push_back({at(), std::move(text)}); }

void Cursor::warn(std::string text) const { reader_->warnings.push_back({at(), std::move(text)}); }

void Cursor::reject(std::string_view why) const {
  error((label_.empty() ? "" : label_ + ": ") + std::string(why));
}

void Cursor::expected(std::string_view what, std::string_view hint) const {
  if (node_->kind != YamlNode::Kind::refused) {
    reject("expected " + std::string(what) + ", found " + describe(*node_) + std::string(hint));
  }
}

MapReader::MapReader(const Cursor& at, std::string_view what)
    : at_(at),
      what_(what),
      is_map_(at.node().kind == YamlNode::Kind::map || at.node().kind == YamlNode::Kind::nothing),
      asked_for_(at.node().keys.size()) {
  if (at_.fact() != nullptr) {
    at_.fact()->is_map = true;
  }
  if (!is_map_) {
    at_.expected(what_ + " as a map of \"key: value\"");
  }
}

MapReader::~MapReader() {
  for (std::size_t i = 0; is_map_ && i < asked_for_.size(); ++i) {
    if (!asked_for_[i]) {
      report_unknown(at_.node().keys[i], at_.node().items[i]);
    }
  }
}

std::optional<Cursor> MapReader::take(const Key& key) {
  known_.push_back(key.name);
  if (Fact* const map = at_.fact()) {
    return Cursor(at_.reader(), kNothing, "", &map->keys.emplace_back(Fact{.key = key}));
  }
  const std::optional<Cursor> value = find(key.name);
  if (value) {
    asked_for_[static_cast<std::size_t>(&value->node() - at_.node().items.data())] = true;
  }
  return value;
}

std::optional<Cursor> MapReader::find(std::string_view key) const {
  const YamlNode& map = at_.node();
  const auto found = std::ranges::find(map.keys, key, &YamlNode::text);
  if (!is_map_ || found == map.keys.end()) {
    return std::nullopt;
  }
  return Cursor(at_.reader(), map.items[static_cast<std::size_t>(found - map.keys.begin())],
                quote(key));
}

void MapReader::check_given(std::string_view key) {
  if (Fact* const map = at_.fact()) {
    map->keys.back().required = true;
    map->keys.back().default_value.clear();
  } else if (is_map_ && !has(key)) {
    at_.error(what_ + " needs " + quote(key));
  }
}

void MapReader::report_unknown(const YamlNode& key, const YamlNode& value) const {
  std::string text = "unknown key " + quote(key.text) + " in " + what_;
  const auto meant = nearest(visible(key.text), known_);
  if (value.kind == YamlNode::Kind::nothing && key.text.find(':') != std::string::npos) {
    text += "; write a space after the colon";
  } else if (meant) {
    text += "; did you mean " + quote(*meant) + "?";
  } else {
    text += "; known: " + join(known_);
  }
  at_.reader().errors.push_back({{at_.reader().file, key.line, key.column}, std::move(text)});
}

}  // namespace chainmend::config
