#include "config/yaml_tree.h"

#include <array>
#include <cstddef>
#include <map>
#include <ranges>
#include <sstream>
#include <utility>

#include <fmt/format.h>
#include <yaml-cpp/eventhandler.h>
#include <yaml-cpp/exceptions.h>
#include <yaml-cpp/parser.h>

#include "config/quote.h"
#include "config/source_text.h"

namespace chainmend::config {
namespace {

// yaml-cpp reads nested collections by recursion, one level per event, so that stopping here bounds
// its stack as well.
constexpr std::size_t kMaxDepth = 32;
constexpr std::size_t kMaxNodes = 100'000;

constexpr std::string_view kQuoteIpv6 = "write an IPv6 address in quotes, as in \"[::]:443\"";

// Thrown by TreeBuilder through yaml-cpp to read_tree() when reading on makes no sense.
struct Stop {
  Diagnostic why;
};

// Whether line holds an IPv6 address with a port that is not in quotes: YAML reads "[::]:443" as a
// list.
bool has_bare_ipv6(std::string_view line) {
  const std::size_t end = line.find("]:");
  const std::size_t begin = line.substr(0, end).rfind('[');
  if (end == std::string_view::npos || begin == std::string_view::npos) {
    return false;
  }
  const std::string_view inside = line.substr(begin + 1, end - begin - 1);
  const bool quoted = begin > 0 && (line[begin - 1] == '"' || line[begin - 1] == '\'');
  return !quoted && inside.find(':') != std::string_view::npos &&
         inside.find_first_not_of("0123456789abcdefABCDEF:.") == std::string_view::npos;
}

// Turns yaml-cpp's events into nodes. What can be left out is reported and left out; what cannot
// throws Stop.
class TreeBuilder : public YAML::EventHandler {
 public:
  TreeBuilder(std::string_view text, const std::string& file, Diagnostics& problems)
      : text_(text), file_(file), problems_(problems) {}

  YamlNode take_root() { return std::move(root_); }

  // The { or [ that was opened last and is not closed yet.
  std::optional<Location> open_bracket() const {
    for (const Frame& frame : frames_ | std::views::reverse) {
      if (frame.in_brackets) {
        return Location{file_, frame.node.line, frame.node.column};
      }
    }
    return std::nullopt;
  }

  void OnDocumentStart(const YAML::Mark& mark) override {
    if (++documents_ == 1) {
      return;
    }
    // yaml-cpp also starts a new document where text follows a complete one without any "---".
    const bool separated = line_of(text_, mark.line + 1).starts_with("---");
    stop(mark, separated ? "a second document begins here; one file holds one"
                         : "this does not belong to what stands before it");
  }

  void OnDocumentEnd() override {}

  void OnNull(const YAML::Mark& mark, YAML::anchor_t anchor) override {
    refuse_extras(mark, "", anchor);
    add(node(mark, YamlNode::Kind::nothing));
  }

  void OnAlias(const YAML::Mark& mark, YAML::anchor_t /*anchor*/) override {
    problem(
        mark,
        "aliases (*name) are not supported; write the value out, or in quotes if it is no alias");
    add(node(mark, YamlNode::Kind::refused));
  }

  void OnScalar(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                const std::string& value) override {
    refuse_extras(mark, tag, anchor);
    YamlNode scalar = node(mark, YamlNode::Kind::scalar);
    scalar.text = value;
    add(std::move(scalar));
  }

  void OnSequenceStart(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                       YAML::EmitterStyle::value style) override {
    open(mark, tag, anchor, YamlNode::Kind::list, style);
  }

  void OnSequenceEnd() override { close(); }

  void OnMapStart(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                  YAML::EmitterStyle::value style) override {
    open(mark, tag, anchor, YamlNode::Kind::map, style);
  }

  void OnMapEnd() override { close(); }

 private:
  // A list or map that is being read.
  struct Frame {
    YamlNode node;
    std::optional<YamlNode> key;      // of a map: read, and waiting for its value
    bool in_brackets = false;         // written with { } or [ ]
    bool left_out = false;            // the value of this key is not wanted
    std::map<std::string, int> seen;  // keys and their lines
  };

  Location locate(const YAML::Mark& mark) const { return {file_, mark.line + 1, mark.column + 1}; }
  void problem(const YAML::Mark& mark, std::string text) {
    problems_.push_back({locate(mark), std::move(text)});
  }
  [[noreturn]] void stop(const YAML::Mark& mark, std::string text) const {
    throw Stop{{locate(mark), std::move(text)}};
  }

  void refuse_extras(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor) {
    if (anchor != 0) {
      problem(mark,
              "anchors (&name) are not supported; write the value out, or in quotes if it is no "
              "anchor");
    }
    if (!tag.empty() && tag != "?" && tag != "!") {  // plain and quoted
      problem(mark,
              "tags (!name) are not supported; leave it out, or quote the value if it is no tag");
    }
  }

  YamlNode node(const YAML::Mark& mark, YamlNode::Kind kind) {
    if (++nodes_ > kMaxNodes) {
      stop(mark, "more than 100000 values; that is no configuration");
    }
    YamlNode out;
    out.kind = kind;
    out.line = mark.line + 1;
    out.column = mark.column + 1;
    return out;
  }

  void open(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
            YamlNode::Kind kind, YAML::EmitterStyle::value style) {
    refuse_extras(mark, tag, anchor);
    if (expects_key()) {
      const bool ipv6 = has_bare_ipv6(line_of(text_, mark.line + 1));
      stop(mark, ipv6 ? std::string(kQuoteIpv6)
                      : "a key must be a word, not a list or map" + hint_of_bracket(mark));
    }
    if (frames_.size() == kMaxDepth) {
      stop(mark, "nested more than 32 levels deep; that is no configuration");
    }
    frames_.push_back({node(mark, kind), {}, style == YAML::EmitterStyle::Flow, false, {}});
  }

