#include "config/reference.h"

#include <algorithm>
#include <array>
#include <cstddef>
#include <string_view>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "config/facts.h"

namespace chainmend::config {
namespace {

constexpr std::size_t kWidth = 100;
constexpr std::size_t kWidestValue = 44;  // wider ones do not push the comments of others
constexpr std::size_t kMostBeside = 3;    // lines of a comment that stands beside its key

constexpr std::string_view kHeader = R"(
# Every key of the configuration. A value shown is the default, except where it says "yours" or
# "required": there it is an example. Leave out what you do not change; of the sections only
# `listeners` is required. A key that is commented out stands in place of another one.
)";

constexpr std::string_view kListener = R"(
# The smallest file: a listener that answers 404. Put those of yours in its place; they look like the
# examples above.
listeners:
  - { name: example, listen: "127.0.0.1:8443", tls: off, routes: [{ path: /, status: 404 }] }
)";

// Words in lines of at most `width`; a line has at least one word.
std::vector<std::string> wrapped(std::string_view text, std::size_t width) {
  std::vector<std::string> lines;
  while (!text.empty()) {
    const std::string_view word = text.substr(0, text.find(' '));
    text.remove_prefix(std::min(word.size() + 1, text.size()));
    if (lines.empty() || lines.back().size() + 1 + word.size() > width) {
      lines.emplace_back(word);
    } else {
      lines.back().append(" ").append(word);
    }
  }
  return lines;
}

std::string sentence(std::string_view words) {
  std::string text(words);
  if (!text.empty() && text.front() >= 'a' && text.front() <= 'z') {
    text.front() = static_cast<char>(text.front() - 'a' + 'A');
  }
  return text + ".";
}

// One key of the text.
struct Entry {
  std::size_t indent = 0;
  std::string yaml;         // "name: value", "- name: value", "name:"
  std::string comment;      // beside it, or above when it is long
  std::size_t map = 0;      // comments beside the keys of one map are aligned
  bool instead = false;     // stands in place of another key
  bool of_machine = false;  // its default is a place in the file system
};

// The words and bounds that a value is limited to.
std::string limits_of(const Fact& fact) {
  std::string text;
  for (const ScalarType& type : fact.scalars) {
    std::string one = type.range;
    if (one.empty() && type.words.size() > 1 && type.words.front() != "true") {
      for (const std::string& word : type.words) {
        one += (one.empty() ? "" : " | ") + word;
      }
    }
    text += (text.empty() || one.empty() ? "" : "; ") + one;
  }
  return text;
}

// True of sections that hold what is the operator's own.
bool is_example(const Fact& section) { return section.is_list || !section.entry.empty(); }

std::string comment_of(const Fact& fact) {
  const bool section = has_keys(fact);
  const bool is_own = section ? is_example(fact) : fact.default_value.empty();
  std::string text;
  const auto add = [&](std::string_view part) {
    text.append(text.empty() || part.empty() ? "" : "; ").append(part);
  };
  if (!fact.key.instead_of.empty()) {
    add("instead of " + std::string(fact.key.instead_of));
  }
  add(fact.required ? "required" : is_own ? "yours" : "");
  add(section ? "" : limits_of(fact));
  add(fact.key.words);
  return text;
}

// The entries below a key, in their order.
class Layout {
 public:
  void add(const Fact& fact, std::size_t indent, std::string_view dash, std::size_t map) {
    Entry entry{.indent = indent,
                .yaml = std::string(dash) + std::string(fact.key.name) + ":",
                .comment = comment_of(fact),
                .map = map,
                .instead = !fact.key.instead_of.empty(),
                .of_machine = fact.default_value.starts_with('/')};
    if (!has_keys(fact)) {
      entry.yaml += " " + std::string(fact.shown());
    }
    entries_.push_back(std::move(entry));
    add_below(fact, indent + dash.size());
  }

