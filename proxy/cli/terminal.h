// How commands print: colours and aligned tables for people at a terminal, plain lines for
// everything else.
#pragma once

#include <cstdio>
#include <string>
#include <vector>

namespace chainmend::cli {

enum class Style { plain, bold, dim, good, warning, bad };

// One output stream. Colours are off when it is no terminal, when NO_COLOR is set and on a dumb
// terminal.
class Terminal {
 public:
  explicit Terminal(std::FILE* stream);

  bool is_terminal() const { return is_terminal_; }
  std::string styled(Style style, const std::string& text) const;
  void line(const std::string& text = "") const;  // text and a line end

  // Rows with a header above, in columns; without a terminal the rows alone, cells separated by
  // tabs.
  void table(const std::vector<std::string>& header,
             const std::vector<std::vector<std::string>>& rows) const;

 private:
  std::FILE* stream_;
  bool is_terminal_;
  bool has_colours_;
};

}  // namespace chainmend::cli
