// chainmend check-health: whether a running chainmend is ready, as an exit code: what containers
// and balancers ask for.
#include <CLI/CLI.hpp>
#include <memory>

#include "certs/fetcher.h"
#include "config/config.h"
#include "config/quote.h"
#include "config/values.h"
#include "proxy/cli/command.h"
#include "proxy/cli/config_file.h"
#include "proxy/cli/diagnostics.h"
#include "proxy/cli/terminal.h"
#include "proxy/net/http_fetcher.h"

namespace chainmend::cli {

namespace {

struct Options {
  std::string admin;  // empty: whom the configuration names
  std::chrono::seconds patience{3};
};

std::optional<config::Endpoint> find_admin(const ConfigFile& config_file, const Options& options) {
  if (!options.admin.empty()) {
    auto given = config::parse_endpoint(options.admin);
    if (!given) {
      fail("--admin: expected an address and port such as 127.0.0.1:9465, found " +
           config::quote(options.admin));
    }
    return given;
  }
  const auto file = config_file.find();
  const auto config = file ? config::load(*file) : config::Result<config::Config>();
  if (!config) {
    print(Terminal(stderr), Style::bad, "error", config.error());
  } else if (file && !config->admin.listen) {
    fail("\"admin\" is off in this configuration, so nobody can be asked");
  } else if (file) {
    return config->admin.listen->value;
  }
  return std::nullopt;
}

int check_health(const ConfigFile& config_file, const Options& options) {
  const auto admin = find_admin(config_file, options);
  if (!admin) {
    return kBadInput;
  }
  config::Endpoint at = *admin;
  at.address = at.address == "0.0.0.0" ? "127.0.0.1" : at.address == "::" ? "::1" : at.address;
  net::HttpFetcher http;
  const auto answer =
      http.fetch("http://" + at.text() + "/readyz",
                 {.total = options.patience, .redirects = 0, .allow_private_addresses = true});
  const Terminal out(stdout);
  out.line(answer ? "ready" : "not ready: " + answer.error().describe());
  return answer ? kOk : kNo;
}

}  // namespace

Command check_health_command(CLI::App& parent) {
  auto options = std::make_shared<Options>();
  CLI::App* app =
      parent.add_subcommand("check-health", "Ask a running chainmend whether it is ready to serve");
  app->footer(
      "Example:\n"
      "  chainmend check-health --admin 127.0.0.1:9465\n"
      "Exit status: 0 ready, 1 not ready or not there, 2 it is not known whom to ask.");
  const ConfigFile config(*app);
  app->add_option("--admin", options->admin,
                  "Where its admin listener is; without it the configuration says where")
      ->type_name("ADDRESS");
  return {app, [config, options] { return check_health(config, *options); }};
}

}  // namespace chainmend::cli
