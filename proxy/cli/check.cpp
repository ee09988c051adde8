// chainmend check: everything that `run` does before it listens, and a report of what it would
// serve.
#include <CLI/CLI.hpp>
#include <memory>
#include <nlohmann/json.hpp>

#include "config/config.h"
#include "proxy/cli/check_report.h"
#include "proxy/cli/command.h"
#include "proxy/cli/config_file.h"
#include "proxy/cli/diagnostics.h"
#include "proxy/cli/terminal.h"
#include "proxy/net/http_fetcher.h"
#include "proxy/serving/builder.h"
#include "proxy/serving/report.h"
#include "proxy/serving/report_json.h"
#include "proxy/version.h"

namespace chainmend::cli {

namespace {

using Json = nlohmann::ordered_json;

int check(const config::Path& file, bool json) {
  metrics::Metrics metrics({kVersion, ""});
  tls::TicketKeys tickets;
  tls::SessionStore sessions;
  net::HttpFetcher fetcher;
  const Terminal err(stderr);
  const serving::BuildServices services{
      metrics, tickets, sessions, fetcher, {}, [&err](const std::string& what) {
        if (err.is_terminal()) {
          err.line(err.styled(Style::dim, what + " ..."));
        }
      }};
  auto config = config::load(file);
  config::Result<serving::Build> build;
  if (config) {
    build = serving::build(*config, services);
  } else {
    build = tl::unexpected(config.error());
  }
  const config::Diagnostics errors = build ? config::Diagnostics{} : build.error();
  const serving::Report report = build ? serving::make_report(*config, *build) : serving::Report{};
  if (json) {
    Json told = build ? serving::to_json(report) : Json::object();
    told["errors"] = serving::to_json(errors);
    Terminal(stdout).line(told.dump(2, ' ', false, Json::error_handler_t::replace));
  } else {
    print_report(Terminal(stdout), report);
    print(err, Style::bad, "error", errors);
    print(err, Style::warning, "warning", report.warnings);
    print(err, Style::dim, "note", report.notes);
  }
  if (!errors.empty()) {
    return kBadInput;
  }
  return report.warnings.empty() ? kOk : kNo;
}

}  // namespace

Command check_command(CLI::App& parent) {
  auto json = std::make_shared<bool>(false);
  CLI::App* app = parent.add_subcommand(
      "check", "Read the configuration, build every chain, try every TLS policy, and report");
  app->footer(
      "Example:\n"
      "  chainmend check /etc/chainmend/chainmend.yaml\n"
      "Exit status: 0 all is well, 1 it would run but there are warnings, 2 it would not run.");
  const ConfigFile config(*app);
  app->add_flag("--json", *json, "Print JSON");
  return {app, [config, json] {
            const auto file = config.find();
            return file ? check(*file, *json) : kBadInput;
          }};
}

}  // namespace chainmend::cli
