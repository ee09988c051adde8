#include "proxy/cli/completion.h"

#include <fmt/format.h>
#include <CLI/CLI.hpp>

#include <string_view>
#include <vector>

namespace chainmend::cli {

namespace {

bool takes_value(const CLI::Option& option) {
  return option.get_type_size() != 0 && !option.get_type_name().empty();
}

// "--json", "-c": every way to write an option.
std::vector<std::string> words_of(const CLI::Option& option) {
  std::vector<std::string> words;
  for (const std::string& name : option.get_snames()) {
    words.push_back("-" + name);
  }
  for (const std::string& name : option.get_lnames()) {
    words.push_back("--" + name);
  }
  return words;
}

// Those that are written with dashes.
std::vector<const CLI::Option*> options_of(const CLI::App& command) {
  return command.get_options([](const CLI::Option* one) { return one->nonpositional(); });
}

std::string names_of_commands(const CLI::App& program) {
  std::vector<std::string> names;
  for (const CLI::App* command : program.get_subcommands({})) {
    names.push_back(command->get_name());
  }
  return fmt::format("{}", fmt::join(names, " "));
}

// Inside '...' of all three shells, where each of `special` must stand behind a backslash.
std::string quoted(std::string_view text, std::string_view special) {
  std::string out;
  for (const char c : text) {
    if (c == '\'') {
      out += "'\\''";
    } else {
      out += special.find(c) == std::string_view::npos ? "" : "\\";
      out += c;
    }
  }
  return out;
}

std::string header(Shell shell) {
  return std::string("# Completion of chainmend for ") + kShellNames[shell] +
         ", as `chainmend help --completion " + kShellNames[shell] + "` prints it.\n";
}

std::string bash(const CLI::App& program) {
  std::string out = header(Shell::bash) +
                    "_chainmend() {\n"
                    "  local word=${COMP_WORDS[COMP_CWORD]} options=\n"
                    "  case $COMP_CWORD in\n"
                    "    1)\n"
                    "      COMPREPLY=($(compgen -W '" +
                    names_of_commands(program) +
                    "' -- \"$word\"))\n"
                    "      return ;;\n"
                    "  esac\n"
                    "  case ${COMP_WORDS[1]} in\n";
  for (const CLI::App* command : program.get_subcommands({})) {
    std::vector<std::string> words;
    for (const CLI::Option* option : options_of(*command)) {
      for (std::string& word : words_of(*option)) {
        words.push_back(std::move(word));
      }
    }
    out += fmt::format("    {}) options='{}' ;;\n", command->get_name(), fmt::join(words, " "));
  }
  return out +
         "  esac\n"
         "  case ${COMP_WORDS[1]}:$word in\n"
         "    *:-*) COMPREPLY=($(compgen -W \"$options\" -- \"$word\")) ;;\n"
         "    help:*) COMPREPLY=($(compgen -W '" +
         names_of_commands(program) +
         "' -- \"$word\")) ;;\n"
         "    *) compopt -o filenames; COMPREPLY=($(compgen -f -- \"$word\")) ;;\n"
         "  esac\n"
         "}\n"
         "complete -F _chainmend chainmend\n";
}

// One line of _arguments for each way to write an option.
std::string zsh_arguments(const CLI::App& command) {
  std::string out;
  for (const CLI::Option* option : options_of(command)) {
    for (const std::string& word : words_of(*option)) {
      out +=
          " \\\n        '*" + word + "[" + quoted(option->get_description(), "[]\\") + "]" +
          (takes_value(*option) ? ":" + quoted(option->get_type_name(), ":\\") + ":_files" : "") +
          "'";
    }
  }
  return out;
}

std::string zsh(const CLI::App& program) {
  std::string out = "#compdef chainmend\n" + header(Shell::zsh) +
                    "_chainmend() {\n"
                    "  local -a commands=(\n";
  for (const CLI::App* command : program.get_subcommands({})) {
    out += "    '" + quoted(command->get_name() + ":" + command->get_description(), "\\") + "'\n";
  }
  out +=
      "  )\n"
      "  if ((CURRENT == 2)); then\n"
      "    _describe command commands\n"
      "    return\n"
      "  fi\n"
      "  shift words\n"
      "  ((CURRENT--))\n"
      "  case $words[1] in\n";
  for (const CLI::App* command : program.get_subcommands({})) {
    const bool names_commands = command->get_name() == "help";
    out += "    " + command->get_name() + ")\n      _arguments" + zsh_arguments(*command) +
           (names_commands ? " \\\n        '1:command:(" + names_of_commands(program) + ")'"
                           : " \\\n        '*:file:_files'") +
           " ;;\n";
  }
  return out +
         "  esac\n"
         "}\n"
         "_chainmend \"$@\"\n";
}

std::string fish(const CLI::App& program) {
  std::string out = header(Shell::fish);
  for (const CLI::App* command : program.get_subcommands({})) {
    const std::string name = command->get_name();
    out += "complete -c chainmend -f -n __fish_use_subcommand -a " + name + " -d '" +
           quoted(command->get_description(), "\\") + "'\n";
    for (const CLI::Option* option : options_of(*command)) {
      out += "complete -c chainmend -n '__fish_seen_subcommand_from " + name + "'";
      for (const std::string& word : option->get_snames()) {
        out += " -s " + word;
      }
      for (const std::string& word : option->get_lnames()) {
        out += " -l " + word;
      }
      out += std::string(takes_value(*option) ? " -r" : "") + " -d '" +
             quoted(option->get_description(), "\\") + "'\n";
    }
  }
  return out + "complete -c chainmend -f -n '__fish_seen_subcommand_from help' -a '" +
         names_of_commands(program) + "'\n";
}

}  // namespace

std::string completion(const CLI::App& program, Shell shell) {
  switch (shell) {
    case Shell::bash:
      return bash(program);
    case Shell::zsh:
      return zsh(program);
    case Shell::fish:
      return fish(program);
  }
  return "";
}

}  // namespace chainmend::cli
