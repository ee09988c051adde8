// chainmend check: everything that `run` does before it listens, and a report of what it would
// serve.
#include <CLI/CLI.hpp>
#include <algorithm>
#include <deque>
#include <functional>
#include <memory>
#include <nlohmann/json.hpp>
#include <optional>

#include "config/config.h"
#include "proxy/cli/check_access.h"
#include "proxy/cli/check_report.h"
#include "proxy/cli/command.h"
#include "proxy/cli/config_file.h"
#include "proxy/cli/diagnostics.h"
#include "proxy/cli/terminal.h"
#include "proxy/net/http_fetcher.h"
#include "proxy/serving/builder.h"
#include "proxy/serving/report.h"
#include "proxy/serving/report_json.h"
#include "proxy/upstream/trial.h"
#include "proxy/version.h"

namespace chainmend::cli {

namespace {

using Json = nlohmann::ordered_json;

// What the servers behind answer. What could only be had by AIA is fetched between a first look and
// a second.
void ask_upstreams(const serving::ServingState& state, std::deque<std::function<void()>>& fetches,
                   serving::Report& report) {
  upstream::Trial trial;
  for (serving::UpstreamReport& one : report.upstreams) {
    const upstream::Upstream& upstream = *state.upstreams.at(one.name);
    const bool plain = !state.takes_requests(upstream);
    one.answers = trial.run(upstream, plain);
    if (fetches.empty()) {
      continue;
    }
    for (; !fetches.empty(); fetches.pop_front()) {
      fetches.front()();
    }
    one.answers = trial.run(upstream, plain);
  }
}

// Each server that cannot be used, at the place of its upstream.
void warn_of_refusals(const config::Config& config, serving::Report& report) {
  for (const serving::UpstreamReport& one : report.upstreams) {
    const auto configured = std::ranges::find(config.upstreams, one.name, &config::Upstream::name);
    for (const upstream::TrialResult& answer : one.answers) {
      if (!answer.accepted) {
        report.warnings.push_back(
            {configured->at,
             "upstream " + one.name + ": " + answer.server + ": " + answer.text +
                 (answer.unresolved ? "; upstreams." + one.name +
                                          ".servers must have a name that this machine resolves, "
                                          "or an address"
                                    : "")});
      }
    }
  }
}

struct CheckOptions {
  bool json = false;
  bool upstreams = false;
  std::optional<std::string> user;  // whose access to the files is tried; "": process.user
};

// What that user cannot use goes to the errors: it would not run. Nothing, when it was not asked.
std::optional<AccessReport> try_access(const config::Config& config, const CheckOptions& options,
                                       config::Diagnostics& errors) {
  if (!options.user) {
    return std::nullopt;
  }
  auto access = check_access(config, *options.user);
  const auto found = access ? to_diagnostics(*access) : access.error();
  errors.insert(errors.end(), found.begin(), found.end());
  return access ? std::optional(std::move(*access)) : std::nullopt;
}

int check(const config::Path& file, const CheckOptions& options) {
  metrics::Metrics metrics({kVersion, ""});
  tls::TicketKeys tickets;
  tls::SessionStore sessions;
  net::HttpFetcher fetcher;
  const Terminal err(stderr);
  const auto progress = [&err](const std::string& what) {
    if (err.is_terminal()) {
      err.line(err.styled(Style::dim, what + " ..."));
    }
  };
  std::deque<std::function<void()>> fetches;
  serving::BuildServices services{metrics, tickets, sessions, fetcher, {}, progress};
  services.aia_cache = certs::AiaCache::Access::read_only;
  services.background = [&](std::function<void()> job) { fetches.push_back(std::move(job)); };
  auto config = config::load(file);
  config::Diagnostics errors;
  const auto access = config ? try_access(*config, options, errors) : std::nullopt;
  config::Result<serving::Build> build;
  if (config) {
    build = serving::build(*config, services);
  } else {
    build = tl::unexpected(config.error());
  }
  serving::Report report;
  if (build) {
    report = serving::make_report(*config, *build);
  } else {
    const auto found = config::only(config::Severity::error, build.error());
    errors.insert(errors.begin(), found.begin(), found.end());
    report.warnings = config::only(config::Severity::warning, build.error());
  }
  if (build && options.upstreams) {
    progress("asking the servers behind");
    ask_upstreams(*build->state, fetches, report);
    warn_of_refusals(*config, report);
  }
  if (options.json) {
    Json told = serving::to_json(report);  // nothing but warnings when it could not be built
    told["errors"] = serving::to_json(errors);
    if (access) {
      told["as_user"] = to_json(*access);
    }
    Terminal(stdout).line(told.dump(2, ' ', false, Json::error_handler_t::replace));
  } else {
    print_report(Terminal(stdout), report);
    print(err, Style::bad, "error", errors);
    print(err, Style::warning, "warning", report.warnings);
    print(err, Style::dim, "note", report.notes);
    if (access && access->obstacles.empty()) {
      err.line(access->user + " can use every file of this configuration.");
    }
  }
  if (!errors.empty()) {
    return kBadInput;
  }
  return report.warnings.empty() ? kOk : kNo;
}

}  // namespace

Command check_command(CLI::App& parent) {
  auto options = std::make_shared<CheckOptions>();
  CLI::App* app = parent.add_subcommand(
      "check", "Read the configuration, build every chain, try every TLS policy, and report");
  app->footer(
      "Example:\n"
      "  chainmend check /etc/chainmend/chainmend.yaml\n"
      "  chainmend check --upstreams\n"
      "  chainmend check /etc/chainmend/chainmend.yaml --as-user\n"
      "Exit status: 0 all is well, 1 it would run but there are warnings, 2 it would not run.");
  const ConfigFile config(*app);
  app->add_flag("--upstreams", options->upstreams,
                "Connect to the servers behind as a request would, and say who is refused and why");
  auto user = std::make_shared<std::string>();
  CLI::Option* const as_user =
      app->add_option("--as-user", *user,
                      "Try whether this user can use every file, and say what is in the way and "
                      "what mends it; without a name, the one of process.user. Needs root")
          ->type_name("[USER]")
          ->expected(0, 1);
  app->add_flag("--json", options->json, "Print JSON");
  return {app, [config, options, user, as_user] {
            if (as_user->count() > 0) {
              options->user = *user;
            }
            const auto file = config.find();
            return file ? check(*file, *options) : kBadInput;
          }};
}

}  // namespace chainmend::cli
