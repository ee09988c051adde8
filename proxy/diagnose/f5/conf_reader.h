// read_conf(): the text of a BIG-IP configuration (bigip.conf, bigip_base.conf, SCF, the output of
// `tmsh list`) as statements. Indentation means nothing; what cannot be read is told, and reading
// goes on behind it. Pure.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "proxy/diagnose/f5/statement.h"

namespace chainmend::diagnose::f5 {

struct ConfText {
  std::vector<Statement> statements;  // "ltm virtual /Common/ews { ... }", in their order
  std::string version;                // of "#TMSH-VERSION: 15.1.0"; empty: not said
  std::vector<Problem> problems;      // at most kMaxProblems
  bool is_old = false;                // of version 9 or 10, which is another language
};

// text: UTF-8, or bytes of any encoding in which the signs of the language are those of ASCII.
ConfText read_conf(std::string_view text, const std::string& file);

// Whether a text begins like one, or like one of version 9 or 10.
bool looks_like_conf(std::string_view text);

inline constexpr std::size_t kMaxProblems = 100;
inline constexpr int kMaxDepth = 50;  // of braces; TMOS itself stays below 10

}  // namespace chainmend::diagnose::f5
