#include "proxy/diagnose/f5/configuration.h"

#include <algorithm>
#include <charconv>
#include <iterator>
#include <utility>

#include "proxy/diagnose/f5/builtin.h"
#include "proxy/diagnose/f5/conf_reader.h"
#include "proxy/diagnose/f5/defaults.h"

namespace chainmend::diagnose::f5 {

namespace {

constexpr std::size_t kMaxLine = 20;  // profiles that inherit from each other
constexpr std::string_view kCommon = "/Common/";

bool is_kind(const Object& object, std::string_view kind) {
  return object.kind.starts_with(kind) &&
         (object.kind.size() == kind.size() || object.kind[kind.size()] == ' ');
}

bool holds_defaults(const SourceFile& file) { return file.name.ends_with("profile_base.conf"); }

std::string kind_of(const Statement& header) {
  std::string kind;
  for (std::size_t i = 0; i + 1 < header.words.size(); ++i) {
    kind += (i > 0 ? " " : "") + header.words[i];
  }
  return kind;
}

}  // namespace

std::string full_name(std::string_view name) {
  return name.starts_with('/') ? std::string(name) : std::string(kCommon) + std::string(name);
}

std::string Object::place() const { return place_of(statement); }
std::string Object::place_of(const Statement& one) const {
  return file + ":" + std::to_string(one.line);
}
std::string Object::short_name() const {
  return name.starts_with(kCommon) ? name.substr(kCommon.size()) : name;
}
std::string Object::value(std::string_view key) const {
  const Statement* const found = statement.find(key);
  return found == nullptr ? std::string() : found->value();
}

std::string Property::place() const {
  return is_said() ? from->place_of(*statement) : "F5's default";
}

Configuration::Configuration(const Sources& sources) {
  for (const Builtin& one : kBuiltins) {
    objects_.push_back({std::string(one.kind), full_name(one.name), "F5's defaults", {}, true});
    by_name_[objects_.back().name].push_back(&objects_.back());
  }
  for (const bool is_default : {true, false}) {  // what overrides stands behind
    for (const SourceFile& file : sources.files) {
      if (holds_defaults(file) == is_default) {
        take(file);
      }
    }
  }
}

void Configuration::take(const SourceFile& file) {
  ConfText text = read_conf(file.text, file.name);
  if (version_ == 0 && !text.version.empty()) {
    version_text_ = text.version;
    std::from_chars(text.version.data(), text.version.data() + text.version.size(), version_);
  }
  std::ranges::move(text.problems, std::back_inserter(problems_));
  if (text.is_old) {
    old_files_.push_back(file.name);
  }
  for (Statement& one : text.statements) {
    take(std::move(one), file, holds_defaults(file));
  }
}

void Configuration::take(Statement statement, const SourceFile& file, bool is_default) {
  std::string kind = kind_of(statement);
  std::string name = full_name(statement.words.back());
  const Object* const before = find(kind, name);
  if (before != nullptr && before->kind == kind && !before->is_default &&
      before->file == file.name) {
    problems_.push_back({file.name, statement.line,
                         kind + " " + name +
                             " stands here once more; this one counts, and not that "
                             "of line " +
                             std::to_string(before->statement.line)});
  }
  objects_.push_back({std::move(kind), name, file.name, std::move(statement), is_default});
  by_name_[name].push_back(&objects_.back());
}

const Object* Configuration::find(std::string_view kind, std::string_view name,
                                  const Object* near) const {
  std::vector<std::string> tried;
  if (!name.starts_with('/') && near != nullptr) {
    const auto slash = near->name.rfind('/');
    tried.push_back(near->name.substr(0, slash + 1) + std::string(name));
  }
  tried.push_back(full_name(name));
  for (const std::string& one : tried) {
    const auto found = by_name_.find(one);
    if (found == by_name_.end()) {
      continue;
    }
    const auto last = std::ranges::find_if(found->second.rbegin(), found->second.rend(),
                                           [kind](const Object* o) { return is_kind(*o, kind); });
    if (last != found->second.rend()) {
      return *last;
    }
  }
  return nullptr;
}

std::vector<const Object*> Configuration::all(std::string_view kind) const {
  std::vector<const Object*> out;
  for (const Object& object : objects_) {
    if (is_kind(object, kind) && find(object.kind, object.name) == &object) {
      out.push_back(&object);
    }
  }
  return out;
}

std::vector<const Object*> Configuration::line_of(const Object& object) const {
  std::vector<const Object*> line{&object};
  while (line.size() < kMaxLine) {
    const std::string parent = line.back()->value("defaults-from");
    const Object* const found = parent.empty() ? nullptr : find(object.kind, parent, line.back());
    if (found == nullptr || std::ranges::find(line, found) != line.end()) {
      break;
    }
    line.push_back(found);
  }
  return line;
}

Property Configuration::property(const Object& object, std::string_view key) const {
  for (const Object* one : line_of(object)) {
    if (const Statement* const said = one->statement.find(key)) {
      return {said->value(), said->list(), said, one};
    }
  }
  Property out;
  out.value = default_of(object.kind, key, version_);
  for (std::size_t from = 0; from < out.value.size();) {
    const std::size_t end = std::min(out.value.find(' ', from), out.value.size());
    out.list.push_back(out.value.substr(from, end - from));
    from = end + 1;
  }
  return out;
}

}  // namespace chainmend::diagnose::f5
