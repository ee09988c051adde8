// chainmend probe: what a server shows to whom, and what becomes of each kind of client there.
#include <CLI/CLI.hpp>
#include <algorithm>
#include <filesystem>
#include <fstream>
#include <memory>
#include <optional>

#include "certs/aia_cache.h"
#include "certs/aia_downloads.h"
#include "certs/aia_source.h"
#include "certs/certificate_reader.h"
#include "certs/issuer_set.h"
#include "config/values.h"
#include "proxy/cli/command.h"
#include "proxy/cli/diagnostics.h"
#include "proxy/cli/interrupt.h"
#include "proxy/cli/probe_options.h"
#include "proxy/cli/probe_report.h"
#include "proxy/cli/terminal.h"
#include "proxy/diagnose/probe/fix.h"
#include "proxy/diagnose/probe/probe.h"
#include "proxy/net/http_fetcher.h"

namespace chainmend::cli {

namespace {

using certs::Result;
using Arguments = ProbeArguments;

tl::unexpected<certs::Error> refuse(const std::string& text) {
  return certs::fail(certs::ErrorCode::malformed, text);
}

// The certificates that may be missing, and where from.
struct Sources {
  explicit Sources(std::shared_ptr<const certs::IssuerSet> bundles, const Arguments& arguments)
      : bundle(std::move(bundles)),
        downloads(fetcher, {.allow_private_addresses = arguments.aia_allow_private}),
        aia(downloads, cache) {}
  certs::IssuerSetSource bundle;
  net::HttpFetcher fetcher;
  certs::AiaCache cache{""};
  certs::AiaDownloads downloads;
  certs::AiaSource aia;
};

bool write_file(const std::string& path, const std::string& text) {
  std::ofstream out(path, std::ios::binary | std::ios::trunc);
  out << text;
  out.close();
  return !out.fail();
}

// The first list that can be mended.
const diagnose::ListVerdict* mended(const diagnose::ProbeReport& report) {
  for (const diagnose::AddressReport& address : report.addresses) {
    for (const diagnose::Served& served : address.served) {
      if (!served.verdict.repaired.empty()) {
        return &served.verdict;
      }
    }
  }
  return nullptr;
}

diagnose::FixFiles files_of(const Arguments& arguments) {
  const std::string list = arguments.pem_out.empty() ? "fullchain.pem" : arguments.pem_out;
  const auto dot = list.rfind('.');
  const auto slash = list.rfind('/');
  const bool has_ending = dot != std::string::npos && (slash == std::string::npos || dot > slash);
  const std::string chain =
      has_ending ? list.substr(0, dot) + "-chain" + list.substr(dot) : list + "-chain";
  return {list, chain, arguments.roots};
}

// True when all that was asked for could be written.
bool write_pem(const Arguments& arguments, const diagnose::ProbeReport& report) {
  if (arguments.pem_out.empty()) {
    return true;
  }
  const Terminal err(stderr);
  const diagnose::ListVerdict* const verdict = mended(report);
  if (verdict == nullptr) {
    fail(arguments.pem_out + " was not written: no list that leads to a root is known");
    return false;
  }
  const diagnose::FixFiles files = files_of(arguments);
  for (const auto& [file, text] : {std::pair(files.list, diagnose::pem_of(*verdict)),
                                   std::pair(files.chain, diagnose::chain_pem_of(*verdict))}) {
    if (!write_file(file, text)) {
      fail("cannot write " + file);
      return false;
    }
    err.line("wrote " + file);
  }
  return true;
}

// The list that `--against` names: that of a file, or the one that another server shows.
Result<diagnose::Side> other_side(const Arguments& arguments, diagnose::ProbeOptions options) {
  if (std::filesystem::exists(arguments.against)) {
    certs::Reading reading = certs::read_certificate_files(arguments.against);
    diagnose::Side side{arguments.against, {}};
    for (certs::FoundCertificate& found : reading.certificates) {
      side.list.push_back(std::move(found.certificate));
    }
    if (side.list.empty()) {
      return reading.problems.empty() ? refuse(arguments.against + " holds no certificate")
                                      : tl::unexpected(reading.problems.front());
    }
    return side;
  }
  const auto target = diagnose::parse_target(arguments.against);
  if (!target) {
    return refuse("--against: no such file, and no server either: " + target.error().describe());
  }
  options.target = *target;
  options.connect.reset();
  options.stacks.clear();
  options.server_name = target->is_address ? options.server_name : target->host;
  const diagnose::ProbeReport report = diagnose::probe(options);
  for (const diagnose::AddressReport& address : report.addresses) {
    if (const diagnose::Served* served = address.served_to(true)) {
      return diagnose::Side{target->text(), served->list};
    }
  }
  return refuse("--against: no certificates were seen at " + target->text() + ": " +
                (!report.resolved           ? report.resolved.error().text
                 : report.addresses.empty() ? report.connections.front().failure
                                            : "what answers there showed none"));
}

// False: that was not possible, which is said.
bool compare_all(const Arguments& arguments, const diagnose::ProbeOptions& options,
                 std::vector<diagnose::ProbeReport>& reports) {
  if (arguments.against.empty()) {
    return true;
  }
  const auto other = other_side(arguments, options);
  if (!other) {
    fail(other.error().describe());
    return false;
  }
  for (diagnose::ProbeReport& report : reports) {
    for (const diagnose::AddressReport& address : report.addresses) {
      const diagnose::Served* const served = address.served_to(true);
      if (served != nullptr && !report.against) {
        report.against = diagnose::compare({report.target.text(), served->list}, *other);
      }
    }
  }
  return true;
}

int exit_code(const std::vector<diagnose::ProbeReport>& reports) {
  bool failed = false;
  for (const diagnose::ProbeReport& report : reports) {
    bool reached = false;
    for (const diagnose::AddressReport& address : report.addresses) {
      reached = reached || address.speaks_tls();
      failed = failed || std::ranges::any_of(address.clients, [](const auto& client) {
                 return client.outcome == diagnose::ClientOutcome::fails;
               });
    }
    if (!reached) {
      return kBadInput;
    }
  }
  return failed ? kNo : kOk;
}

int run_probe(const Arguments& arguments) {
  if (arguments.list_types) {
    print_client_stacks(Terminal(stdout), arguments.json);
    return kOk;
  }
  if (arguments.targets.empty()) {
    return fail("probe needs a server: chainmend probe mail.contoso.com:443");
  }
  auto options = read_probe_options(arguments);
  if (!options) {
    return fail(options.error().describe());
  }
  auto bundles = read_bundles(arguments.bundles);
  if (!bundles) {
    return fail(bundles.error().describe());
  }
  const Terminal err(stderr);
  const Interrupt interrupt;
  options->stop = interrupt.token();
  options->progress = [&err](const std::string& what) {
    if (err.is_terminal()) {
      err.line(err.styled(Style::dim, what + " ..."));
    }
  };
  std::vector<diagnose::ProbeReport> reports;
  for (const std::string& text : arguments.targets) {
    const auto target = diagnose::parse_target(text);
    if (!target) {
      return fail(target.error().describe());
    }
    Sources sources(*bundles, arguments);
    options->sources = {&sources.bundle};
    if (arguments.aia) {
      options->sources.push_back(&sources.aia);
    }
    options->target = *target;
    if (!arguments.server_name) {
      options->server_name = target->is_address ? "" : target->host;
    }
    diagnose::ProbeReport report = diagnose::probe(*options);
    options->sources.clear();
    if (interrupt.came()) {  // what is missing would look like the server's fault
      fail("interrupted: nothing is told of " + target->text());
      break;
    }
    reports.push_back(std::move(report));
  }
  if (reports.empty()) {
    return kBadInput;
  }
  const bool compared = compare_all(arguments, *options, reports);
  if (arguments.json) {
    print_probe_json(Terminal(stdout), reports);
  } else {
    for (const diagnose::ProbeReport& report : reports) {
      print_probe(Terminal(stdout), report, files_of(arguments));
    }
  }
  const bool written = write_pem(arguments, reports.front());
  return written && compared && !interrupt.came() ? exit_code(reports) : kBadInput;
}

void add_aia_options(CLI::App& app, Arguments& arguments) {
  auto* aia = app.add_flag("--aia", arguments.aia,
                           "Download missing issuers from where the certificates say they are");
  app.add_flag("--aia-allow-private", arguments.aia_allow_private,
               "Also download from private and loopback addresses, and from ports other than 80")
      ->needs(aia);
}

}  // namespace

Command probe_command(CLI::App& parent) {
  auto arguments = std::make_shared<Arguments>();
  CLI::App* app = parent.add_subcommand(
      "probe", "See what a server shows to whom, and which clients fail there");
  app->footer(
      "Example:\n"
      "  chainmend probe autodiscover.contoso.com\n"
      "  chainmend probe 10.0.0.5 --sni mail.contoso.com --bundle ca.pem --roots r.pem\n"
      "Exit status: 0 no client fails, 1 some fail, 2 the server could not be probed.");
  add_server_options(*app, *arguments);
  app->add_flag("--all-addresses", arguments->all_addresses,
                "Probe each address of the name, not only the first that answers");
  app->add_option("--against", arguments->against,
                  "Compare with the certificates in a file, or with what another server shows")
      ->type_name("FILE|TARGET");
  app->add_option("--as", arguments->types, "Client types to judge; all when not given")
      ->type_name("TYPE");
  app->add_flag("--types", arguments->list_types,
                "List the client types and what is known of them");
  add_aia_options(*app, *arguments);
  app->add_option("--pem-out", arguments->pem_out,
                  "Write the list as it should be to this file, and without the leaf to "
                  "NAME-chain beside it")
      ->type_name("FILE");
  app->add_option("--timeout", arguments->timeout, "How long each question may take (5s)")
      ->type_name("TIME");
  app->add_flag("--json", arguments->json, "Print JSON");
  return {app, [arguments] { return run_probe(*arguments); }};
}

}  // namespace chainmend::cli
