#include "proxy/diagnose/f5/conf_reader.h"

#include <algorithm>
#include <array>
#include <string>
#include <utility>

#include "proxy/diagnose/f5/scanner.h"

namespace chainmend::diagnose::f5 {

namespace {

using Sign = Scanner::Sign;

// Objects that hold a program in another language: the words before their name.
constexpr std::array<std::string_view, 8> kPrograms{"ltm rule",
                                                    "gtm rule",
                                                    "pem irule",
                                                    "cli script",
                                                    "sys application template",
                                                    "sys icall script",
                                                    "sys application apl-script",
                                                    "cli custom-stat"};

bool holds_program(const Statement& header) {
  return std::ranges::any_of(kPrograms, [&header](std::string_view program) {
    std::string begin;
    const auto count = static_cast<std::size_t>(std::ranges::count(program, ' ')) + 1;
    for (std::size_t i = 0; i < count && i < header.words.size(); ++i) {
      begin += (i > 0 ? " " : "") + header.words[i];
    }
    return begin == program;
  });
}

// What a file of version 9 or 10 has where later ones name a module.
bool is_old_header(const Statement& header) {
  constexpr std::array<std::string_view, 9> kOld{
      "virtual", "pool", "profile", "node", "monitor", "rule", "partition", "self", "shell"};
  return header.words.size() >= 2 && std::ranges::find(kOld, header.key()) != kOld.end();
}

// Properties that people and `tmsh list one-line` write behind each other in one line.
constexpr std::array<std::string_view, 36> kInOneLine{"address",
                                                      "cert",
                                                      "chain",
                                                      "key",
                                                      "passphrase",
                                                      "session",
                                                      "state",
                                                      "ratio",
                                                      "priority-group",
                                                      "connection-limit",
                                                      "context",
                                                      "default",
                                                      "type",
                                                      "name",
                                                      "autopopulate",
                                                      "monitor",
                                                      "usage",
                                                      "destination",
                                                      "ip-protocol",
                                                      "pool",
                                                      "mask",
                                                      "profiles",
                                                      "members",
                                                      "source",
                                                      "persist",
                                                      "rules",
                                                      "defaults-from",
                                                      "load-balancing-mode",
                                                      "min-active-members",
                                                      "source-address-translation",
                                                      "cert-key-chain",
                                                      "options",
                                                      "interval",
                                                      "timeout",
                                                      "peer-cert-mode",
                                                      "server-name"};

// Pairs of a key and its value; a last key has the body.
bool is_line_of_several(const Statement& entry) {
  const std::size_t count = entry.words.size();
  if (count < 3 || (count % 2 == 1) != entry.has_body) {
    return false;
  }
  for (std::size_t i = 0; i < count; i += 2) {
    if (std::ranges::find(kInOneLine, entry.words[i]) == kInOneLine.end()) {
      return false;
    }
  }
  return true;
}

void append(Statement entry, std::vector<Statement>& to) {
  if (!is_line_of_several(entry)) {
    to.push_back(std::move(entry));
    return;
  }
  for (std::size_t i = 0; i + 1 < entry.words.size(); i += 2) {
    Statement pair;
    pair.line = entry.line;
    pair.words = {entry.words[i], entry.words[i + 1]};
    to.push_back(std::move(pair));
  }
  if (entry.has_body) {
    entry.words = {entry.words.back()};
    to.push_back(std::move(entry));
  }
}

class ConfReader {
 public:
  ConfReader(std::string_view text, const std::string& file) : scanner_(text), file_(file) {}

  ConfText read() {
    for (Sign sign = scanner_.next(); sign != Sign::end; sign = scanner_.next()) {
      if (sign == Sign::word) {
        stanza();
        while (pending_) {  // a block before it had no end
          pending_ = false;
          stanza();
        }
      } else if (sign == Sign::close) {
        problem(scanner_.line(), "a closing brace without a block to close");
      } else if (sign == Sign::open) {
        problem(scanner_.line(), "a block without a name");
        Statement ignored;
        ignored.line = scanner_.line();
        body(ignored, 1);
      }
    }
    out_.version = scanner_.version();
    return std::move(out_);
  }

