// chainmend config: the reference of the configuration file.
#include <CLI/CLI.hpp>
#include <cstdio>

#include "config/config.h"
#include "proxy/cli/command.h"

namespace chainmend::cli {

Command config_command(CLI::App& parent) {
  CLI::App* app = parent.add_subcommand(
      "config", "Print every key of the configuration file with its meaning and default");
  app->footer(
      "Example:\n"
      "  chainmend config > chainmend.yaml\n"
      "Exit status: 0.");
  return {app, [] {
            const std::string reference = config::reference();
            std::fwrite(reference.data(), 1, reference.size(), stdout);
            return kOk;
          }};
}

}  // namespace chainmend::cli
