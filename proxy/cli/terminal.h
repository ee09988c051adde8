// How commands print: colours and aligned tables for people at a terminal, plain lines for
// everything else.
#pragma once

#include <cstdio>
#include <string>
#include <string_view>
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

  // A long text in lines of at most 80 columns: `first` before it, `indent` columns before the
  // lines behind the first. indent: how many columns `first` takes, styles not counted.
  void wrapped(const std::string& first, std::size_t indent, std::string_view text) const;

  // Rows with a header above, in columns; without a terminal cells are separated by tabs.
  void table(const std::vector<std::string>& header,
             const std::vector<std::vector<std::string>>& rows) const;

 private:
  std::FILE* stream_;
  bool is_terminal_;
  bool has_colours_;
};

}  // namespace chainmend::cli
