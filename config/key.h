// What is known of the configuration's keys without a file: Key is what a parser says of a key
// where it reads it, Fact is all there is to say of it. Facts come from the parsers themselves,
// which are run once to describe instead of to read (facts.h); the reference, the schema, `config
// --explain` and the manual page are written from them.
#pragma once

#include <cstdint>
#include <list>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace chainmend::config {

// Its texts are literals, as facts keep them.
struct Key {
  std::string_view name;
  std::string_view words;  // what it means to the operator; no capital, no full stop at the end
  // A value as YAML, where there is no default because it is the operator's own. Of a map by the
  // operator's names: a name.
  std::string_view example = {};
  // The key of the same map that this one stands in place of: one of the two is given, not both.
  std::string_view instead_of = {};
};

struct Range {
  std::uint64_t least = 0;
  std::uint64_t most = 0;
};

// What a scalar may be. One that has neither words nor numbers is any text that fits the pattern.
struct ScalarType {
  std::string expected;                 // as messages say it: "a duration such as 10s"
  std::string pattern = {};             // of JSON Schema (ECMA 262); empty: any
  std::vector<std::string> words = {};  // one of these
  std::optional<Range> numbers = {};    // a whole number
  std::string range = {};               // the bounds as people write them: "1KiB to 1MiB"
};

struct Fact {
  Key key;
  bool required = false;
  std::string default_value;        // as YAML; empty: none
  std::vector<ScalarType> scalars;  // what it may be as a scalar; any of these
  bool is_list = false;             // or several of what it is
  bool is_map = false;
  std::list<Fact> keys;  // of a map
  // Of a map whose keys are names that the operator gives: the name, and what stands under it. The
  // name of both is "*".
  std::list<Fact> entry;

  // What the reference shows: the default or the example.
  std::string_view shown() const { return default_value.empty() ? key.example : default_value; }
};

}  // namespace chainmend::config
