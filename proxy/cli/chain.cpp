// chainmend chain: builds one chain and prints it.
#include <fmt/format.h>
#include <CLI/CLI.hpp>

#include <fstream>
#include <memory>
#include <nlohmann/json.hpp>
#include <optional>

#include "certs/aia_cache.h"
#include "certs/aia_downloads.h"
#include "certs/aia_source.h"
#include "certs/certificate_reader.h"
#include "certs/chain_report.h"
#include "certs/issuer_set.h"
#include "certs/served_chain.h"
#include "proxy/cli/chain_table.h"
#include "proxy/cli/command.h"
#include "proxy/cli/terminal.h"
#include "proxy/net/http_fetcher.h"

namespace chainmend::cli {

namespace {

struct ChainArguments {
  std::string leaf;
  std::vector<std::string> bundles;
  std::vector<std::string> roots;
  std::string at;
  std::string password_file;
  std::string out;
  std::string aia_cache;
  std::string aia_proxy;
  bool aia = false;
  bool aia_allow_private = false;
  bool expired_roots = false;
  bool json = false;
  bool pem = false;
};

// Everything the search needs, read from the files that the arguments name.
struct ChainInput {
  certs::LeafFile leaf;
  std::shared_ptr<const certs::IssuerSet> bundle;
  certs::TrustProfilePtr profile;
  certs::Time at;
  net::HttpFetcher::Options fetcher;
  std::vector<std::string> notes;  // what could not be used, and why
};

// Where issuers come from, cheapest first: the bundles, what AIA brought earlier, AIA itself.
class Sources {
 public:
  Sources(const ChainArguments& arguments, const ChainInput& input)
      : bundle_(input.bundle),
        cache_(arguments.aia_cache),
        fetcher_(input.fetcher),
        downloads_(fetcher_, {.allow_private_addresses = arguments.aia_allow_private}),
        aia_(downloads_, cache_),
        asked_{&bundle_, &cache_} {
    if (arguments.aia) {
      asked_.push_back(&aia_);
    }
  }
  const std::vector<certs::IssuerSource*>& asked() const { return asked_; }
  std::vector<certs::Error> cache_problems() const { return cache_.problems(); }

