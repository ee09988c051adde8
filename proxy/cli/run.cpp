// chainmend run: serves until it is told to stop.
#include <CLI/CLI.hpp>

#include "proxy/cli/command.h"
#include "proxy/cli/config_file.h"
#include "proxy/cli/diagnostics.h"
#include "proxy/cli/terminal.h"
#include "proxy/server/privileges.h"
#include "proxy/server/server.h"

namespace chainmend::cli {

namespace {

// Before there are threads, and before anything but the configuration is read. What is wrong with
// that is told by the start.
config::Result<void> become_configured_user(const config::Path& file) {
  const auto config = config::load(file);
  if (!config || !config->process.user) {
    return {};
  }
  const auto& [name, location] = *config->process.user;
  const auto refused = [&](const std::string& why) {
    return tl::unexpected(config::Diagnostics{{location, "process.user: " + why}});
  };
  const auto account = server::find_account(name);
  if (!account) {
    return refused(account.error());
  }
  const auto became = server::become(*account, server::has_low_ports(*config));
  return became ? config::Result<void>() : refused(became.error());
}

int run_server(const ConfigFile& config) {
  const auto file = config.find();
  if (!file) {
    return kBadInput;
  }
  if (const auto became = become_configured_user(*file); !became) {
    print(Terminal(stderr), Style::bad, "error", became.error());
    return kBadInput;
  }
  server::Server server(server::ConfigSource::file(*file));
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
  CLI::App* app = parent.add_subcommand("run", "Serve what the configuration says");
  app->footer(
      "Example:\n"
      "  chainmend run /etc/chainmend/chainmend.yaml\n"
      "Signals: SIGHUP reloads, SIGTERM and SIGINT drain and stop, a second one stops at once.\n"
      "Exit status: 0 stopped by a signal, 2 cannot serve this configuration.");
  const ConfigFile config(*app);
  return {app, [config] { return run_server(config); }};
}

}  // namespace chainmend::cli