  void add_below(const Fact& fact, std::size_t indent) {
    if (fact.is_map) {
      add_keys(fact, indent + 2, fact.is_list ? "- " : "");
    } else if (has_keys(fact)) {  // of an entry
      entries_.push_back({.indent = indent + 2, .yaml = std::string(fact.key.example) + ":"});
      add_keys(fact.entry.back(), indent + 4, "");
    }
  }

  std::vector<Entry> take() { return std::move(entries_); }

 private:
  void add_keys(const Fact& fact, std::size_t indent, std::string_view dash) {
    const std::size_t map = ++maps_;
    // As a comment none can begin an item: the first of the others does.
    const auto first =
        std::ranges::find_if(fact.keys, [](const Fact& key) { return key.key.instead_of.empty(); });
    add(*first, indent, dash, map);
    for (const Fact& key : fact.keys) {
      if (&key != &*first) {
        add(key, indent + dash.size(), "", map);
      }
    }
  }

  std::vector<Entry> entries_;
  std::size_t maps_ = 0;
};

class Text {
 public:
  explicit Text(std::vector<Entry> entries) : entries_(std::move(entries)) {}

  // as_example: the entries that are commented out as well.
  template <typename Commented>
  std::string write(const Commented& commented) {
    std::string out;
    for (const Entry& entry : entries_) {
      const std::string_view mark = commented(entry) ? "# " : "";
      for (const std::string& line : lines_of(entry)) {
        out.append(mark).append(line).append("\n");
      }
    }
    return out;
  }

 private:
  static std::string begin_of(const Entry& entry) {
    return std::string(entry.indent, ' ') + (entry.instead ? "# " : "") + entry.yaml;
  }

  // Where the comments of a map's keys begin.
  std::size_t column_of(std::size_t map) const {
    std::size_t column = 0;
    for (const Entry& entry : entries_) {
      const std::size_t size = begin_of(entry).size();
      column = entry.map == map && size <= kWidestValue ? std::max(column, size + 2) : column;
    }
    return column;
  }

  std::vector<std::string> lines_of(const Entry& entry) const {
    const std::string begin = begin_of(entry);
    if (entry.comment.empty()) {
      return {begin};
    }
    const std::size_t column = std::max(column_of(entry.map), begin.size() + 2);
    const std::vector<std::string> beside = wrapped(entry.comment, kWidth - column - 2);
    std::vector<std::string> lines;
    if (beside.size() > (begin.size() > kWidestValue ? 1 : kMostBeside)) {
      for (const std::string& line : wrapped(sentence(entry.comment), kWidth - entry.indent - 2)) {
        lines.push_back(fmt::format("{:{}}# {}", "", entry.indent, line));
      }
      lines.push_back(begin);
      return lines;
    }
    for (const std::string& line : beside) {
      const std::string& before = lines.empty() ? begin : "";
      lines.push_back(fmt::format("{:<{}}# {}", before, column, line));
    }
    return lines;
  }

  std::vector<Entry> entries_;
};

std::string write_reference(bool to_begin_with) {
  std::string out(kHeader.substr(1));
  out += "#\n";
  for (const Convention& one : kConventions) {
    out += fmt::format("# {:<12} {}\n", one.what, one.how);
  }
  for (const Fact& section : facts().keys) {
    out += "\n";
    for (const std::string& line : wrapped(sentence(comment_of(section)), kWidth - 2)) {
      out += "# " + line + "\n";
    }
    const bool example = to_begin_with && is_example(section);
    out += (example ? "# " : "") + std::string(section.key.name) + ":\n";
    Layout layout;
    layout.add_below(section, 0);
    out += Text(layout.take()).write([&](const Entry& entry) {
      return example || (to_begin_with && entry.of_machine);
    });
  }
  return out;
}

}  // namespace

std::string reference() { return write_reference(false); }

std::string starting_file() { return write_reference(true) + std::string(kListener); }

}  // namespace chainmend::config
