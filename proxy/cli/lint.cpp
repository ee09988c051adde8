// chainmend lint: what is wrong with certificate files, before a server uses them.
#include <CLI/CLI.hpp>
#include <algorithm>
#include <memory>

#include "proxy/cli/command.h"
#include "proxy/cli/diagnostics.h"
#include "proxy/cli/lint_kinds.h"
#include "proxy/cli/lint_report.h"
#include "proxy/cli/lint_task.h"
#include "proxy/cli/terminal.h"
#include "proxy/cli/write_new_file.h"
#include "proxy/diagnose/read/decoder.h"

namespace chainmend::cli {

namespace {

// The repaired list to the file of --fix. False, with a message, when that is not possible.
bool write_fix(const std::string& file, const std::vector<certs::CertificatePtr>& repaired) {
  if (repaired.empty()) {
    fail("--fix: there is no list to write, as none reaches a trusted root");
    return false;
  }
  std::string pem;
  for (const certs::CertificatePtr& one : repaired) {
    pem += one->pem();
  }
  if (const auto problem = write_new_file(file, pem, Replace::no)) {
    fail("--fix: cannot write " + diagnose::shown_text(file + ": " + *problem));
    return false;
  }
  return true;
}

void print_as_asked(const LintArguments& arguments, const LintReport& report) {
  const Terminal out(stdout);
  if (arguments.json) {
    print_json(out, report);
  } else if (arguments.sarif) {
    print_sarif(out, report);
  } else if (arguments.junit) {
    print_junit(out, report);
  } else {
    print(out, report);
  }
}

bool has_keys_alone(const diagnose::LintInput& input) {
  return !input.keys.empty() && input.pfx.empty() && input.entries.empty() && input.listed.empty();
}

int run_lint(const LintArguments& arguments) {
  if (arguments.rules) {
    print_rules(Terminal(stdout));
    return kOk;
  }
  const auto task = read_lint_task(arguments);
  if (!task) {
    return kBadInput;
  }
  diagnose::LintInput input = diagnose::read_lint_input(task->paths, task->password);
  for (const std::string& failure : input.failures) {
    fail(diagnose::shown_text(failure));
  }
  if (input.files == 0 && task->servers.empty()) {
    return input.failures.empty() ? fail("no certificate in what was named") : kBadInput;
  }
  if (!task->kind && has_keys_alone(input) && task->servers.empty()) {
    return fail("only a private key in what was named: name its certificate, too");
  }
  const LintKind kind = task->kind.value_or(kind_of(input, !task->servers.empty()));
  if (!fits_kind(kind, arguments, *task, input)) {
    return kBadInput;
  }
  auto linted = lint_as(kind, arguments, *task, input);
  if (!linted) {
    return kBadInput;
  }
  LintReport& report = linted->report;
  report.kind = kLintKindNames[kind];
  report.files = input.files;
  report.certificates += input.entries.size();
  report.listed = input.listed.size();
  report.ignored = std::move(input.ignored);
  report.fail_on = task->fail_on;
  report.failed = std::ranges::any_of(report.findings, [&task](const diagnose::LintFinding& one) {
    return one.finding.severity >= task->fail_on;
  });
  print_as_asked(arguments, report);
  if (!arguments.fix.empty() && !write_fix(arguments.fix, linted->repaired)) {
    return kBadInput;
  }
  const bool is_whole = input.failures.empty() && linted->all_reached;
  const bool may_be_empty = kind == LintKind::pfx || kind == LintKind::iis || kind == LintKind::f5;
  if (is_whole && report.certificates + report.listed == 0 && !may_be_empty) {
    return fail("no certificate in what was named");
  }
  return !is_whole ? kBadInput : report.failed ? kNo : kOk;
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
      "  chainmend lint chain server.crt --bundle ca/ --roots root.pem --fix fixed.crt\n"
      "  chainmend lint mail.pfx --password-file mail.pass\n"
      "  chainmend lint keystore keystore/certs nginx.crt hq.contoso.com\n"
      "  chainmend lint iis sslcert.txt certs/ mail.contoso.com\n"
      "  chainmend lint mail.contoso.com:443\n"
      "  chainmend lint bigip.conf ssl/\n"
      "  chainmend lint --rules\n"
      "root-store is what a Windows server trusts. Its roots, exported in PowerShell:\n"
      "  gci Cert:\\LocalMachine\\Root | Export-Certificate -Type P7B -FilePath roots.p7b\n"
      "chain is the list of a file or of a server, keystore that of a Mitel server, iis what is\n"
      "bound there: netsh http show sslcert > sslcert.txt, with the certificates beside it; f5 is\n"
      "the configuration of a BIG-IP: bigip.conf, an SCF, a UCS.\n"
      "Exit status: 0 nothing as grave as --fail-on says, 1 something is, 2 bad input.");
  app->add_option(
         "FILE", arguments->words,
         "root-store, chain, pfx, keystore, iis or f5, unless the content tells; then files and "
         "folders: PEM, DER, PKCS#7, PKCS#12, SST, .reg, listings of certutil and PowerShell; - is "
         "standard input; and servers, HOST[:PORT]")
      ->type_name("");
  app->add_option("--fail-on", arguments->fail_on,
                  "The least severity that makes the exit status 1: note, warning or error")
      ->capture_default_str()
      ->type_name("SEVERITY");
  app->add_option("--bundle", arguments->bundles,
                  "Possible intermediates of a chain: files, folders, quoted patterns")
      ->type_name("PATH");
  app->add_option("--roots", arguments->roots,
                  "Roots that a chain has to reach; the system's store when not given")
      ->type_name("PATH");
  app->add_option("--trust-profile", arguments->trust_profiles,
                  "Roots that some clients of a chain have, NAME=PATH; again for others, the most "
                  "important first: say who refuses the list and which one suits whom")
      ->type_name("NAME=PATH");
  app->add_option("--used-by", arguments->used_by,
                  "Certificates in use, as of a keystore: say which of them chain through a root "
                  "before it is taken out")
      ->type_name("PATH");
  app->add_option(
         "--fix", arguments->fix,
         "Write the chain as it should be to this new file, as PEM, leaf first and without "
         "the root; a private key is not copied")
      ->type_name("FILE");
  app->add_option("--at", arguments->at,
                  "Moment to judge validity at, as 2026-11-22T10:00:00Z or in seconds since 1970")
      ->type_name("TIME");
  app->add_option("--password-file", arguments->password_file,
                  "File whose first line opens PKCS#12 files")
      ->type_name("FILE");
  app->add_option("--timeout", arguments->timeout,
                  "How long each question to a server may take (5s)")
      ->type_name("TIME");
  auto* json = app->add_flag("--json", arguments->json, "Print JSON");
  auto* sarif = app->add_flag("--sarif", arguments->sarif, "Print SARIF 2.1.0")->excludes(json);
  app->add_flag("--junit", arguments->junit, "Print the XML of JUnit: a test case for each finding")
      ->excludes(json)
      ->excludes(sarif);
  app->add_flag("--rules", arguments->rules, "List the ids of all findings, and look at nothing");
  return {app, [arguments] { return run_lint(*arguments); }};
}

}  // namespace chainmend::cli
