#include "proxy/cli/lint_kinds.h"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>
#include <memory>
#include <span>

#include "certs/issuer_set.h"
#include "certs/trust_profile.h"
#include "config/quote.h"
#include "proxy/cli/diagnostics.h"
#include "proxy/cli/interrupt.h"
#include "proxy/cli/probe_options.h"
#include "proxy/diagnose/lint/chain.h"
#include "proxy/diagnose/lint/f5.h"
#include "proxy/diagnose/lint/iis.h"
#include "proxy/diagnose/lint/keystore.h"
#include "proxy/diagnose/lint/live_server.h"
#include "proxy/diagnose/lint/pfx.h"
#include "proxy/diagnose/lint/profiles.h"
#include "proxy/diagnose/lint/root_store.h"
#include "proxy/diagnose/probe/comparison.h"
#include "proxy/diagnose/read/decoder.h"

namespace chainmend::cli {

namespace {

using diagnose::LintInput;

template <typename T>
void append(std::vector<T>& to, std::vector<T> from) {
  std::ranges::move(from, std::back_inserter(to));
}

// The certificates of --used-by. Unset, with a message, when there are none.
std::optional<LintInput> read_users(const LintArguments& arguments, const LintTask& task) {
  LintInput users = diagnose::read_lint_input(arguments.used_by, task.password);
  for (const std::string& failure : users.failures) {
    fail("--used-by: " + diagnose::shown_text(failure));
  }
  if (!users.failures.empty()) {
    return std::nullopt;
  }
  if (users.entries.empty()) {
    fail("--used-by: no certificate in what was named");
    return std::nullopt;
  }
  return users;
}

// Unset, with a message, when --used-by does not fit.
std::optional<LintReport> lint_root_store(const LintArguments& arguments, const LintTask& task,
                                          const LintInput& input) {
  std::optional<diagnose::InUse> in_use;
  if (!arguments.used_by.empty()) {
    const auto users = read_users(arguments, task);
    if (!users) {
      return std::nullopt;
    }
    in_use.emplace(*users, input);
  }
  diagnose::RootStoreVerdict verdict =
      diagnose::lint_root_store(input, task.now, in_use ? &*in_use : nullptr);
  LintReport report;
  report.facts = std::move(verdict.facts);
  report.findings = std::move(verdict.findings);
  return report;
}

LintReport lint_pfx_files(const LintTask& task, const LintInput& input) {
  LintReport report;
  report.findings = input.unreadable;
  for (const diagnose::PfxFile& file : input.pfx) {
    std::vector<diagnose::Entry> entries;
    std::ranges::copy_if(
        input.entries, std::back_inserter(entries),
        [&file](const diagnose::Entry& entry) { return entry.place.file == file.file; });
    diagnose::PfxVerdict verdict = diagnose::lint_pfx(file, entries, task.now);
    append(report.findings, std::move(verdict.findings));
    append(report.facts, std::move(verdict.facts));
  }
  return report;
}

// Certificates that were given beside an archive count like those in it.
LintReport lint_bigip(const LintTask& task, const LintInput& input) {
  diagnose::f5::CertificateStore store(input.bigip);
  for (std::size_t i = 0; i < input.entries.size();) {
    const std::string& file = input.entries[i].place.file;
    std::string pem;
    for (; i < input.entries.size() && input.entries[i].place.file == file; ++i) {
      pem += input.entries[i].certificate->pem();
    }
    const certs::ByteView bytes = certs::as_bytes(pem);
    store.add_file(file, {bytes.begin(), bytes.end()});
  }
  const diagnose::f5::Configuration config(input.bigip);
  diagnose::F5Verdict verdict = diagnose::lint_f5({config, store, task.now});
  LintReport report;
  report.findings = std::move(verdict.findings);
  report.facts = std::move(verdict.facts);
  diagnose::gravest_first(report.findings);
  return report;
}

// What chains are judged by.
struct Judging {
  certs::TrustProfilePtr trust;
  std::vector<certs::TrustProfilePtr> profiles;  // of --trust-profile
  std::shared_ptr<const certs::IssuerSet> bundle;
};

// Roots that a keystore holds are trusted there, beside those of the system.
certs::Result<certs::LoadedProfile> load_roots(const LintArguments& arguments, LintKind kind,
                                               const LintInput& input) {
  if (!arguments.roots.empty()) {
    return certs::TrustProfile::from_files("given roots", arguments.roots, certs::Pipes::read);
  }
  auto system = certs::TrustProfile::system();
  if (!system || kind != LintKind::keystore) {
    return system;
  }
  std::vector<certs::CertificatePtr> roots;
  for (const certs::FoundCertificate& found : system->found) {
    roots.push_back(found.certificate);
  }
  for (const diagnose::Entry& entry : input.entries) {
    if (entry.certificate->self_signed()) {
      roots.push_back(entry.certificate);
    }
  }
  system->profile = std::make_shared<const certs::TrustProfile>("system and keystore", roots);
  return system;
}

// NAME=PATH, which may come several times for one name. Unset, with a message, when one does not
// fit.
std::optional<std::vector<certs::TrustProfilePtr>> read_profiles(const LintArguments& arguments) {
  std::vector<std::pair<std::string, std::vector<std::string>>> named;
  for (const std::string& given : arguments.trust_profiles) {
    const auto equals = given.find('=');
    if (equals == std::string::npos || equals == 0 || equals + 1 == given.size()) {
      fail("--trust-profile: expected NAME=PATH, found " + config::quote(given));
      return std::nullopt;
    }
    const std::string name = given.substr(0, equals);
    auto known =
        std::ranges::find(named, name, &std::pair<std::string, std::vector<std::string>>::first);
    if (known == named.end()) {
      known = named.insert(named.end(), {name, {}});
    }
    known->second.push_back(given.substr(equals + 1));
  }
  std::vector<certs::TrustProfilePtr> profiles;
  for (const auto& [name, paths] : named) {
    auto loaded = certs::TrustProfile::from_files(name, paths, certs::Pipes::read);
    if (!loaded) {
      fail("--trust-profile: " + diagnose::shown_text(loaded.error().describe()));
      return std::nullopt;
    }
    profiles.push_back(std::move(loaded->profile));
  }
  return profiles;
}

// Unset, with a message, when a file cannot be read.
std::optional<Judging> read_judging(const LintArguments& arguments, LintKind kind,
                                    const LintInput& input) {
  auto bundle = read_bundles(arguments.bundles);
  if (!bundle) {
    fail("--bundle: " + diagnose::shown_text(bundle.error().describe()));
    return std::nullopt;
  }
  auto profiles = read_profiles(arguments);
  if (!profiles) {
    return std::nullopt;
  }
  if (arguments.roots.empty() && !profiles->empty()) {
    const certs::TrustProfilePtr first = profiles->front();
    return Judging{first, *std::move(profiles), *std::move(bundle)};
  }
  const auto trust = load_roots(arguments, kind, input);
  if (!trust) {
    fail((arguments.roots.empty() ? "" : "--roots: ") +
         diagnose::shown_text(trust.error().describe()));
    return std::nullopt;
  }
  return Judging{trust->profile, *std::move(profiles), *std::move(bundle)};
}

// As probe sees them. Empty, with a message, when somebody interrupted it.
std::vector<diagnose::ProbeReport> look_at_servers(const LintTask& task, const Judging& judging) {
  const Interrupt interrupt;
  certs::IssuerSetSource source(judging.bundle);
  diagnose::ProbeOptions options;
  options.trust = judging.trust;
  options.sources = {&source};
  options.timeout = task.timeout;
  options.stop = interrupt.token();
  std::vector<diagnose::ProbeReport> reports;
  for (const diagnose::Target& server : task.servers) {
    options.target = server;
    options.server_name = server.is_address ? "" : server.host;
    reports.push_back(diagnose::probe(options));
    if (interrupt.came()) {
      fail("interrupted: nothing is told of " + server.text());
      return {};
    }
  }
  return reports;
}

std::string result_of(const std::string& file, const diagnose::LintedChain& chain) {
  return file + (chain.repaired.empty()
                     ? ": no list reaches a trusted root"
                     : fmt::format(": the right list has {} certificate{} and ends below '{}'",
                                   chain.repaired.size(), chain.repaired.size() == 1 ? "" : "s",
                                   chain.root->subject()));
}

// A server and a file that should be the same.
void compare_with(const diagnose::ProbeReport& server, std::span<const diagnose::Entry> file,
                  LintReport& report) {
  const diagnose::Served* const shown = diagnose::shown_list(server);
  if (shown == nullptr) {
    return;
  }
  diagnose::Side side{file.front().place.file, {}};
  for (const diagnose::Entry& entry : file) {
    side.list.push_back(entry.certificate);
  }
  for (diagnose::Finding& one :
       diagnose::compare({server.target.text(), shown->list}, side).findings) {
    report.findings.push_back({std::move(one), diagnose::place_of(server), {}, {}});
  }
}

void lint_files(const LintTask& task, const Judging& judging, const LintInput& input,
                const std::vector<diagnose::ProbeReport>& servers, Linted& out) {
  certs::IssuerSetSource source(judging.bundle);
  const std::span<const diagnose::Entry> all = input.entries;
  for (std::size_t first = 0, end = 0; first < all.size(); first = end) {
    const std::string& file = all[first].place.file;
    while (end < all.size() && all[end].place.file == file) {
      ++end;
    }
    const auto entries = all.subspan(first, end - first);
    diagnose::LintedChain chain =
        diagnose::lint_chain({entries, judging.trust, {&source}, task.now});
    out.report.facts.push_back(result_of(file, chain));
    out.repaired = std::move(chain.repaired);
    append(out.report.findings, std::move(chain.findings));
    if (!judging.profiles.empty()) {
      auto verdict = diagnose::lint_profiles({entries, judging.profiles, {&source}, task.now});
      append(out.report.findings, std::move(verdict.findings));
      append(out.report.facts, std::move(verdict.facts));
      out.repaired = std::move(verdict.common);
    }
    for (const diagnose::ProbeReport& server : servers) {
      compare_with(server, entries, out.report);
    }
  }
}

// Each file and each server has a chain of its own.
void lint_chains(const LintTask& task, const Judging& judging, const LintInput& input,
                 const std::vector<diagnose::ProbeReport>& servers, Linted& out) {
  out.report.findings = input.unreadable;
  lint_files(task, judging, input, servers, out);
  for (const diagnose::ProbeReport& server : servers) {
    diagnose::LiveVerdict live = diagnose::lint_live_server(server);
    append(out.report.findings, std::move(live.findings));
    append(out.report.facts, std::move(live.facts));
    out.report.certificates += live.certificates;
    out.repaired = std::move(live.repaired);
  }
}

}  // namespace

std::optional<Linted> lint_as(LintKind kind, const LintArguments& arguments, const LintTask& task,
                              const LintInput& input) {
  Linted out;
  if (kind == LintKind::root_store) {
    auto report = lint_root_store(arguments, task, input);
    if (!report) {
      return std::nullopt;
    }
    out.report = *std::move(report);
    return out;
  }
  if (kind == LintKind::f5) {
    out.report = lint_bigip(task, input);
    return out;
  }
  if (kind == LintKind::pfx) {
    out.report = lint_pfx_files(task, input);
    return out;
  }
  if (!arguments.fix.empty() && input.files + task.servers.size() != 1) {
    fail("--fix mends one list, and there are " +
         std::to_string(input.files + task.servers.size()));
    return std::nullopt;
  }
  const auto judging = read_judging(arguments, kind, input);
  if (!judging) {
    return std::nullopt;
  }
  const std::vector<diagnose::ProbeReport> servers = look_at_servers(task, *judging);
  if (servers.size() != task.servers.size()) {
    return std::nullopt;
  }
  const diagnose::ProbeReport* const server = servers.empty() ? nullptr : &servers.front();
  if (kind == LintKind::chain) {
    lint_chains(task, *judging, input, servers, out);
  } else if (kind == LintKind::keystore) {
    auto verdict = diagnose::lint_keystore({input, server, task.password, task.now});
    out.report.findings = std::move(verdict.findings);
    out.report.facts = std::move(verdict.facts);
  } else {
    auto verdict = diagnose::lint_iis({input, server, task.now});
    out.report.findings = std::move(verdict.findings);
    out.report.facts = std::move(verdict.facts);
  }
  if (kind != LintKind::chain) {  // those of a chain stand with their file
    diagnose::gravest_first(out.report.findings);
  }
  for (const diagnose::ProbeReport& one : servers) {
    out.report.servers.push_back(one.target.text());
    out.all_reached = out.all_reached && diagnose::shown_list(one) != nullptr;
  }
  return out;
}

}  // namespace chainmend::cli
