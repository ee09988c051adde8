#include "proxy/diagnose/f5/yaml.h"

#include <algorithm>

#include "proxy/diagnose/read/decoder.h"

namespace chainmend::diagnose::f5 {

namespace {
constexpr std::size_t kColumns = 100;
}

void Yaml::line(int level, const std::string& text, const std::string& comment) {
  text_ += std::string(static_cast<std::size_t>(level) * 2, ' ') + text +
           (comment.empty() ? "" : "  # " + shown_text(comment)) + "\n";
}

void Yaml::note(int level, const std::string& text) {
  const std::string begin = std::string(static_cast<std::size_t>(level) * 2, ' ') + "# ";
  const std::size_t room = kColumns - begin.size();
  std::string rest = shown_text(text);
  while (!rest.empty()) {
    std::size_t end = rest.size();
    if (end > room) {
      const std::size_t blank = rest.rfind(' ', room);
      end =
          blank == std::string::npos || blank == 0 ? std::min(rest.find(' '), rest.size()) : blank;
    }
    text_ += begin + rest.substr(0, end) + "\n";
    rest.erase(0, std::min(rest.size(), end + 1));
  }
}

}  // namespace chainmend::diagnose::f5
