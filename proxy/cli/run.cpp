// chainmend run: serves until it is told to stop.
#include <CLI/CLI.hpp>
#include <memory>

#include "proxy/cli/command.h"
#include "proxy/cli/diagnostics.h"
#include "proxy/cli/terminal.h"
#include "proxy/server/server.h"

namespace chainmend::cli {

namespace {

int run_server(const std::string& file) {
  server::Server server(file);
  const auto started = server.start();
  if (!started) {
    print(Terminal(stderr), Style::bad, "error", started.error());
    return kBadInput;
  }
  server.run();
  return kOk;
}

}  // namespace

Command run_command(CLI::App& parent) {
  auto file = std::make_shared<std::string>();
  CLI::App* app = parent.add_subcommand("run", "Serve what the configuration says");
  app->footer(
      "Example:\n"
      "  chainmend run -c /etc/chainmend/chainmend.yaml\n"
      "Signals: SIGHUP reloads, SIGTERM and SIGINT drain and stop, a second one stops at once.\n"
      "Exit status: 0 stopped by a signal, 2 cannot serve this configuration.");
  app->add_option("-c,--config", *file, "Configuration file")->required()->type_name("FILE");
  return {app, [file] { return run_server(*file); }};
}

}  // namespace chainmend::cli
