// chainmend explain: what an error code means, in whichever notation a log shows it.
#include <CLI/CLI.hpp>
#include <algorithm>
#include <memory>
#include <nlohmann/json.hpp>

#include "config/quote.h"
#include "proxy/cli/command.h"
#include "proxy/cli/diagnostics.h"
#include "proxy/cli/explain_report.h"
#include "proxy/cli/terminal.h"
#include "proxy/diagnose/explain/explain.h"
#include "proxy/logs/escape.h"

namespace chainmend::cli {

namespace {

// Raised when a key changes its meaning or goes; new keys may come at any time.
constexpr int kSchemaVersion = 1;

struct Arguments {
  std::vector<std::string> texts;
  bool json = false;
};

int run_explain(const Arguments& arguments) {
  const Terminal out(stdout);
  auto codes = nlohmann::ordered_json::array();
  int status = kOk;
  bool first = true;
  for (const std::string& text : arguments.texts) {
    const auto found = diagnose::explain_code(text);
    if (found.empty()) {
      fail("no error code is written as " + logs::visible(config::quote(text)) +
           "; `chainmend help explain` shows the notations");
      status = kBadInput;
      continue;
    }
    if (!arguments.json && found.size() > 1) {
      out.line((first ? "" : "\n") + logs::visible(text) + " may be one of these:\n");
    }
    for (const diagnose::Explanation& one : found) {
      status = one.known() ? status : std::max(status, kNo);
      if (arguments.json) {
        codes.push_back(as_json(one));
        continue;
      }
      if (!first) {
        out.line();
      }
      first = false;
      print(out, one);
    }
  }
  if (arguments.json) {
    out.line(nlohmann::ordered_json{{"schema", kSchemaVersion}, {"codes", codes}}.dump(
        2, ' ', false, nlohmann::ordered_json::error_handler_t::replace));
  }
  return status;
}

}  // namespace

Command explain_command(CLI::App& parent) {
  auto arguments = std::make_shared<Arguments>();
  CLI::App* app = parent.add_subcommand("explain", "Say what an error code of a log means");
  app->footer(
      "Example:\n"
      "  chainmend explain 0x80072f0d\n"
      "  chainmend explain \"403 16 2148204809\" \"alert 48\" \"X509 error 20\"\n"
      "  chainmend explain \"PKIX path building failed\"\n"
      "Exit status: 0 all codes are known, 1 some are not, 2 a text is no code.");
  app->add_option("CODE", arguments->texts,
                  "A number in any notation, a name, an error text, \"alert N\", \"X509 error N\", "
                  "\"curl: (N)\", \"event N\" or error:N")
      ->required()
      ->type_name("CODE");
  app->add_flag("--json", arguments->json, "Print JSON");
  return {app, [arguments] { return run_explain(*arguments); }};
}

}  // namespace chainmend::cli
