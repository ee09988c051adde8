// chainmend config: the reference of the configuration file for people and for editors, what one
// key means, and what one file comes to.
#include <CLI/CLI.hpp>
#include <cstdio>
#include <filesystem>
#include <memory>
#include <string>

#include "config/config.h"
#include "config/facts.h"
#include "config/reference.h"
#include "config/schema.h"
#include "proxy/cli/command.h"
#include "proxy/cli/config_key.h"
#include "proxy/cli/diagnostics.h"
#include "proxy/cli/man_page.h"

namespace chainmend::cli {

namespace {

struct Options {
  std::string subject;  // of --explain
  bool json = false;
  bool schema = false;
  bool man = false;
};

int write(const std::string& text) {
  std::fwrite(text.data(), 1, text.size(), stdout);
  return kOk;
}

int explain_file(const std::string& file) {
  const config::Result<config::Config> config = config::load(file);
  if (!config) {
    print(Terminal(stderr), Style::bad, "error", config.error());
    return kBadInput;
  }
  return write(config::explain(*config));
}

// A word that may be both is a key, as these are few and known.
bool is_file(const std::string& subject) {
  std::error_code error;
  return names_file(subject) ||
         (config::find_facts(subject).empty() && std::filesystem::exists(subject, error));
}

int run_config(const Options& options) {
  if (options.schema) {
    return write(config::schema());
  }
  if (options.man) {
    return write(config_man_page());
  }
  if (options.subject.empty()) {
    return write(config::starting_file());
  }
  if (!is_file(options.subject)) {
    return explain_key(options.subject, options.json);
  }
  return options.json ? fail("--json goes with a key; what a file comes to is printed as YAML")
                      : explain_file(options.subject);
}

}  // namespace

Command config_command(CLI::App& parent) {
  CLI::App* app = parent.add_subcommand(
      "config", "Print every key of the configuration file with its meaning and default");
  const auto options = std::make_shared<Options>();
  CLI::Option* const explain =
      app->add_option("--explain", options->subject,
                      "Of a key, such as drain or listeners.timeouts.head, print what it means and "
                      "may be. Of a file, print its listeners, routes and upstreams, with presets "
                      "and defaults written out")
          ->type_name("KEY|FILE");
  app->add_flag("--json", options->json, "Print JSON")->needs(explain);
  CLI::Option* const schema =
      app->add_flag("--schema", options->schema,
                    "Print the JSON Schema of the file instead, for editors")
          ->excludes(explain);
  app->add_flag("--man", options->man, "Print chainmend.yaml(5) instead, in roff")
      ->excludes(explain)
      ->excludes(schema);
  app->footer(
      "Examples:\n"
      "  chainmend config > chainmend.yaml\n"
      "  chainmend config --explain drain\n"
      "  chainmend config --explain chainmend.yaml\n"
      "  chainmend config --schema > chainmend.schema.json\n"
      "Exit status: 0; 2 when there is no such key, or FILE has errors.");
  return {app, [options] { return run_config(*options); }};
}

}  // namespace chainmend::cli
