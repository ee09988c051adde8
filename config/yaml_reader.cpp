#include "config/yaml_reader.h"

#include <algorithm>
#include <cstddef>

#include "config/quote.h"
#include "config/suggest.h"

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

std::string below(const std::string& path, std::string_view key) {
  return (path.empty() ? "" : path + ".") + std::string(key);
}

}  // namespace

std::optional<std::string_view> Cursor::scalar(std::string_view expected_what) const {
  if (node_->kind == YamlNode::Kind::scalar) {
    return node_->text;
  }
  expected(expected_what);
  return std::nullopt;
}

std::vector<Cursor> Cursor::items() const {
  if (node_->kind != YamlNode::Kind::list) {
    return {*this};
  }
  std::vector<Cursor> out;
  out.reserve(node_->items.size());
  for (const YamlNode& item : node_->items) {
    out.emplace_back(*reader_, item, path_, label_);
  }
  return out;
}

std::vector<std::pair<Cursor, Cursor>> Cursor::entries(std::string_view expected_what) const {
  std::vector<std::pair<Cursor, Cursor>> out;
  if (node_->kind == YamlNode::Kind::map) {
    const std::string path = below(path_, "*");
    for (std::size_t i = 0; i < node_->keys.size(); ++i) {
      const YamlNode& key = node_->keys[i];
      out.emplace_back(Cursor(*reader_, key, path, label_),
                       Cursor(*reader_, node_->items[i], path, quote(key.text)));
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

std::optional<Cursor> MapReader::take(std::string_view key) {
  known_.push_back(key);
  std::string path = below(at_.path(), key);
  at_.reader().known_keys.insert(path);
  const YamlNode& map = at_.node();
  const auto found = std::ranges::find(map.keys, key, &YamlNode::text);
  if (!is_map_ || found == map.keys.end()) {
    return std::nullopt;
  }
  at_.reader().given_keys.insert(path);
  const auto index = static_cast<std::size_t>(found - map.keys.begin());
  asked_for_[index] = true;
  return Cursor(at_.reader(), map.items[index], std::move(path), quote(key));
}

bool MapReader::has(std::string_view key) const {
  return std::ranges::find(at_.node().keys, key, &YamlNode::text) != at_.node().keys.end();
}

void MapReader::report_missing(std::string_view key) const {
  if (is_map_ && !has(key)) {
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