 private:
  certs::IssuerSetSource bundle_;
  certs::AiaCache cache_;
  net::HttpFetcher fetcher_;
  certs::AiaDownloads downloads_;
  certs::AiaSource aia_;
  std::vector<certs::IssuerSource*> asked_;
};

void note_all(ChainInput& input, const std::vector<certs::Error>& problems) {
  for (const certs::Error& problem : problems) {
    input.notes.push_back(problem.describe());
  }
}

certs::Result<certs::LeafFile> read_leaf(const ChainArguments& arguments, ChainInput& input) {
  certs::Password password;
  if (!arguments.password_file.empty()) {
    auto read = certs::password_from_file(arguments.password_file);
    if (!read) {
      return tl::unexpected(read.error());
    }
    password = std::move(*read);
  }
  const certs::Reading reading =
      certs::read_certificate_files(arguments.leaf, password, certs::Pipes::read);
  if (reading.certificates.empty()) {
    return tl::unexpected(reading.problems.front());
  }
  note_all(input, reading.problems);
  note_all(input, reading.notes);
  return certs::make_leaf_file(reading.certificates, certs::pick_leaf(reading.certificates));
}

// A bundle that cannot be opened is an error; one that holds nothing usable is worth a note.
certs::Result<std::shared_ptr<const certs::IssuerSet>> read_bundles(
    const std::vector<std::string>& paths, ChainInput& input) {
  std::vector<certs::Candidate> candidates;
  for (const std::string& path : paths) {
    certs::Reading reading = certs::read_certificate_files(path, {}, certs::Pipes::read);
    for (const certs::Error& problem : reading.problems) {
      if (problem.code == certs::ErrorCode::cannot_read) {
        return tl::unexpected(problem);
      }
    }
    note_all(input, reading.problems);
    note_all(input, reading.notes);
    for (certs::FoundCertificate& found : reading.certificates) {
      candidates.push_back(
          {std::move(found.certificate), certs::Origin::bundle, std::move(found.file)});
    }
  }
  return std::make_shared<const certs::IssuerSet>(std::move(candidates));
}

certs::Result<ChainInput> read_input(const ChainArguments& arguments) {
  ChainInput input;
  input.at = std::chrono::floor<std::chrono::seconds>(std::chrono::system_clock::now());
  if (!arguments.at.empty()) {
    const auto at = certs::parse_time(arguments.at);
    if (!at) {
      return tl::unexpected(at.error());
    }
    input.at = *at;
  }
  if (!arguments.aia_proxy.empty()) {
    auto proxy = net::parse_http_url(arguments.aia_proxy);
    if (!proxy) {
      return certs::fail(proxy.error().code, "--aia-proxy: " + proxy.error().text);
    }
    input.fetcher.proxy = std::move(*proxy);
  }
  auto leaf = read_leaf(arguments, input);
  if (!leaf) {
    return tl::unexpected(leaf.error());
  }
  input.leaf = std::move(*leaf);
  auto bundle = read_bundles(arguments.bundles, input);
  if (!bundle) {
    return tl::unexpected(bundle.error());
  }
  input.bundle = std::move(*bundle);
  auto profile = arguments.roots.empty() ? certs::TrustProfile::system()
                                         : certs::TrustProfile::from_files(
                                               "given roots", arguments.roots, certs::Pipes::read);
  if (!profile) {
    return tl::unexpected(profile.error());
  }
  input.profile = profile->profile;
  note_all(input, profile->problems);
  return input;
}

void print_report(const Terminal& terminal, const certs::ServedChain& chain) {
  print_links(terminal, chain);
  if (chain.complete) {
    terminal.line(terminal.styled(Style::good, "complete") + ": ends at the root '" +
                  chain.anchor->subject() + "' of trust profile '" + chain.profile + "'");
  }
  for (const std::string& repair : chain.repairs) {
    terminal.line("repaired: " + repair);
  }
  for (const std::string& warning : chain.warnings) {
    terminal.line(terminal.styled(Style::warning, "warning") + ": " + warning);
  }
}

bool write_file(const std::string& path, const std::string& text) {
  std::ofstream out(path, std::ios::binary | std::ios::trunc);
  out << text;
  out.close();
  return !out.fail();
}

// The chain in the form that was asked for, to the file or to standard output.
int print_chain(const ChainArguments& arguments, const certs::ServedChain& chain) {
  const Terminal out(stdout);
  std::string document;
  if (arguments.json) {
    document = to_json(chain).dump(2, ' ', false, nlohmann::json::error_handler_t::replace) + "\n";
  } else if (chain.complete && (arguments.pem || !arguments.out.empty())) {
    document = to_pem(chain);
  }
  if (!arguments.json && !arguments.pem) {
    print_report(out, chain);
  }
  if (document.empty()) {
    return kOk;
  }
  if (arguments.out.empty()) {
    std::fputs(document.c_str(), stdout);
  } else if (!write_file(arguments.out, document)) {
    Terminal(stderr).line("chainmend: cannot write " + arguments.out);
    return kBadInput;
  }
  return kOk;
}

// What of the command line could have found the rest.
std::string remedy_for(const certs::Failure& failure, const ChainArguments& arguments) {
  if (failure.reason == certs::Reason::no_issuer) {
    return std::string("; name its file by --bundle, or by --roots when it is a root") +
           (arguments.aia || failure.at->aia_urls().empty() ? "" : ", or fetch it by --aia");
  }
  return failure.reason == certs::Reason::untrusted_root
             ? "; if it is yours, name its file by --roots"
             : "";
}

int run_chain(const ChainArguments& arguments) {
  const Terminal err(stderr);
  const auto input = read_input(arguments);
  if (!input) {
    err.line("chainmend: " + input.error().describe() +
             (input.error().code == certs::ErrorCode::password_needed
                  ? ": --password-file FILE names the file that holds it"
              : input.error().code == certs::ErrorCode::wrong_password
                  ? ": the first line of --password-file must be the password alone" +
                        certs::doubt_about_password_file(arguments.password_file)
                  : ""));
    return kBadInput;
  }
  for (const std::string& note : input->notes) {
    err.line("note: " + note);
  }
  const Sources sources(arguments, *input);
  certs::ServeOptions options;
  options.search.at = input->at;
  options.search.purpose = certs::Purpose::judge;
  options.search.stale_roots = arguments.expired_roots;
  const certs::ServedChain chain =
      certs::build_served_chain(input->leaf, sources.asked(), *input->profile, options);
  for (const certs::Error& problem : sources.cache_problems()) {
    err.line("note: " + problem.describe());
  }
  if (const int written = print_chain(arguments, chain); written != kOk) {
    return written;
  }
  if (!chain.complete) {
    err.line(err.styled(Style::bad, "no path") + ": " + to_string(chain.failure->reason) + ": " +
             chain.failure->describe() + remedy_for(*chain.failure, arguments));
    return kNo;
  }
  return kOk;
}

void add_aia_options(CLI::App& app, ChainArguments& arguments) {
  auto* aia = app.add_flag("--aia", arguments.aia,
                           "Download missing issuers from where the certificates say they are");
  app.add_option("--aia-cache", arguments.aia_cache,
                 "Folder that keeps what was downloaded; without --aia only what it holds is used")
      ->type_name("DIR");
  app.add_flag("--aia-allow-private", arguments.aia_allow_private,
               "Also download from private and loopback addresses, and from ports other than 80")
      ->needs(aia);
  app.add_option("--aia-proxy", arguments.aia_proxy,
                 "Download through this HTTP proxy, such as http://127.0.0.1:3128; whether an "
                 "address may be reached is then up to the proxy")
      ->needs(aia)
      ->type_name("URL");
}

}  // namespace

Command chain_command(CLI::App& parent) {
  auto arguments = std::make_shared<ChainArguments>();
  CLI::App* app = parent.add_subcommand("chain", "Build the chain of one certificate and print it");
  app->footer(
      "Example:\n"
      "  chainmend chain --leaf mail.pem --bundle ca/ --roots roots.pem --out full.pem\n"
      "Exit status: 0 built, 1 no path, 2 bad input.");
  app->add_option(
         "--leaf", arguments->leaf,
         "Certificate to build for: PEM, DER, PKCS#7 or PKCS#12; what else is in the file is used")
      ->required()
      ->type_name("FILE");
  app->add_option(
         "--bundle", arguments->bundles,
         "Possible intermediates: files, folders, quoted patterns, pipes; - is standard input")
      ->type_name("PATH");
  app->add_option("--roots", arguments->roots,
                  "Trusted roots, likewise; the system's store when not given")
      ->type_name("PATH");
  app->add_option("--at", arguments->at,
                  "Moment to judge validity at, as 2026-11-22T10:00:00Z or in seconds since 1970")
      ->type_name("TIME");
  app->add_flag("--expired-roots", arguments->expired_roots,
                "Accept a root outside its validity when nothing else is left, as some phones do");
  app->add_option("--password-file", arguments->password_file,
                  "File whose first line opens a PKCS#12 leaf")
      ->type_name("FILE");
  add_aia_options(*app, *arguments);
  auto* json = app->add_flag("--json", arguments->json, "Print JSON");
  app->add_flag("--pem", arguments->pem, "Print PEM, leaf first, and nothing else")->excludes(json);
  app->add_option("--out", arguments->out, "Write PEM (or JSON) to this file")->type_name("FILE");
  return {app, [arguments] { return run_chain(*arguments); }};
}

}  // namespace chainmend::cli
