#include "proxy/diagnose/f5/statement.h"

#include <algorithm>

namespace chainmend::diagnose::f5 {

std::string Statement::value() const {
  std::string text;
  for (std::size_t i = 1; i < words.size(); ++i) {
    text += (i > 1 ? " " : "") + words[i];
  }
  return text;
}

std::vector<std::string> Statement::list() const {
  std::vector<std::string> out;
  if (!has_body) {
    out.assign(words.begin() + (words.empty() ? 0 : 1), words.end());
    return out;
  }
  for (const Statement& one : body) {
    out.insert(out.end(), one.words.begin(), one.words.end());
  }
  return out;
}

const Statement* Statement::find(std::string_view key) const {
  const auto found = std::find_if(body.rbegin(), body.rend(),
                                  [key](const Statement& one) { return one.key() == key; });
  return found == body.rend() ? nullptr : &*found;
}

}  // namespace chainmend::diagnose::f5
