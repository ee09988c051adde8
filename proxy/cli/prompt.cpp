#include "proxy/cli/prompt.h"

#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <iostream>

#include "proxy/cli/command.h"
#include "proxy/cli/terminal.h"

namespace chainmend::cli {

namespace {

std::string trimmed(const std::string& text) {
  const std::size_t first = text.find_first_not_of(" \t\r");
  return first == text.npos ? "" : text.substr(first, text.find_last_not_of(" \t\r") - first + 1);
}

}  // namespace

bool can_ask() { return isatty(STDIN_FILENO) == 1 && isatty(STDOUT_FILENO) == 1; }

std::string ask(const std::string& question, const std::string& otherwise, const Judge& judge) {
  const Terminal out(stdout);
  while (true) {
    std::fputs((out.styled(Style::bold, question) +
                (otherwise.empty() ? "" : " [" + otherwise + "]") + ": ")
                   .c_str(),
               stdout);
    std::fflush(stdout);
    std::string line;
    const bool ended = !std::getline(std::cin, line);
    const std::string answer = trimmed(line).empty() ? otherwise : trimmed(line);
    const std::string wrong = judge(answer);
    if (ended) {
      out.line();
      if (!wrong.empty()) {
        std::exit(kBadInput);
      }
    }
    if (wrong.empty()) {
      return answer;
    }
    out.line("  " + wrong);
  }
}

}  // namespace chainmend::cli
