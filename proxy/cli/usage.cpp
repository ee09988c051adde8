#include "proxy/cli/usage.h"

#include <algorithm>
#include <cstdio>
#include <string_view>
#include <vector>

#include "config/quote.h"
#include "config/suggest.h"
#include "proxy/cli/command.h"
#include "proxy/cli/diagnostics.h"
#include "proxy/cli/terminal.h"

namespace chainmend::cli {

using config::quote;

namespace {

std::string did_you_mean(std::string_view word, const std::vector<std::string>& known) {
  const auto meant = config::nearest(word, {known.begin(), known.end()});
  return meant ? "; did you mean " + quote(*meant) + "?" : "";
}

// "--json", "-c": every way to write an option of this command.
std::vector<std::string> option_names(const CLI::App& command) {
  std::vector<std::string> names;
  for (const CLI::Option* option : command.get_options()) {
    for (const std::string& name : option->get_lnames()) {
      names.push_back("--" + name);
    }
    for (const std::string& name : option->get_snames()) {
      names.push_back("-" + name);
    }
  }
  return names;
}

// "--json" of "--json=yes".
std::string option_of(const std::string& word) { return word.substr(0, word.find('=')); }

bool is_option(const std::string& word) { return word.size() > 1 && word.front() == '-'; }

// What is wrong with a word that `command` did not expect.
std::string unexpected(const CLI::App& program, const CLI::App& command, const std::string& word) {
  const bool no_command = &command == &program;
  if (!is_option(word)) {
    return no_command ? no_such_command(program, word)
                      : quote(command.get_name()) + " has no use for " + quote(word);
  }
  return (no_command ? "there is no option " : quote(command.get_name()) + " has no option ") +
         quote(option_of(word)) + did_you_mean(option_of(word), option_names(command));
}

// A word that stands before the command although it belongs behind it.
std::string misplaced(const CLI::App& program, const CLI::App& command, const std::string& word) {
  const std::vector<std::string> known = option_names(command);
  if (std::ranges::find(known, option_of(word)) == known.end()) {
    return unexpected(program, program, word);
  }
  return "options follow the command: chainmend " + command.get_name() + " " + word + " ...";
}

}  // namespace

std::string no_such_command(const CLI::App& program, const std::string& word) {
  std::vector<std::string> known;
  for (const CLI::App* command : program.get_subcommands({})) {
    known.push_back(command->get_name());
  }
  return "there is no command " + quote(word) + did_you_mean(word, known);
}

int answer(const CLI::App& program, const CLI::ParseError& error) {
  if (error.get_exit_code() == 0) {
    return program.exit(error);
  }
  const std::vector<CLI::App*> parsed = program.get_subcommands();
  const CLI::App& command = parsed.empty() ? program : *parsed.front();
  const std::vector<std::string> before = program.remaining();
  const std::vector<std::string> behind = command.remaining();
  if (parsed.empty() && before.empty()) {
    std::fputs(program.help().c_str(), stderr);
    return kBadInput;
  }
  // An unknown option takes what should be its value for a file: it is what is wrong.
  const auto culprit = [](const std::vector<std::string>& words) {
    const auto option = std::ranges::find_if(words, is_option);
    return option == words.end() ? words.front() : *option;
  };
  const Terminal err(stderr);
  if (!before.empty()) {
    fail(parsed.empty() ? unexpected(program, program, before.front())
                        : misplaced(program, command, culprit(before)));
  } else {
    fail(behind.empty() ? std::string(error.what())
                        : unexpected(program, command, culprit(behind)));
  }
  err.line(parsed.empty() ? "\"chainmend help\" lists the commands."
                          : "\"chainmend help " + command.get_name() + "\" shows how it is used.");
  return kBadInput;
}

}  // namespace chainmend::cli
