#include "proxy/diagnose/f5/scanner.h"

#include <algorithm>
#include <array>

namespace chainmend::diagnose::f5 {

namespace {

constexpr std::array<std::string_view, 22> kModules{"ltm",
                                                    "sys",
                                                    "net",
                                                    "auth",
                                                    "cm",
                                                    "cli",
                                                    "gtm",
                                                    "apm",
                                                    "asm",
                                                    "pem",
                                                    "security",
                                                    "wom",
                                                    "ilx",
                                                    "vcmp",
                                                    "analytics",
                                                    "api",
                                                    "wam",
                                                    "saas",
                                                    "api-protection",
                                                    "mgmt",
                                                    "tmos",
                                                    "dos"};

bool is_blank(char c) { return c == ' ' || c == '\t' || c == '\r' || c == '\f' || c == '\v'; }
bool ends_word(char c) { return c == '\n' || is_blank(c); }

// The line that begins at `from`, without its end.
std::string_view line_at(std::string_view text, std::size_t from) {
  std::string_view line = text.substr(from, text.find('\n', from) - from);
  return line.ends_with('\r') ? line.substr(0, line.size() - 1) : line;
}

// A header such as "ltm rule /Common/x {": no line of a Tcl program looks like it.
bool is_header(std::string_view line) {
  return begins_with_module(line) && line.find('{') != std::string_view::npos &&
         std::ranges::count(line, ' ') >= 2;
}

}  // namespace

bool is_module(std::string_view word) {
  return std::ranges::find(kModules, word) != kModules.end();
}

bool begins_with_module(std::string_view line) {
  return is_module(line.substr(0, line.find_first_of(" \t")));
}

void Scanner::comment() {
  const std::string_view line = line_at(text_, at_);
  constexpr std::string_view kVersion = "#TMSH-VERSION:";
  if (line.starts_with(kVersion) && version_.empty()) {
    std::string_view version = line.substr(kVersion.size());
    version.remove_prefix(std::min(version.find_first_not_of(" \t"), version.size()));
    version_ = version.substr(0, std::min<std::size_t>(version.find_first_of(" \t"), 20));
  }
  at_ += line.size();
}

Scanner::Sign Scanner::next() {
  is_unclosed_ = false;
  while (!at_end() && (is_blank(text_[at_]) || (text_[at_] == '#' && is_new_line_))) {
    if (text_[at_] == '#') {
      comment();
    } else {
      ++at_;
    }
  }
  sign_line_ = line_;
  at_column_zero_ = at_ == 0 || (!at_end() && text_[at_ - 1] == '\n');
  if (at_end()) {
    return Sign::end;
  }
  const char first = text_[at_];
  is_new_line_ = first == '\n';
  if (first == '\n') {
    ++at_;
    ++line_;
    return Sign::line_end;
  }
  if (first == '{' || first == '}') {
    ++at_;
    return first == '{' ? Sign::open : Sign::close;
  }
  word_.clear();
  if (first == '"') {
    quoted();
  } else {
    bare();
  }
  return Sign::word;
}

// The escapes that tmsh writes; another one stays as it is, such as those of regular expressions.
void Scanner::escape() {
  const char escaped = text_[at_ + 1];
  constexpr std::string_view kLiteral = "\"\\?{} ";
  if (escaped == 'r' || escaped == 'n' || escaped == 't') {
    word_ += escaped == 'r' ? '\r' : escaped == 'n' ? '\n' : '\t';
  } else {
    if (kLiteral.find(escaped) == std::string_view::npos) {
      word_ += '\\';
    }
    word_ += escaped;
  }
  line_ += escaped == '\n' ? 1 : 0;
  at_ += 2;
}

void Scanner::quoted() {
  const std::size_t begin = at_++;
  const std::size_t first_line = line_;
  while (!at_end() && text_[at_] != '"') {
    if (text_[at_] == '\\' && at_ + 1 < text_.size()) {
      escape();
      continue;
    }
    line_ += text_[at_] == '\n' ? 1 : 0;
    word_ += text_[at_++];
  }
  if (!at_end()) {
    ++at_;
    return;
  }
  is_unclosed_ = true;  // it is taken to end with its line
  const std::string_view line = line_at(text_, begin);
  word_ = line.substr(1);
  at_ = begin + line.size();
  line_ = first_line;
}

// A brace belongs to a word that it stands in, such as a regular expression; "pool{" opens a block,
// and "b}" closes one.
void Scanner::bare() {
  std::size_t open = 0;
  for (; !at_end() && !ends_word(text_[at_]); ++at_) {
    const char c = text_[at_];
    const bool is_last = at_ + 1 >= text_.size() || ends_word(text_[at_ + 1]);
    if ((c == '{' && is_last) || (c == '}' && open == 0)) {
      return;
    }
    if (c == '\\' && !is_last) {
      escape();
      --at_;
      continue;
    }
    open += c == '{' ? 1 : 0;
    open -= c == '}' ? 1 : 0;
    word_ += c;
  }
}

std::string_view Scanner::raw_block(bool& is_guess) {
  const std::size_t begin = at_;
  std::size_t depth = 1;
  std::size_t end = begin;
  bool swallows = false;
  const std::size_t limit = std::min(text_.size(), begin + kMaxProgram);
  for (; end < limit; ++end) {
    const char c = text_[end];
    if (c == '\\') {
      ++end;
    } else if (c == '\n' && is_header(line_at(text_, end + 1))) {
      swallows = true;
      break;
    } else if (c == '{') {
      ++depth;
    } else if (c == '}' && --depth == 0) {
      break;
    }
  }
  is_guess = swallows || end >= limit;
  if (is_guess) {
    end = ++guesses_ > kMaxGuesses ? text_.size() : guessed_end(limit);
  }
  const std::string_view raw = text_.substr(begin, end - begin);
  line_ += static_cast<std::size_t>(std::ranges::count(raw, '\n'));
  at_ = std::min(end + 1, text_.size());
  is_new_line_ = false;
  return raw;
}

// A "}" alone in its line, behind which nothing comes or another header does.
std::size_t Scanner::guessed_end(std::size_t limit) const {
  for (std::size_t from = at_; from < limit;) {
    const std::string_view line = line_at(text_, from);
    std::size_t behind = text_.find('\n', from);
    behind = behind == std::string_view::npos ? text_.size() : behind + 1;
    if (line == "}") {
      const std::string_view then = behind < text_.size() ? line_at(text_, behind) : "";
      if (then.empty() || then.starts_with('#') || begins_with_module(then)) {
        return from;
      }
    }
    if (is_header(line) && from > at_) {
      return from - 1;
    }
    from = behind;
  }
  return limit;
}

}  // namespace chainmend::diagnose::f5
