// chainmend proxy: one listener and the servers behind it from the command line, without a file.
// The options become the text of a configuration, so that all that follows is as in `run`.
#include <CLI/CLI.hpp>
#include <cstdlib>
#include <filesystem>
#include <memory>

#include "proxy/cli/command.h"
#include "proxy/cli/diagnostics.h"
#include "proxy/cli/draft.h"
#include "proxy/cli/survey.h"
#include "proxy/cli/terminal.h"
#include "proxy/server/server.h"

namespace chainmend::cli {

namespace {

// What messages name instead of a file; relative paths start in this folder.
constexpr const char* kText = "command-line";

struct ProxyOptions {
  Draft draft;
  std::string admin = "127.0.0.1:9465";
  bool print_config = false;
};

// The user's own, so that nothing needs /var/lib: $XDG_CACHE_HOME, else ~/.cache.
std::filesystem::path cache_folder() {
  const char* xdg = std::getenv("XDG_CACHE_HOME");
  if (xdg != nullptr && std::filesystem::path(xdg).is_absolute()) {
    return std::filesystem::path(xdg) / "chainmend";
  }
  const char* home = std::getenv("HOME");
  return home != nullptr && *home == '/' ? std::filesystem::path(home) / ".cache" / "chainmend"
                                         : std::filesystem::path();
}

// ":443" and "443" are every IPv4 address.
std::string listen_address(const std::string& from) {
  if (from.starts_with(':')) {
    return "0.0.0.0" + from;
  }
  return from.find_first_not_of("0123456789") == from.npos ? "0.0.0.0:" + from : from;
}

// Says what the servers lack. Nothing of it stops the start: a server may come later.
void warn_of(const std::vector<ServerSurvey>& surveys) {
  const Terminal err(stderr);
  for (const ServerSurvey& survey : surveys) {
    for (const std::string& wrong : survey.wrongs) {
      err.line(err.styled(Style::warning, "warning") + ": " + survey.server + ": " + wrong);
    }
  }
}

// A server that is named by its address has no certificate for it, but most likely one for the name
// that our clients ask for: that one is expected then.
bool take_server_name(Draft& draft, const std::vector<ServerSurvey>& surveys,
                      const certs::Certificate& ours) {
  if (!draft.server_name.empty()) {
    return false;
  }
  for (const ServerSurvey& survey : surveys) {
    for (const std::string& name : ours.names()) {
      if (!survey.server_name.empty() && survey.server_name == name) {
        draft.server_name = name;
        return true;
      }
    }
  }
  return false;
}

// What is wrong with an option is told under its name.
int refuse(const Draft& draft, config::Diagnostics errors) {
  name_options(errors, to_yaml(draft), "--from", "--to");
  print(Terminal(stderr), Style::bad, "error", errors);
  return kBadInput;
}

config::Result<config::Config> parse(const Draft& draft) {
  return config::parse(to_yaml(draft), kText);
}

int run_proxy(ProxyOptions options) {
  Draft& draft = options.draft;
  if (certificate_file(draft).empty()) {
    return fail("which certificate? --pfx FILE, or --cert FILE and --key FILE");
  }
  const auto cache = cache_folder();
  draft.listen = listen_address(draft.listen);
  draft.admin = options.admin;
  draft.aia_cache = cache.empty() ? "" : (cache / "aia").string();
  draft.remembers_clients = false;
  const auto credential = load_credential(draft);
  if (!credential) {
    return fail(describe(credential.error(), draft.password_file));
  }
  auto config = parse(draft);
  if (!config) {
    return refuse(draft, config.error());
  }
  const certs::Certificate& leaf = *credential->file.leaf;
  auto surveys = survey_servers(*config, leaf.names());
  if (take_server_name(draft, surveys, leaf)) {
    config = parse(draft);
    surveys = survey_servers(*config, leaf.names());
  }
  if (options.print_config) {
    std::fputs(to_yaml(draft).c_str(), stdout);
    return kOk;
  }
  warn_of(surveys);
  server::Server server(server::ConfigSource::text(to_yaml(draft), kText));
  const auto started = server.start();
  if (!started) {
    return refuse(draft, started.error());
  }
  server.run();
  return kOk;
}

}  // namespace

Command proxy_command(CLI::App& parent) {
  auto options = std::make_shared<ProxyOptions>();
  CLI::App* app = parent.add_subcommand("proxy", "Serve one address without a configuration file");
  app->footer(
      "Examples:\n"
      "  chainmend proxy --from :443 --to https://10.0.0.11 --pfx mail.pfx \\\n"
      "      --password-file mail.pass\n"
      "  chainmend proxy --from :443 --to https://10.0.0.11 --pfx mail.pfx \\\n"
      "      --password-file mail.pass --print-config > chainmend.yaml\n"
      "SIGTERM and SIGINT drain and stop, a second one stops at once.\n"
      "Exit status: 0 stopped by a signal, 2 cannot serve this.");
  app->add_option("--from", options->draft.listen, "Where to listen: :443 or 192.0.2.1:443")
      ->required()
      ->type_name("ADDRESS");
  app->add_option("--to", options->draft.servers,
                  "Server behind, such as https://10.0.0.11; of several each in turn")
      ->required()
      ->allow_extra_args(false)
      ->type_name("URL");
  add_draft_options(*app, options->draft);
  app->add_option("--admin", options->admin, "Where metrics and status are served, or off")
      ->type_name("ADDRESS")
      ->capture_default_str();
  app->add_flag("--print-config", options->print_config,
                "Print the configuration that this comes to, and leave");
  return {app, [options] { return run_proxy(*options); }};
}

}  // namespace chainmend::cli
