// chainmend lint: what is wrong with certificate files, before a server uses them.
#include <fmt/format.h>
#include <CLI/CLI.hpp>

#include <algorithm>
#include <chrono>
#include <memory>
#include <optional>

#include "config/quote.h"
#include "proxy/cli/command.h"
#include "proxy/cli/diagnostics.h"
#include "proxy/cli/lint_report.h"
#include "proxy/cli/terminal.h"
#include "proxy/diagnose/lint/lint_input.h"
#include "proxy/diagnose/lint/root_store.h"
#include "proxy/diagnose/read/decoder.h"

namespace chainmend::cli {

namespace {

struct LintArguments {
  std::vector<std::string> words;  // [KIND] and paths
  std::string fail_on = "error";
  std::string password_file;
  std::string at;
  bool json = false;
  bool rules = false;
};

constexpr const char* kRootStore = "root-store";

// What the options mean.
struct LintTask {
  std::vector<std::string> paths;
  diagnose::Severity fail_on = diagnose::Severity::error;
  certs::Password password;
  certs::Time now;
};

// Unset, with a message, when an option does not fit.
std::optional<LintTask> read_task(const LintArguments& arguments) {
  LintTask task;
  task.paths = arguments.words;
  if (!task.paths.empty() && task.paths.front() == kRootStore) {
    task.paths.erase(task.paths.begin());
  }
  if (task.paths.empty()) {
    fail("name the files or folders to look at: chainmend lint root-store roots.pem");
    return std::nullopt;
  }
  const auto fail_on = diagnose::kSeverityNames.find(arguments.fail_on);
  if (!fail_on) {
    fail("--fail-on: expected note, warning or error, not " + config::quote(arguments.fail_on));
    return std::nullopt;
  }
  task.fail_on = *fail_on;
  task.now = std::chrono::floor<std::chrono::seconds>(std::chrono::system_clock::now());
  if (!arguments.at.empty()) {
    const auto at = certs::parse_time(arguments.at);
    if (!at) {
      fail("--at: " + at.error().describe());
      return std::nullopt;
    }
    task.now = *at;
  }
  if (!arguments.password_file.empty()) {
    auto password = certs::password_from_file(arguments.password_file);
    if (!password) {
      fail("--password-file: " + password.error().describe());
      return std::nullopt;
    }
    task.password = std::move(*password);
  }
  return task;
}

LintReport lint_root_store(const LintTask& task, diagnose::LintInput& input) {
  diagnose::RootStoreVerdict verdict = diagnose::lint_root_store(input, task.now);
  LintReport report;
  report.kind = kRootStore;
  report.facts.push_back(fmt::format(
      "As list of trusted issuers their names take {} bytes of the {} that Windows sends.",
      verdict.issuer_list_bytes, diagnose::kMaxIssuerListBytes));
  report.findings = std::move(verdict.findings);
  return report;
}

int run_lint(const LintArguments& arguments) {
  const Terminal out(stdout);
  if (arguments.rules) {
    print_rules(out);
    return kOk;
  }
  const auto task = read_task(arguments);
  if (!task) {
    return kBadInput;
  }
  diagnose::LintInput input = diagnose::read_lint_input(task->paths, task->password);
  for (const std::string& failure : input.failures) {
    fail(diagnose::shown_text(failure));
  }
  const bool is_whole = input.failures.empty();
  if (input.files > 0 || is_whole) {
    LintReport report = lint_root_store(*task, input);
    report.files = input.files;
    report.certificates = input.entries.size();
    report.ignored = std::move(input.ignored);
    report.failed = std::ranges::any_of(report.findings, [&task](const diagnose::LintFinding& one) {
      return one.finding.severity >= task->fail_on;
    });
    if (arguments.json) {
      print_json(out, report);
    } else {
      print(out, report);
    }
    if (is_whole && report.certificates > 0) {
      return report.failed ? kNo : kOk;
    }
    if (is_whole) {
      fail("no certificate in what was named");
    }
  }
  return kBadInput;
}

}  // namespace

Command lint_command(CLI::App& parent) {
  auto arguments = std::make_shared<LintArguments>();
  CLI::App* app =
      parent.add_subcommand("lint", "Say what is wrong with certificate files, and what mends it");
  app->footer(
      "Examples:\n"
      "  chainmend lint root-store roots.p7b\n"
      "  chainmend lint keystore/certs --fail-on warning\n"
      "  chainmend lint --rules\n"
      "root-store is what a Windows server trusts. Its roots, exported in PowerShell:\n"
      "  Get-ChildItem Cert:\\LocalMachine\\Root | Export-Certificate -Type P7B -FilePath "
      "roots.p7b\n"
      "Exit status: 0 nothing as grave as --fail-on says, 1 something is, 2 bad input.");
  app->add_option("FILE", arguments->words,
                  "root-store, and then files and folders: PEM, DER, PKCS#7, PKCS#12, SST; - is "
                  "standard input")
      ->type_name("");
  app->add_option("--fail-on", arguments->fail_on,
                  "The least severity that makes the exit status 1: note, warning or error")
      ->capture_default_str()
      ->type_name("SEVERITY");
  app->add_option("--at", arguments->at,
                  "Moment to judge validity at, as 2026-11-22T10:00:00Z or in seconds since 1970")
      ->type_name("TIME");
  app->add_option("--password-file", arguments->password_file,
                  "File whose first line opens PKCS#12 files")
      ->type_name("FILE");
  app->add_flag("--json", arguments->json, "Print JSON");
  app->add_flag("--rules", arguments->rules, "List the ids of all findings, and look at nothing");
  return {app, [arguments] { return run_lint(*arguments); }};
}

}  // namespace chainmend::cli
