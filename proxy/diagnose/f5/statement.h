// Statement: one entry of a BIG-IP configuration as it stands in the file, without a meaning yet.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace chainmend::diagnose::f5 {

// "pool /Common/cas", "options { no-tlsv1 }", "/Common/10.0.0.1:443 { ... }".
struct Statement {
  std::vector<std::string> words;  // before the brace; quotes and escapes are undone
  std::vector<Statement> body;
  bool has_body = false;
  std::size_t line = 0;  // where it begins, from 1
  std::string raw;       // text of an iRule, a template or a script, which are not read further

  std::string_view key() const { return words.empty() ? std::string_view() : words.front(); }
  // The words behind the first one, with a blank between them.
  std::string value() const;
  // What stands in the braces of a list such as "options { a b }", or behind the key without them.
  std::vector<std::string> list() const;
  // The last entry of the body with this key, which is the one that counts; null: none.
  const Statement* find(std::string_view key) const;
};

struct Problem {
  std::string file;
  std::size_t line = 0;
  std::string text;  // a sentence without full stop
};

}  // namespace chainmend::diagnose::f5
