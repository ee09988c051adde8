// Configuration: the objects of a BIG-IP by name, of all files together, and what a profile that
// says nothing inherits.
#pragma once

#include <deque>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "proxy/diagnose/f5/sources.h"
#include "proxy/diagnose/f5/statement.h"

namespace chainmend::diagnose::f5 {

struct Object {
  std::string kind;  // "ltm profile client-ssl"
  std::string name;  // "/Common/ews"; what `tmsh list` prints without a partition gets /Common
  std::string file;
  Statement statement;
  bool is_default = false;  // F5's own: of profile_base.conf, or of every BIG-IP

  std::string place() const;  // "bigip.conf:12"
  std::string place_of(const Statement& one) const;
  std::string short_name() const;  // without /Common/
  // The value of a property, or of the first one of its list. Empty: not said.
  std::string value(std::string_view key) const;
};

// A property that counts for an object: its own, that of one it inherits from, or F5's default.
struct Property {
  std::string value;
  std::vector<std::string> list;
  const Statement* statement = nullptr;  // null: F5's default
  const Object* from = nullptr;          // who says it; likewise
  bool is_said() const { return statement != nullptr; }
  std::string place() const;  // "bigip.conf:12", or "F5's default"
};

class Configuration {
 public:
  Configuration() = default;
  explicit Configuration(const Sources& sources);
  Configuration(const Configuration&) = delete;
  Configuration& operator=(const Configuration&) = delete;

  // kind: whole, or its beginning: "ltm monitor" finds any monitor. near: whose partition a name
  // without one is looked for in, before /Common. Null: there is none.
  const Object* find(std::string_view kind, std::string_view name,
                     const Object* near = nullptr) const;
  std::vector<const Object*> all(std::string_view kind) const;  // in the order of the files

  // The object and those that it inherits from, nearest first.
  std::vector<const Object*> line_of(const Object& object) const;
  Property property(const Object& object, std::string_view key) const;

  int version() const { return version_; }  // the first number, "15"; 0: not said
  const std::string& version_text() const { return version_text_; }
  const std::vector<Problem>& problems() const { return problems_; }
  const std::vector<std::string>& old_files() const { return old_files_; }  // of version 9 or 10
  std::size_t size() const { return objects_.size(); }

 private:
  void take(const SourceFile& file);
  void take(Statement statement, const SourceFile& file, bool is_default);

  std::deque<Object> objects_;
  std::unordered_map<std::string, std::vector<const Object*>> by_name_;
  std::vector<Problem> problems_;
  std::vector<std::string> old_files_;
  std::string version_text_;
  int version_ = 0;
};

std::string full_name(std::string_view name);

}  // namespace chainmend::diagnose::f5
