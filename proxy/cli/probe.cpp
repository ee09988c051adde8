// chainmend probe: what a server shows to whom, and what becomes of each kind of client there.
#include <CLI/CLI.hpp>
#include <algorithm>
#include <fstream>
#include <memory>
#include <optional>

#include "certs/aia_cache.h"
#include "certs/aia_downloads.h"
#include "certs/aia_source.h"
#include "certs/certificate_reader.h"
#include "certs/issuer_set.h"
#include "certs/trust_profile.h"
#include "config/quote.h"
#include "config/suggest.h"
#include "config/values.h"
#include "proxy/cli/command.h"
#include "proxy/cli/probe_report.h"
#include "proxy/cli/terminal.h"
#include "proxy/diagnose/probe/fix.h"
#include "proxy/diagnose/probe/probe.h"
#include "proxy/net/http_fetcher.h"

namespace chainmend::cli {

namespace {

using certs::Result;

struct Arguments {
  std::vector<std::string> targets;
  std::optional<std::string> server_name;
  std::string connect;
  bool all_addresses = false;
  std::vector<std::string> bundles;
  std::vector<std::string> roots;
  std::vector<std::string> profiles;  // NAME=FILES
  std::vector<std::string> types;
  bool aia = false;
  bool aia_allow_private = false;
  std::string timeout = "5s";
  std::string pem_out;
  bool json = false;
  bool list_types = false;
};

tl::unexpected<certs::Error> refuse(const std::string& text) {
  return certs::fail(certs::ErrorCode::malformed, text);
}

Result<certs::TrustProfilePtr> read_roots(const std::string& name,
                                          const std::vector<std::string>& files) {
  auto loaded =
      files.empty() ? certs::TrustProfile::system() : certs::TrustProfile::from_files(name, files);
  return loaded.map([](const certs::LoadedProfile& some) { return some.profile; });
}

Result<std::shared_ptr<const certs::IssuerSet>> read_bundles(
    const std::vector<std::string>& paths) {
  std::vector<certs::Candidate> candidates;
  for (const std::string& path : paths) {
    certs::Reading reading = certs::read_certificate_files(path);
    if (reading.certificates.empty() && !reading.problems.empty()) {
      return tl::unexpected(reading.problems.front());
    }
    for (certs::FoundCertificate& found : reading.certificates) {
      candidates.push_back(
          {std::move(found.certificate), certs::Origin::bundle, std::move(found.file)});
    }
  }
  return std::make_shared<const certs::IssuerSet>(std::move(candidates));
}

// The client types that may be named, each once.
std::vector<std::string> known_types() {
  std::vector<std::string> names;
  for (const clients::ClientStack& stack : clients::client_stacks()) {
    if (std::ranges::find(names, stack.type) == names.end()) {
      names.emplace_back(stack.type);
    }
  }
  return names;
}

tl::unexpected<certs::Error> no_such_type(const std::string& name) {
  const std::vector<std::string> known = known_types();
  const auto meant = config::nearest(name, {known.begin(), known.end()});
  return refuse("no client type with a known hello is called " + config::quote(name) +
                (meant ? "; did you mean " + config::quote(*meant) + "?" : "") +
                " (`chainmend probe --types` lists them)");
}

Result<std::vector<const clients::ClientStack*>> stacks_for(const std::vector<std::string>& types) {
  std::vector<const clients::ClientStack*> stacks;
  if (types.empty()) {
    for (const clients::ClientStack& stack : clients::client_stacks()) {
      stacks.push_back(&stack);
    }
  }
  for (const std::string& type : types) {
    const auto* const one = clients::find_client_stack(type);
    const auto all = one != nullptr ? std::vector{one} : clients::stacks_of(type);
    if (all.empty()) {
      return no_such_type(type);
    }
    stacks.insert(stacks.end(), all.begin(), all.end());
  }
  return stacks;
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

Result<diagnose::ProbeOptions> read_options(const Arguments& arguments) {
  diagnose::ProbeOptions options;
  const auto timeout = config::parse_duration(arguments.timeout);
  if (!timeout || timeout->count() == 0) {
    return refuse("--timeout: expected a duration such as 5s, found " +
                  config::quote(arguments.timeout));
  }
  options.timeout = *timeout;
  options.all_addresses = arguments.all_addresses;
  if (!arguments.connect.empty()) {
    boost::system::error_code error;
    options.connect = boost::asio::ip::make_address(arguments.connect, error);
    if (error) {
      return refuse("--connect: expected an address such as 10.0.0.11, found " +
                    config::quote(arguments.connect));
    }
  }
  auto trust = read_roots("given roots", arguments.roots);
  if (!trust) {
    return tl::unexpected(trust.error());
  }
  options.trust = *trust;
  options.trust_is_given = !arguments.roots.empty();
  for (const std::string& profile : arguments.profiles) {
    const auto equals = profile.find('=');
    if (equals == std::string::npos) {
      return refuse("--trust-profile: expected TYPE=FILE, found " + config::quote(profile));
    }
    auto own = read_roots(profile.substr(0, equals), {profile.substr(equals + 1)});
    if (!own) {
      return tl::unexpected(own.error());
    }
    options.trust_of[profile.substr(0, equals)] = *own;
  }
  auto stacks = stacks_for(arguments.types);
  if (!stacks) {
    return tl::unexpected(stacks.error());
  }
  options.stacks = std::move(*stacks);
  return options;
}

std::string name_to_ask_for(const Arguments& arguments, const diagnose::Target& target) {
  if (arguments.server_name) {
    return *arguments.server_name == "none" ? "" : config::lower(*arguments.server_name);
  }
  return target.is_address ? "" : target.host;
}

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
    err.line("chainmend: " + arguments.pem_out +
             " was not written: no list that leads to a root is known");
    return false;
  }
  const diagnose::FixFiles files = files_of(arguments);
  for (const auto& [file, text] : {std::pair(files.list, diagnose::pem_of(*verdict)),
                                   std::pair(files.chain, diagnose::chain_pem_of(*verdict))}) {
    if (!write_file(file, text)) {
      err.line("chainmend: cannot write " + file);
      return false;
    }
    err.line("wrote " + file);
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

int fail(const std::string& text) {
  Terminal(stderr).line("chainmend: " + text);
  return kBadInput;
}

int run_probe(const Arguments& arguments) {
  if (arguments.list_types) {
    print_client_stacks(Terminal(stdout), arguments.json);
    return kOk;
  }
  if (arguments.targets.empty()) {
    return fail("probe needs a server: chainmend probe mail.contoso.com:443");
  }
  auto options = read_options(arguments);
  if (!options) {
    return fail(options.error().describe());
  }
  auto bundles = read_bundles(arguments.bundles);
  if (!bundles) {
    return fail(bundles.error().describe());
  }
  const Terminal err(stderr);
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
    options->server_name = name_to_ask_for(arguments, *target);
    reports.push_back(diagnose::probe(*options));
  }
  if (arguments.json) {
    print_probe_json(Terminal(stdout), reports);
  } else {
    for (const diagnose::ProbeReport& report : reports) {
      print_probe(Terminal(stdout), report, files_of(arguments));
    }
  }
  const bool written = write_pem(arguments, reports.front());
  return written ? exit_code(reports) : kBadInput;
}

void add_chain_options(CLI::App& app, Arguments& arguments) {
  app.add_option("--bundle", arguments.bundles,
                 "Certificates that may be missing: files, folders or patterns")
      ->type_name("PATH");
  app.add_option("--roots", arguments.roots,
                 "Roots that the clients have; the system's store when not given")
      ->type_name("PATH");
  app.add_option("--trust-profile", arguments.profiles,
                 "Roots that clients of one type have: TYPE=FILE")
      ->type_name("TYPE=FILE");
  auto* aia = app.add_flag("--aia", arguments.aia,
                           "Download missing issuers from where the certificates say they are");
  app.add_flag("--aia-allow-private", arguments.aia_allow_private,
               "Also download from private and loopback addresses, and from ports other than 80")
      ->needs(aia);
  app.add_option("--pem-out", arguments.pem_out,
                 "Write the list as it should be to this file, and without the leaf to "
                 "NAME-chain beside it")
      ->type_name("FILE");
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
  app->add_option("TARGET", arguments->targets, "HOST, HOST:PORT, an address or an https:// URL")
      ->type_name("TARGET");
  app->add_option("--sni", arguments->server_name,
                  "Name to ask for, or none; that of the target when not given")
      ->type_name("NAME");
  app->add_option("--connect", arguments->connect, "Address to connect to instead of the target's")
      ->type_name("ADDRESS");
  app->add_flag("--all-addresses", arguments->all_addresses,
                "Probe each address of the name, not only the first that answers");
  app->add_option("--as", arguments->types, "Client types to judge; all when not given")
      ->type_name("TYPE");
  app->add_flag("--types", arguments->list_types,
                "List the client types and what is known of them");
  add_chain_options(*app, *arguments);
  app->add_option("--timeout", arguments->timeout, "How long each question may take (5s)")
      ->type_name("TIME");
  app->add_flag("--json", arguments->json, "Print JSON");
  return {app, [arguments] { return run_probe(*arguments); }};
}

}  // namespace chainmend::cli
