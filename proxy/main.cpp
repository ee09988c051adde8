#include <CLI/CLI.hpp>
#include <memory>
#include <vector>

#include "proxy/cli/command.h"
#include "proxy/cli/help_format.h"
#include "proxy/cli/usage.h"
#include "proxy/version.h"

namespace {

using namespace chainmend::cli;

// Every command, in the order of the help.
constexpr AddCommand kCommands[] = {
    init_command,         proxy_command,    run_command,       reload_command,  upstream_command,
    top_command,          check_command,    chain_command,     probe_command,   measure_command,
    explain_command,      lint_command,     import_f5_command, lab_command,     clients_command,
    check_health_command, policies_command, config_command,    version_command, help_command,
};

}  // namespace

int main(int argc, char** argv) {
  CLI::App program("chainmend: a TLS-terminating reverse proxy that repairs certificate chains",
                   "chainmend");
  program.formatter(std::make_shared<HelpFormat>());
  program.set_version_flag("-V,--version", std::string("chainmend ") + chainmend::kVersion);
  program.require_subcommand(1);
  program.footer("\"chainmend help COMMAND\" shows the options of a command and an example.");
  std::vector<Command> commands;
  for (const AddCommand add : kCommands) {
    commands.push_back(add(program));
    commands.back().app->group("Commands");
  }
  try {
    program.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    return answer(program, error);
  }
  for (const Command& command : commands) {
    if (command.app->parsed()) {
      return command.run();
    }
  }
  return kBadInput;
}
