// chainmend reload: has the running chainmend take its configuration anew, and says what came of
// it.
#include <CLI/CLI.hpp>
#include <chrono>
#include <memory>
#include <nlohmann/json.hpp>

#include "proxy/cli/admin_client.h"
#include "proxy/cli/command.h"
#include "proxy/cli/diagnostics.h"
#include "proxy/cli/terminal.h"
#include "proxy/logs/escape.h"

namespace chainmend::cli {

namespace {

using Json = nlohmann::ordered_json;

// A chain that is incomplete may have to wait for the hosts of several AIA URLs.
constexpr std::chrono::minutes kPatience{5};

void print_all(const Terminal& out, Style style, const std::string& severity, const Json& list) {
  for (const Json& one : list) {
    const Json& at = one["at"];
    out.line((at.is_null() ? "" : logs::visible(at.get<std::string>()) + ": ") +
             out.styled(style, severity) + ": " + logs::visible(one["text"].get<std::string>()));
  }
}

bool is_report(const Json& json) {
  return json.is_object() && json.contains("taken") && json["taken"].is_boolean() &&
         json.contains("errors") && json.contains("warnings") && json.contains("needs_restart");
}

int print_report(const Json& report) {
  const Terminal out(stdout);
  const bool taken = report["taken"].get<bool>();
  print_all(out, Style::bad, "error", report["errors"]);
  print_all(out, Style::warning, "warning", report["warnings"]);
  for (const Json& key : report["needs_restart"]) {
    out.line(logs::visible(key.get<std::string>()) +
             " keeps its old value until chainmend is started again");
  }
  out.line(taken ? "reloaded" : "refused; what was served before is served on");
  return taken ? kOk : kNo;
}

int run_reload(const AdminClient& admin, bool json) {
  const auto answer = admin.ask(AdminClient::Method::post, "/reload", kPatience);
  if (!answer) {
    return kBadInput;
  }
  const Json report = Json::parse(answer->body, nullptr, false);
  if (!is_report(report)) {
    return fail("what runs there knows no reload by this way (it answered " +
                std::to_string(answer->status) + "): kill -HUP its process");
  }
  if (json) {
    Terminal(stdout).line(report.dump(2));
    return report["taken"].get<bool>() ? kOk : kNo;
  }
  return print_report(report);
}

}  // namespace

Command reload_command(CLI::App& parent) {
  auto json = std::make_shared<bool>(false);
  CLI::App* app = parent.add_subcommand(
      "reload", "Have the running chainmend take its configuration anew, and say how it went");
  app->footer(
      "Examples:\n"
      "  chainmend reload /etc/chainmend/chainmend.yaml\n"
      "  chainmend reload --admin 127.0.0.1:9465 --json\n"
      "It reads the file that it was started with; open connections notice nothing.\n"
      "Exit status: 0 taken, 1 refused, 2 nobody to ask.");
  const AdminClient admin(*app);
  app->add_flag("--json", *json, "The outcome, as JSON");
  return {app, [admin, json] { return run_reload(admin, *json); }};
}

}  // namespace chainmend::cli
