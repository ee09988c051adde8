// Reader, Cursor, MapReader: from the tree of nodes to typed fields. To accept a key is one line,
//
//   MapReader map(at, "process");
//   map.read({"drain", "how long a stop waits for open connections"}, out.drain);
//
// where read_value(const Cursor&, T&, ...) says how a T is read, and write_value(const Cursor&,
// const T&, ...) how its default is written (read_value.h for plain values, sections.h for
// sections). Nothing here fails: problems are collected, with their places, and the field keeps its
// default.
//
// The same parsers also describe. A Cursor with a Fact stands nowhere in a file: MapReader gives
// out each of its keys, lists have one item, maps by name have one entry, no scalar has a value,
// and what each accepts is noted in the Fact.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "config/config.h"
#include "config/key.h"
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
  std::vector<Located<Path>> input_files;  // that the file names and that must be there
};

// A node, and how one came to it. Borrows all it points to; cheap to copy.
class Cursor {
 public:
  Cursor(Reader& reader, const YamlNode& node, std::string label, Fact* fact = nullptr)
      : reader_(&reader), node_(&node), label_(std::move(label)), fact_(fact) {}

  Reader& reader() const { return *reader_; }
  const YamlNode& node() const { return *node_; }
  Fact* fact() const { return fact_; }  // null: reads a file
  // True when this describes: the type is noted, and there is no value.
  bool describes(const ScalarType& type) const;
  Location at() const { return {reader_->file, node_->line, node_->column}; }

  // The scalar's text; when this is none, reports what was expected and returns nothing.
  std::optional<std::string_view> scalar(const ScalarType& type) const;
  std::optional<std::string_view> scalar(std::string_view expected) const;
  // True when the value is this word, which goes beside whatever else it may be.
  bool is(std::string_view word) const;
  // True when it is written as one of off, no and false.
  bool is_off() const;
  // True when nothing stands behind the key.
  bool is_nothing() const;
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
  Reader* reader_;
  const YamlNode* node_;
  std::string label_;  // the key that led here, for messages
  Fact* fact_;
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

  // The value of the key, for values that need a look before they are read.
  std::optional<Cursor> take(const Key& key);
  // The value of a key that this map has, whoever takes it.
  std::optional<Cursor> find(std::string_view key) const;
  bool has(std::string_view key) const { return find(key).has_value(); }

  template <typename T, typename... How>
  void read(const Key& key, T& out, const How&... how) {
    const std::optional<Cursor> value = take(key);
    if (!value) {
      return;
    }
    if (Fact* const fact = value->fact()) {
      fact->default_value = write_value(*value, std::as_const(out), how...);
      T aside = out;  // so that `out` keeps the defaults
      read_value(*value, aside, how...);
    } else {
      read_value(*value, out, how...);
    }
  }
  // The same for a key that must be there.
  template <typename T, typename... How>
  void require(const Key& key, T& out, const How&... how) {
    read(key, out, how...);
    check_given(key.name);
  }

  bool is_map() const { return is_map_; }

 private:
  void check_given(std::string_view key);
  void report_unknown(const YamlNode& key, const YamlNode& value) const;

  Cursor at_;
  std::string what_;
  bool is_map_;
  std::vector<bool> asked_for_;  // of the node's keys
  std::vector<std::string_view> known_;
};

// What has no one value to write: a section, or a value that the operator gives.
template <typename T, typename... How>
std::string write_value(const Cursor& /*at*/, const T& /*value*/, const How&... /*how*/) {
  return "";
}

template <typename T, typename... How>
std::string write_value(const Cursor& at, const Located<T>& value, const How&... how) {
  return write_value(at, value.value, how...);
}

template <typename T, typename... How>
std::string write_value(const Cursor& at, const std::optional<T>& value, const How&... how) {
  return value ? write_value(at, *value, how...) : "";
}

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
    if (item.is_nothing()) {
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
  if (!at.items().empty() && !at.is_nothing()) {
    read_value(at, out, how...);
  }
}

template <typename T, typename... How>
std::string write_value(const Cursor& /*at*/, const std::vector<T>& value,
                        const MayBeEmpty& /*how*/, const How&... /*how*/) {
  return value.empty() ? "[]" : "";
}

}  // namespace chainmend::config
