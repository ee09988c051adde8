// chainmend config: the reference of the configuration file, and what one file comes to.
#include <CLI/CLI.hpp>
#include <cstdio>
#include <memory>
#include <string>

#include "config/config.h"
#include "config/reference.h"
#include "proxy/cli/command.h"
#include "proxy/cli/diagnostics.h"

namespace chainmend::cli {

namespace {

int write(const std::string& text) {
  std::fwrite(text.data(), 1, text.size(), stdout);
  return kOk;
}

int explain(const std::string& file) {
  const config::Result<config::Config> config = config::load(file);
  if (!config) {
    print(Terminal(stderr), Style::bad, "error", config.error());
    return kBadInput;
  }
  return write(config::explain(*config));
}

}  // namespace

Command config_command(CLI::App& parent) {
  CLI::App* app = parent.add_subcommand(
      "config", "Print every key of the configuration file with its meaning and default");
  const auto file = std::make_shared<std::string>();
  app->add_option("--explain", *file,
                  "Print the listeners, routes and upstreams of this file instead, with presets "
                  "and defaults written out")
      ->type_name("FILE");
  app->footer(
      "Examples:\n"
      "  chainmend config > chainmend.yaml\n"
      "  chainmend config --explain chainmend.yaml\n"
      "Exit status: 0; 2 when FILE has errors.");
  return {app, [file] { return file->empty() ? write(config::starting_file()) : explain(*file); }};
}

}  // namespace chainmend::cli
