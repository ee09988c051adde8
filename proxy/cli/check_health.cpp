// chainmend check-health: whether a running chainmend is ready, as an exit code: what containers
// and balancers ask for.
#include <CLI/CLI.hpp>
#include <chrono>

#include "proxy/cli/admin_client.h"
#include "proxy/cli/command.h"
#include "proxy/cli/terminal.h"
#include "proxy/net/http_fetcher.h"

namespace chainmend::cli {

namespace {

constexpr std::chrono::seconds kPatience(3);

int check_health(const AdminClient& admin) {
  const auto url = admin.url_of("/readyz");
  if (!url) {
    return kBadInput;
  }
  net::HttpFetcher http;
  const auto answer =
      http.fetch(*url, {.total = kPatience, .redirects = 0, .allow_private_addresses = true});
  const Terminal out(stdout);
  out.line(answer ? "ready" : "not ready: " + answer.error().describe());
  return answer ? kOk : kNo;
}

}  // namespace

Command check_health_command(CLI::App& parent) {
  CLI::App* app =
      parent.add_subcommand("check-health", "Ask a running chainmend whether it is ready to serve");
  app->footer(
      "Example:\n"
      "  chainmend check-health --admin 127.0.0.1:9465\n"
      "Exit status: 0 ready, 1 not ready or not there, 2 it is not known whom to ask.");
  const AdminClient admin(*app);
  return {app, [admin] { return check_health(admin); }};
}

}  // namespace chainmend::cli
