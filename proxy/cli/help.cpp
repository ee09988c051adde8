// chainmend help: the same as --help, for the program or one of its commands.
#include <CLI/CLI.hpp>
#include <cstdio>
#include <memory>

#include "proxy/cli/command.h"
#include "proxy/cli/diagnostics.h"
#include "proxy/cli/man_page.h"
#include "proxy/cli/usage.h"

namespace chainmend::cli {

namespace {

int print_help(const CLI::App& program, const std::string& name, bool as_man_page) {
  if (as_man_page) {
    std::fputs(man_page(program).c_str(), stdout);
    return kOk;
  }
  const CLI::App* subject = &program;
  if (!name.empty()) {
    const auto found = program.get_subcommands(
        [&name](const CLI::App* command) { return command->get_name() == name; });
    if (found.empty()) {
      return fail(no_such_command(program, name));
    }
    subject = found.front();
  }
  // App::help() would show the command that was called, which is this one.
  const std::string text =
      program.get_formatter()->make_help(subject, name, CLI::AppFormatMode::Normal);
  std::fputs(text.c_str(), stdout);
  return kOk;
}

}  // namespace

Command help_command(CLI::App& parent) {
  auto name = std::make_shared<std::string>();
  CLI::App* app = parent.add_subcommand("help", "Show how the program or one command is used");
  app->footer(
      "Example:\n"
      "  chainmend help check\n"
      "Exit status: 0; 2 when there is no such command.");
  app->add_option("COMMAND", *name, "Name of a command");
  auto man = std::make_shared<bool>(false);
  app->add_flag("--man", *man, "Print the manual page of the program instead, in roff");
  return {app, [&parent, name, man] { return print_help(parent, *name, *man); }};
}

}  // namespace chainmend::cli
