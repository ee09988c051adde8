// chainmend explain: what an error code means, in whichever notation a log shows it, and what
// failed in a log.
#include <CLI/CLI.hpp>
#include <algorithm>
#include <filesystem>
#include <iterator>
#include <memory>
#include <nlohmann/json.hpp>

#include "config/quote.h"
#include "config/suggest.h"
#include "proxy/cli/command.h"
#include "proxy/cli/diagnostics.h"
#include "proxy/cli/explain_logs.h"
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
  LogArguments logs;
};

bool is_file(const std::string& text) {
  std::error_code error;
  return text == "-" || std::filesystem::exists(text, error);
}

// Of a word that is nearly the name of a code: "; did you mean "SEC_ERROR_UNKNOWN_ISSUER"?"
std::string meant_instead(const std::string& text) {
  std::vector<std::string_view> names;
  for (const diagnose::Code& code : diagnose::codes()) {
    if (code.name.find(' ') == std::string::npos) {
      names.emplace_back(code.name);
    }
  }
  const auto meant = config::nearest(text, names);
  return meant ? "; did you mean " + config::quote(std::string(*meant)) + "?" : "";
}

int explain_codes(const Arguments& arguments) {
  const Terminal out(stdout);
  auto codes = nlohmann::ordered_json::array();
  int status = kOk;
  bool first = true;
  for (const std::string& text : arguments.texts) {
    const auto found = diagnose::explain_code(text);
    if (found.empty()) {
      fail(logs::visible(config::quote(text)) + " is neither a file nor an error code" +
           meant_instead(text) + "; `chainmend help explain` shows the notations");
      status = kBadInput;
      continue;
    }
    if (!arguments.logs.json && found.size() > 1) {
      out.line((first ? "" : "\n") + logs::visible(text) + " may be one of these:\n");
    }
    for (const diagnose::Explanation& one : found) {
      status = one.known() ? status : std::max(status, kNo);
      if (arguments.logs.json) {
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
  if (arguments.logs.json) {
    out.line(nlohmann::ordered_json{{"schema", kSchemaVersion}, {"codes", codes}}.dump(
        2, ' ', false, nlohmann::ordered_json::error_handler_t::replace));
  }
  return status;
}

int run_explain(Arguments& arguments) {
  std::vector<std::string>& paths = arguments.logs.paths;
  std::ranges::copy_if(arguments.texts, std::back_inserter(paths), is_file);
  if (paths.empty()) {
    return explain_codes(arguments);
  }
  if (paths.size() != arguments.texts.size()) {
    const auto code = std::ranges::find_if_not(arguments.texts, is_file);
    return fail("there is no file " + logs::visible(config::quote(*code)) +
                "; codes and files cannot be explained in one call");
  }
  return explain_logs(arguments.logs);
}

}  // namespace

Command explain_command(CLI::App& parent) {
  auto arguments = std::make_shared<Arguments>();
  CLI::App* app = parent.add_subcommand(
      "explain", "Say what an error code means, or what failed in a log and what mends it");
  app->footer(
      "Examples:\n"
      "  chainmend explain 0x80072f0d\n"
      "  chainmend explain \"403 16 2148204809\" \"alert 48\" \"X509 error 20\"\n"
      "  chainmend explain \"PKIX path building failed\"\n"
      "  chainmend explain u_ex161221.log --client 10.169.24.0/24\n"
      "  journalctl -u haproxy | chainmend explain -\n"
      "Exit status: 0 all codes are known, 1 some are not, 2 a text is no code.\n"
      "Exit status for files: 0 nothing failed, 1 something did, 2 one cannot be read.");
  app->add_option("CODE|FILE", arguments->texts,
                  "A number in any notation, a name, an error text, \"alert N\", \"X509 error N\", "
                  "\"curl: (N)\", \"event N\" or error:N; or files, folders and - (standard "
                  "input): logs of IIS, HTTP.SYS, phones, proxies, Schannel, clients and chainmend")
      ->required()
      ->type_name("");
  app->add_flag("--json", arguments->logs.json,
                "Print JSON; of files one object a line: files, causes, a summary");
  app->add_option("--type", arguments->logs.type,
                  "Read all files as w3c (IIS, HTTP.SYS), handshakes (chainmend), events-xml or "
                  "text; told from the content when not given")
      ->type_name("TYPE");
  app->add_option("--since", arguments->logs.since, "Only failures from this time on (ISO 8601)")
      ->type_name("TIME");
  app->add_option("--until", arguments->logs.until, "Only failures until this time (ISO 8601)")
      ->type_name("TIME");
  app->add_option("--client", arguments->logs.client,
                  "Only failures of this address, network or name")
      ->type_name("CLIENT");
  app->add_option("--top", arguments->logs.top, "How many clients and paths to show of each cause")
      ->capture_default_str()
      ->type_name("N");
  return {app, [arguments] { return run_explain(*arguments); }};
}

}  // namespace chainmend::cli