 private:
  void problem(std::size_t line, std::string text) {
    if (out_.problems.size() < kMaxProblems) {
      out_.problems.push_back({file_, line, std::move(text)});
    }
  }

  void take_word(Statement& to) {
    if (scanner_.is_unclosed()) {
      problem(scanner_.line(), "a quote that is not closed; it is taken to end with its line");
    }
    to.words.push_back(scanner_.word());
  }

  // The scanner stands at its first word.
  void stanza() {
    Statement header;
    header.line = scanner_.line();
    take_word(header);
    Sign sign = scanner_.next();
    for (; sign == Sign::word; sign = scanner_.next()) {
      take_word(header);
    }
    if (sign != Sign::open) {
      problem(header.line, "no block begins in this line: '" + header.words.front() + "'");
      return;
    }
    out_.is_old = out_.is_old || is_old_header(header);
    header.has_body = true;
    if (holds_program(header)) {
      bool is_guess = false;
      header.raw = scanner_.raw_block(is_guess);
      if (is_guess) {
        problem(header.line,
                "a program whose braces do not match; it is taken to end where a line "
                "has a closing brace alone");
      }
    } else {
      body(header, 1);
    }
    out_.statements.push_back(std::move(header));
  }

  // A header at the beginning of a line, inside a block: the block was never closed. Such a line is
  // kept in pending_ until all blocks are left.
  bool is_next_stanza(const Statement& entry) const {
    return entry.words.empty() && scanner_.begins_line() && is_module(scanner_.word());
  }

  void body(Statement& of, int depth) {
    of.has_body = true;
    Statement entry;
    const auto end_entry = [&] {
      if (!entry.words.empty() || entry.has_body) {
        append(std::move(entry), of.body);
      }
      entry = {};
    };
    for (Sign sign = scanner_.next();; sign = scanner_.next()) {
      if (sign == Sign::end) {
        problem(of.line, "a block that is not closed before the end of the file");
      }
      if (sign == Sign::word && is_next_stanza(entry)) {
        problem(of.line, "a block that is not closed before the next one begins in line " +
                             std::to_string(scanner_.line()));
        pending_ = true;
      }
      if (sign == Sign::end || sign == Sign::close || pending_) {
        end_entry();
        return;
      }
      if (sign == Sign::line_end) {
        end_entry();
        continue;
      }
      if (entry.words.empty()) {
        entry.line = scanner_.line();
      }
      if (sign == Sign::word) {
        take_word(entry);
        continue;
      }
      if (depth >= kMaxDepth) {
        problem(scanner_.line(), "braces in more than " + std::to_string(kMaxDepth) +
                                     " others; what is in them is left out");
        bool ignored = false;
        scanner_.raw_block(ignored);
      } else {
        body(entry, depth + 1);
      }
      end_entry();
      if (pending_) {
        return;
      }
    }
  }

  Scanner scanner_;
  const std::string& file_;
  ConfText out_;
  bool pending_ = false;
};

}  // namespace

ConfText read_conf(std::string_view text, const std::string& file) {
  return ConfReader(text, file).read();
}

bool looks_like_conf(std::string_view text) {
  Scanner scanner(text.substr(0, 64 * 1024));
  Statement header;
  for (Sign sign = scanner.next(); sign != Sign::end; sign = scanner.next()) {
    if (sign == Sign::word && header.words.size() < 8) {
      header.words.push_back(scanner.word());
    } else if (sign != Sign::line_end || !header.words.empty()) {
      return !scanner.version().empty() || (sign == Sign::open && header.words.size() >= 2 &&
                                            (is_module(header.key()) || is_old_header(header)));
    }
  }
  return !scanner.version().empty();
}

}  // namespace chainmend::diagnose::f5
