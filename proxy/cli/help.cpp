// chainmend help: the same as --help, for the program or one of its commands.
#include <CLI/CLI.hpp>
#include <algorithm>
#include <cstdio>
#include <filesystem>
#include <memory>

#include "config/quote.h"
#include "proxy/cli/command.h"
#include "proxy/cli/completion.h"
#include "proxy/cli/diagnostics.h"
#include "proxy/cli/man_page.h"
#include "proxy/cli/usage.h"
#include "proxy/cli/write_new_file.h"

namespace chainmend::cli {

namespace {

struct Options {
  std::string command;
  bool man = false;
  std::string man_pages;   // a folder
  std::string completion;  // a shell
};

int write_man_pages(const CLI::App& program, const std::filesystem::path& folder) {
  std::error_code error;
  if (std::filesystem::create_directories(folder, error); error) {
    return fail(folder.string() + ": " + error.message());
  }
  for (const auto& [name, page] : man_pages(program)) {
    if (const auto why = write_new_file(folder / name, page, Replace::yes, 0644)) {
      return fail((folder / name).string() + ": " + *why);
    }
  }
  return kOk;
}

int print_completion(const CLI::App& program, const std::string& name) {
  const auto found = std::ranges::find(kShellNames, name);
  if (found == kShellNames.end()) {
    return fail("--completion: expected bash, zsh or fish, found " + config::quote(name));
  }
  const auto shell = static_cast<Shell>(found - kShellNames.begin());
  std::fputs(completion(program, shell).c_str(), stdout);
  return kOk;
}

int print_help(const CLI::App& program, const Options& options) {
  if (!options.man_pages.empty()) {
    return write_man_pages(program, options.man_pages);
  }
  if (!options.completion.empty()) {
    return print_completion(program, options.completion);
  }
  const CLI::App* subject = &program;
  if (!options.command.empty()) {
    const auto found = program.get_subcommands(
        [&](const CLI::App* command) { return command->get_name() == options.command; });
    if (found.empty()) {
      return fail(no_such_command(program, options.command));
    }
    subject = found.front();
  }
  if (options.man) {
    std::fputs((subject == &program ? man_page(program) : man_page_of(*subject)).c_str(), stdout);
    return kOk;
  }
  // App::help() would show the command that was called, which is this one.
  const std::string text =
      program.get_formatter()->make_help(subject, options.command, CLI::AppFormatMode::Normal);
  std::fputs(text.c_str(), stdout);
  return kOk;
}

}  // namespace

Command help_command(CLI::App& parent) {
  auto options = std::make_shared<Options>();
  CLI::App* app = parent.add_subcommand("help", "Show how the program or one command is used");
  app->footer(
      "Examples:\n"
      "  chainmend help check\n"
      "  source <(chainmend help --completion bash)\n"
      "Exit status: 0; 2 when there is no such command.");
  app->add_option("COMMAND", options->command, "Name of a command");
  CLI::Option* const man =
      app->add_flag("--man", options->man, "Print its manual page instead, in roff");
  CLI::Option* const pages =
      app->add_option("--man-pages", options->man_pages,
                      "Write the manual pages of the program, of each command and of the "
                      "configuration into this folder")
          ->type_name("FOLDER")
          ->excludes(man);
  app->add_option("--completion", options->completion,
                  "Print what lets a shell complete our commands and options: bash, zsh or fish")
      ->type_name("SHELL")
      ->excludes(man)
      ->excludes(pages);
  return {app, [&parent, options] { return print_help(parent, *options); }};
}

}  // namespace chainmend::cli
