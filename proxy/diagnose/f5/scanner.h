// Scanner: the signs of a BIG-IP configuration: words, braces and line ends, with their lines.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace chainmend::diagnose::f5 {

class Scanner {
 public:
  enum class Sign : std::uint8_t { word, open, close, line_end, end };

  explicit Scanner(std::string_view text) : text_(text) {}

  // The next sign; blanks before it, and comments where a line begins, are skipped.
  Sign next();
  const std::string& word() const { return word_; }     // of the last Sign::word
  std::size_t line() const { return sign_line_; }       // where the last sign begins
  bool begins_line() const { return at_column_zero_; }  // no blank stands before the last sign
  bool is_unclosed() const { return is_unclosed_; }     // a quote of it has no end in the text
  const std::string& version() const { return version_; }

  // The text up to the brace that closes the one just read, which a Tcl program is: every brace
  // counts that no backslash stands before. is_guess: its braces are not balanced, and the end was
  // told by a closing brace alone in a line.
  std::string_view raw_block(bool& is_guess);

 private:
  bool at_end() const { return at_ >= text_.size(); }
  void comment();
  void quoted();
  void bare();
  void escape();
  std::size_t guessed_end(std::size_t limit) const;

  std::string_view text_;
  std::size_t at_ = 0;
  std::size_t line_ = 1;
  std::size_t sign_line_ = 1;
  bool is_new_line_ = true;  // nothing but blanks came since the line began
  bool at_column_zero_ = false;
  bool is_unclosed_ = false;
  std::size_t guesses_ = 0;
  std::string word_;
  std::string version_;
};

// A program is not looked for further, and after so many without an end the rest is given up: else
// a hostile file would be read again and again. An iRule has 64 KiB.
inline constexpr std::size_t kMaxProgram = 1024 * 1024;
inline constexpr std::size_t kMaxGuesses = 1000;

// Whether a line begins with the name of a module: "ltm", "sys", ...
bool begins_with_module(std::string_view line);
bool is_module(std::string_view word);

}  // namespace chainmend::diagnose::f5
