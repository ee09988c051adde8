#include <CLI/CLI.hpp>

#include "proxy/cli/command.h"

int main(int argc, char** argv) {
  using namespace chainmend::cli;
  CLI::App app("chainmend: a TLS-terminating reverse proxy that repairs certificate chains",
               "chainmend");
  app.require_subcommand(1);
  const Command commands[] = {run_command(app),     check_command(app),  chain_command(app),
                              clients_command(app), config_command(app), version_command(app)};
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    return app.exit(error) == 0 ? kOk : kBadInput;
  }
  for (const Command& command : commands) {
    if (command.app->parsed()) {
      return command.run();
    }
  }
  return kBadInput;
}
