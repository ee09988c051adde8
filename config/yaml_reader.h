// Reader, Cursor, MapReader: from the tree of nodes to typed fields. To accept a key is one line,
//
//   MapReader map(at, "a listener");
//   map.require("listen", out.listen);
//   map.read("mode", out.mode);
//
// where read_value(const Cursor&, T&, ...) says how a T is read (read_value.h for plain values,
// sections.h for sections). Nothing here fails: problems are collected, with their places, and the
// field keeps its default.
#pragma once

#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "config/config.h"
#include "config/names.h"
#include "config/result.h"
#include "config/yaml_tree.h"

namespace chainmend::config {

// What the reading of one file shares and gathers.
struct Reader {
  std::string file;  // for messages
  Path folder;       // relative paths start here
  Diagnostics errors;
  Diagnostics warnings;
  Names names;
  // Keys as paths, "listeners.timeouts.head", with * for a name that the operator chose: those that
  // the maps of this file could hold, and those that they do hold. Compared by the test of
  // reference.yaml.
  std::set<std::string> known_keys;
  std::set<std::string> given_keys;
  std::vector<Located<Path>> input_files;  // that the file names and that must be there
};

// A node, and how one came to it. Borrows both; cheap to copy.
class Cursor {
 public:
  Cursor(Reader& reader, const YamlNode& node, std::string path, std::string label)
      : reader_(&reader), node_(&node), path_(std::move(path)), label_(std::move(label)) {}

  Reader& reader() const { return *reader_; }
  const YamlNode& node() const { return *node_; }
  const std::string& path() const { return path_; }
  Location at() const { return {reader_->file, node_->line, node_->column}; }

  // The scalar's text; when this is none, reports that `expected` was and returns nothing.
  std::optional<std::string_view> scalar(std::string_view expected) const;
  // The items of a list; anything else is its own only item, so that one need not be written as a
  // list.
  std::vector<Cursor> items() const;
  // The entries of a map whose keys are the operator's names: name and value. Reports what is no
  // map.
  std::vector<std::pair<Cursor, Cursor>> entries(std::string_view expected) const;

  void error(std::string text) const;
  void warn(std::string text) const;
  void reject(std::string_view why) const;  // "key": why
  // "key": expected what, found ...; hint
  void expected(std::string_view what, std::string_view hint = "") const;

 private:
  friend class MapReader;
  Reader* reader_;
  const YamlNode* node_;
  std::string path_;
  std::string label_;  // the key that led here, for messages
};

// Reads a map key by key. Its destructor reports the keys that nobody asked for.
class MapReader {
 public:
  // what: "a listener", for messages. A node without content counts as an empty map; no map is
  // reported once.
  MapReader(const Cursor& at, std::string_view what);
  ~MapReader();
  MapReader(const MapReader&) = delete;
  MapReader& operator=(const MapReader&) = delete;

  // The value of key, for values that need a look before they are read.
  std::optional<Cursor> take(std::string_view key);
  bool has(std::string_view key) const;

  template <typename T, typename... How>
  void read(std::string_view key, T& out, const How&... how) {
    if (const std::optional<Cursor> value = take(key)) {
      read_value(*value, out, how...);
    }
  }
  // The same for a key that must be there.
  template <typename T, typename... How>
  void require(std::string_view key, T& out, const How&... how) {
    read(key, out, how...);
    report_missing(key);
  }

  bool is_map() const { return is_map_; }

 private:
  void report_missing(std::string_view key) const;
  void report_unknown(const YamlNode& key, const YamlNode& value) const;

  Cursor at_;
  std::string what_;
  bool is_map_;
  std::vector<bool> asked_for_;  // of the node's keys
  std::vector<std::string_view> known_;
};

template <typename T, typename... How>
void read_value(const Cursor& at, Located<T>& out, const How&... how) {
  out.at = at.at();
  read_value(at, out.value, how...);
}

template <typename T, typename... How>
void read_value(const Cursor& at, std::optional<T>& out, const How&... how) {
  read_value(at, out.emplace(), how...);
}

// One or several; none is an error.
template <typename T, typename... How>
void read_value(const Cursor& at, std::vector<T>& out, const How&... how) {
  const std::vector<Cursor> items = at.items();
  if (items.empty()) {
    at.reject("the list is empty");
  }
  out.clear();
  for (const Cursor& item : items) {
    if (item.node().kind == YamlNode::Kind::nothing) {
      item.expected("a value");
    } else {
      read_value(item, out.emplace_back(), how...);
    }
  }
}

// Or none: a list that may be empty.
struct MayBeEmpty {};

template <typename T, typename... How>
void read_value(const Cursor& at, std::vector<T>& out, const MayBeEmpty& /*how*/,
                const How&... how) {
  out.clear();
  if (!at.items().empty() && at.node().kind != YamlNode::Kind::nothing) {
    read_value(at, out, how...);
  }
}

}  // namespace chainmend::config
