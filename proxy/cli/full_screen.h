// FullScreen: the whole terminal for a command that shows something live. Keys come one by one and
// are not echoed; what was on the terminal before is back when it dies.
#pragma once

#include <termios.h>

#include <chrono>
#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include "proxy/cli/terminal.h"

namespace chainmend::cli {

// A line in one style. The text must be fit for a terminal (logs::visible).
struct StyledLine {
  Style style = Style::plain;
  std::string text = {};
};

class FullScreen {
 public:
  struct Size {
    std::size_t columns = 80;
    std::size_t rows = 24;
    bool operator==(const Size&) const = default;
  };

  // Standard input and output must be terminals.
  explicit FullScreen(const Terminal& terminal);
  ~FullScreen();
  FullScreen(const FullScreen&) = delete;
  FullScreen& operator=(const FullScreen&) = delete;

  static Size size();
  // What fits of these lines; each is cut at the edge.
  void show(const std::vector<StyledLine>& lines) const;
  // The next key, or nothing within this time.
  static std::optional<char> key(std::chrono::milliseconds patience);

 private:
  const Terminal& terminal_;
  termios before_{};
};

// The first columns of UTF-8 text, one for each code point.
std::string cut(const std::string& text, std::size_t columns);

}  // namespace chainmend::cli
