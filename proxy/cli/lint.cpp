// chainmend lint: what is wrong with certificate files, before a server uses them.
#include <fmt/format.h>
#include <CLI/CLI.hpp>

#include <algorithm>
#include <chrono>
#include <iterator>
#include <memory>
#include <optional>
#include <span>

#include "certs/certificate_reader.h"
#include "certs/issuer_set.h"
#include "certs/trust_profile.h"
#include "config/quote.h"
#include "proxy/cli/command.h"
#include "proxy/cli/diagnostics.h"
#include "proxy/cli/lint_report.h"
#include "proxy/cli/terminal.h"
#include "proxy/cli/write_new_file.h"
#include "proxy/diagnose/lint/chain.h"
#include "proxy/diagnose/lint/lint_input.h"
#include "proxy/diagnose/lint/pfx.h"
#include "proxy/diagnose/lint/root_store.h"
#include "proxy/diagnose/read/decoder.h"
#include "proxy/enums/names.h"

namespace chainmend::cli {

namespace {

struct LintArguments {
  std::vector<std::string> words;  // [KIND] and paths
  std::string fail_on = "error";
  std::vector<std::string> bundles;
  std::vector<std::string> roots;
  std::string fix;
  std::string password_file;
  std::string at;
  bool json = false;
  bool sarif = false;
  bool junit = false;
  bool rules = false;
};

// What files are looked at as.
enum class Kind : std::uint8_t { root_store, chain, pfx };
constexpr enums::Names<Kind> kKindNames{"root-store", "chain", "pfx"};

// What the options mean.
struct LintTask {
  std::optional<Kind> kind;  // unset: told from the content
  std::vector<std::string> paths;
  diagnose::Severity fail_on = diagnose::Severity::error;
  certs::Password password;
  certs::Time now;
};

// Unset, with a message, when an option does not fit.
std::optional<LintTask> read_task(const LintArguments& arguments) {
  LintTask task;
  task.paths = arguments.words;
  if (!task.paths.empty()) {
    task.kind = kKindNames.find(task.paths.front());
    if (task.kind) {
      task.paths.erase(task.paths.begin());
    }
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

// One PKCS#12 file is that, another one with the certificate of a server a chain, all else a store.
Kind kind_of(const diagnose::LintInput& input) {
  if (input.files == 1 && input.pfx.size() == 1) {
    return Kind::pfx;
  }
  const bool has_leaf = std::ranges::any_of(input.entries, [](const diagnose::Entry& entry) {
    return entry.certificate->ca_flag() != certs::CaFlag::yes && !entry.certificate->self_signed();
  });
  return input.files == 1 && has_leaf ? Kind::chain : Kind::root_store;
}

LintReport lint_root_store(const LintTask& task, const diagnose::LintInput& input) {
  diagnose::RootStoreVerdict verdict = diagnose::lint_root_store(input, task.now);
  LintReport report;
  report.facts.push_back(fmt::format(
      "As list of trusted issuers their names take {} bytes of the {} that Windows sends.",
      verdict.issuer_list_bytes, diagnose::kMaxIssuerListBytes));
  report.findings = std::move(verdict.findings);
  return report;
}

// The certificates of --bundle. Unset, with a message, when one of them cannot be read.
std::optional<std::shared_ptr<const certs::IssuerSet>> read_bundles(
    const std::vector<std::string>& paths) {
  std::vector<certs::Candidate> candidates;
  for (const std::string& path : paths) {
    certs::Reading reading = certs::read_certificate_files(path, {}, certs::Pipes::read);
    if (reading.certificates.empty()) {
      fail("--bundle: " + diagnose::shown_text(reading.problems.empty()
                                                   ? path + ": no certificate"
                                                   : reading.problems.front().describe()));
      return std::nullopt;
    }
    for (certs::FoundCertificate& found : reading.certificates) {
      candidates.push_back(
          {std::move(found.certificate), certs::Origin::bundle, std::move(found.file)});
    }
  }
  return std::make_shared<const certs::IssuerSet>(std::move(candidates));
}

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

std::string result_of(const std::string& file, const diagnose::LintedChain& chain) {
  return file + (chain.repaired.empty()
                     ? ": no list reaches a trusted root"
                     : fmt::format(": the right list has {} certificate{} and ends below '{}'",
                                   chain.repaired.size(), chain.repaired.size() == 1 ? "" : "s",
                                   chain.root->subject()));
}

// Each file is a chain of its own; repaired gets the last one. Unset, with a message, when an
// option does not fit.
std::optional<LintReport> lint_chains(const LintArguments& arguments, const LintTask& task,
                                      const diagnose::LintInput& input,
                                      std::vector<certs::CertificatePtr>& repaired) {
  const auto bundle = read_bundles(arguments.bundles);
  if (!bundle) {
    return std::nullopt;
  }
  const auto trust =
      arguments.roots.empty()
          ? certs::TrustProfile::system()
          : certs::TrustProfile::from_files("given roots", arguments.roots, certs::Pipes::read);
  if (!trust) {
    fail((arguments.roots.empty() ? "" : "--roots: ") +
         diagnose::shown_text(trust.error().describe()));
    return std::nullopt;
  }
  if (!arguments.fix.empty() && input.files != 1) {
    fail("--fix mends one file, and there are " + std::to_string(input.files));
    return std::nullopt;
  }
  certs::IssuerSetSource source(*bundle);
  LintReport report;
  report.findings = input.unreadable;
  const std::span<const diagnose::Entry> all = input.entries;
  for (std::size_t first = 0, end = 0; first < all.size(); first = end) {
    const std::string& file = all[first].place.file;
    while (end < all.size() && all[end].place.file == file) {
      ++end;
    }
    diagnose::LintedChain chain = diagnose::lint_chain(
        {all.subspan(first, end - first), trust->profile, {&source}, task.now});
    report.facts.push_back(result_of(file, chain));
    repaired = std::move(chain.repaired);
    std::ranges::move(chain.findings, std::back_inserter(report.findings));
  }
  return report;
}

LintReport lint_pfx_files(const LintTask& task, const diagnose::LintInput& input) {
  LintReport report;
  report.findings = input.unreadable;
  for (const diagnose::PfxFile& file : input.pfx) {
    std::vector<diagnose::Entry> entries;
    std::ranges::copy_if(
        input.entries, std::back_inserter(entries),
        [&file](const diagnose::Entry& entry) { return entry.place.file == file.file; });
    diagnose::PfxVerdict verdict = diagnose::lint_pfx(file, entries, task.now);
    std::ranges::move(verdict.findings, std::back_inserter(report.findings));
    std::ranges::move(verdict.facts, std::back_inserter(report.facts));
  }
  return report;
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

int run_lint(const LintArguments& arguments) {
  if (arguments.rules) {
    print_rules(Terminal(stdout));
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
  if (input.files == 0) {
    return is_whole ? fail("no certificate in what was named") : kBadInput;
  }
  const Kind kind = task->kind.value_or(kind_of(input));
  if (kind != Kind::chain &&
      !(arguments.fix.empty() && arguments.bundles.empty() && arguments.roots.empty())) {
    return fail("--fix, --bundle and --roots are about chains, and this is a " +
                std::string(kKindNames[kind]) + "; name the kind first: chainmend lint chain ...");
  }
  if (kind == Kind::pfx && input.pfx.empty()) {
    return fail("no PKCS#12 file in what was named");
  }
  std::vector<certs::CertificatePtr> repaired;
  auto report = kind == Kind::chain ? lint_chains(arguments, *task, input, repaired)
                : kind == Kind::pfx ? std::optional(lint_pfx_files(*task, input))
                                    : std::optional(lint_root_store(*task, input));
  if (!report) {
    return kBadInput;
  }
  report->kind = kKindNames[kind];
  report->files = input.files;
  report->certificates = input.entries.size();
  report->ignored = std::move(input.ignored);
  report->fail_on = task->fail_on;
  report->failed = std::ranges::any_of(report->findings, [&task](const diagnose::LintFinding& one) {
    return one.finding.severity >= task->fail_on;
  });
  print_as_asked(arguments, *report);
  if (!arguments.fix.empty() && !write_fix(arguments.fix, repaired)) {
    return kBadInput;
  }
  if (is_whole && report->certificates == 0 && kind != Kind::pfx) {
    return fail("no certificate in what was named");
  }
  return !is_whole ? kBadInput : report->failed ? kNo : kOk;
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
      "  chainmend lint --rules\n"
      "A chain is what a server sends; one file with a server's certificate is taken for one, all\n"
      "else for a root-store. root-store is what a Windows server trusts. Its roots, exported in "
      "PowerShell:\n"
      "  gci Cert:\\LocalMachine\\Root | Export-Certificate -Type P7B -FilePath roots.p7b\n"
      "Exit status: 0 nothing as grave as --fail-on says, 1 something is, 2 bad input.");
  app->add_option(
         "FILE", arguments->words,
         "root-store, chain or pfx, unless the content tells; then files and folders: PEM, "
         "DER, PKCS#7, PKCS#12, SST; - is "
         "standard input")
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
  auto* json = app->add_flag("--json", arguments->json, "Print JSON");
  auto* sarif = app->add_flag("--sarif", arguments->sarif, "Print SARIF 2.1.0")->excludes(json);
  app->add_flag("--junit", arguments->junit, "Print the XML of JUnit: a test case for each finding")
      ->excludes(json)
      ->excludes(sarif);
  app->add_flag("--rules", arguments->rules, "List the ids of all findings, and look at nothing");
  return {app, [arguments] { return run_lint(*arguments); }};
}

}  // namespace chainmend::cli