  // A bracket that is not closed makes a key of itself and what follows.
  std::string hint_of_bracket(const YAML::Mark& mark) const {
    const std::string_view line = line_of(text_, mark.line + 1);
    const auto at = static_cast<std::size_t>(mark.column);
    const char first = at < line.size() ? line[at] : ' ';
    return first == '{' || first == '[' ? fmt::format("; is this {} closed?", first) : "";
  }

  void close() {
    YamlNode done = std::move(frames_.back().node);
    frames_.pop_back();
    add(std::move(done));
  }

  bool expects_key() const {
    return !frames_.empty() && frames_.back().node.kind == YamlNode::Kind::map &&
           !frames_.back().key;
  }

  void add(YamlNode value) {
    if (frames_.empty()) {
      root_ = std::move(value);
    } else if (frames_.back().node.kind == YamlNode::Kind::list) {
      frames_.back().node.items.push_back(std::move(value));
    } else if (expects_key()) {
      add_key(frames_.back(), std::move(value));
    } else {
      add_value(frames_.back(), std::move(value));
    }
  }

  void add_key(Frame& map, YamlNode key) {
    const Location at{file_, key.line, key.column};
    map.left_out = true;
    if (key.kind == YamlNode::Kind::nothing) {
      problems_.push_back({at, "a key is missing here"});
    } else if (key.kind == YamlNode::Kind::scalar && key.text == "<<") {
      problems_.push_back({at, "merge keys (<<) are not supported; write the values out"});
    } else if (key.kind == YamlNode::Kind::scalar) {
      const auto [first, is_new] = map.seen.emplace(key.text, key.line);
      map.left_out = !is_new;
      if (!is_new) {
        problems_.push_back({at, "key " + quote(key.text) + " is given twice; first on line " +
                                     std::to_string(first->second)});
      }
    }
    map.key = std::move(key);
  }

  static void add_value(Frame& map, YamlNode value) {
    if (value.kind == YamlNode::Kind::nothing) {  // yaml-cpp's mark is that of whatever comes next
      value.line = map.key->line;
      value.column = map.key->column;
    }
    if (!map.left_out) {
      map.node.keys.push_back(*std::move(map.key));
      map.node.items.push_back(std::move(value));
    }
    map.key.reset();
  }

  std::string_view text_;
  const std::string& file_;
  Diagnostics& problems_;
  std::vector<Frame> frames_;
  YamlNode root_;
  std::size_t documents_ = 0;
  std::size_t nodes_ = 0;
};

// yaml-cpp's message in words that say what to do.
std::string explain(const std::string& message, std::string_view line) {
  if (has_bare_ipv6(line)) {
    return std::string(kQuoteIpv6);
  }
  constexpr std::array<std::pair<std::string_view, std::string_view>, 9> kWords = {{
      {"illegal map value",
       "no \"key: value\" can stand here; check the indentation, and quote text that holds \": \""},
      {"end of map not found", "this line does not fit the lines above it; check the indentation"},
      {"end of sequence not found",
       "this line does not fit the lines above it; check the indentation"},
      {"end of map flow not found", "a { is not closed, or a comma is missing"},
      {"end of sequence flow not found", "a [ is not closed, or a comma is missing"},
      {"illegal flow end", "this does not close what is open here; check the brackets"},
      {"the referenced anchor is not defined",
       "* begins an alias in YAML; write text such as \"*.pem\" in quotes"},
      {"illegal EOF in scalar", "the file ends inside a quoted text"},
      {"unknown token", "text cannot begin with this character; write it in quotes"},
  }};
  for (const auto& [theirs, ours] : kWords) {
    if (message == theirs) {
      return std::string(ours);
    }
  }
  return "not valid YAML: " + message;
}

// Where the parser was when it gave up.
struct Place {
  const std::string& file;
  std::optional<Location> bracket;  // the innermost { or [ that is not closed
};

Diagnostic described(const YAML::Exception& error, std::string_view text, const Place& place) {
  const Location at{place.file, error.mark.line + 1, error.mark.column + 1};
  const bool map = error.msg == "end of map flow not found";
  if (place.bracket && (map || error.msg == "end of sequence flow not found")) {
    return {at, fmt::format(
                    "a {} is not closed, or a comma is missing; it was opened on line {} column {}",
                    map ? '{' : '[', place.bracket->line, place.bracket->column)};
  }
  if (error.msg.starts_with("unknown escape character")) {  // a Windows path; the mark is behind it
    return {{place.file, at.line, at.column - 2},
            "a backslash in double quotes begins an escape, and \\" +
                error.msg.substr(error.msg.size() - 1) +
                R"( is none; write paths in single quotes, as in 'C:\certs\mail.pfx')"};
  }
  return {at, explain(error.msg, line_of(text, at.line))};
}

}  // namespace

std::optional<YamlNode> read_tree(std::string_view text, const std::string& file,
                                  Diagnostics& problems) {
  TreeBuilder builder(text, file, problems);
  try {
    // Without the last line's end: yaml-cpp lets a quote that is never closed pass when one comes
    // before the file's end.
    const std::string_view trimmed = text.substr(0, text.find_last_not_of(" \t\r\n") + 1);
    std::istringstream input{std::string(trimmed)};
    YAML::Parser parser(input);
    while (parser.HandleNextDocument(builder)) {
    }
    return builder.take_root();
  } catch (const Stop& stop) {
    problems.push_back(stop.why);
  } catch (const YAML::Exception& error) {
    problems.push_back(described(error, text, {file, builder.open_bracket()}));
  }
  return std::nullopt;
}

}  // namespace chainmend::config
