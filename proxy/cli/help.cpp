// chainmend help: the same as --help, for the program or one of its commands.
#include <CLI/CLI.hpp>
#include <cstdio>
#include <memory>

#include "proxy/cli/command.h"
#include "proxy/cli/diagnostics.h"
#include "proxy/cli/usage.h"

namespace chainmend::cli {

namespace {

int print_help(const CLI::App& program, const std::string& name) {
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
  return {app, [&parent, name] { return print_help(parent, *name); }};
}

}  // namespace chainmend::cli
