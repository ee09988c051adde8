// chainmend import-f5: a configuration that stands in for the virtuals of a BIG-IP.
#include <CLI/CLI.hpp>
#include <algorithm>
#include <filesystem>
#include <memory>
#include <optional>

#include "certs/certificate_reader.h"
#include "config/quote.h"
#include "proxy/cli/command.h"
#include "proxy/cli/diagnostics.h"
#include "proxy/cli/import_f5_report.h"
#include "proxy/cli/terminal.h"
#include "proxy/cli/write_new_file.h"
#include "proxy/diagnose/f5/import.h"
#include "proxy/diagnose/f5/look_alikes.h"
#include "proxy/diagnose/f5/sources.h"
#include "proxy/diagnose/read/decoder.h"
#include "proxy/diagnose/read/log_files.h"

namespace chainmend::cli {

namespace {

namespace f5 = diagnose::f5;

struct ImportArguments {
  std::vector<std::string> paths;
  std::vector<std::string> maps;  // ADDRESS=ADDRESS
  std::string cert_dir;
  std::string out;  // folder; empty: standard output
  f5::ImportOptions options;
  bool mended = false;
  bool lab_keys = false;
  bool force = false;
  bool json = false;
};

// False, with a message, when one is no pair.
bool read_maps(ImportArguments& arguments) {
  for (const std::string& one : arguments.maps) {
    const auto equals = one.find('=');
    if (equals == std::string::npos || equals == 0 || equals + 1 == one.size()) {
      fail("--map: expected ADDRESS=ADDRESS, found " + config::quote(one));
      return false;
    }
    arguments.options.addresses[one.substr(0, equals)] = one.substr(equals + 1);
  }
  return true;
}

// The files of --cert-dir beside those of an archive.
f5::CertificateStore read_store(const f5::Sources& sources, const std::string& folder) {
  f5::CertificateStore store(sources);
  if (folder.empty()) {
    return store;
  }
  for (const std::string& file : diagnose::log_files({folder}).files) {
    if (auto bytes = certs::read_file(file)) {
      store.add_file(file, *std::move(bytes));
    }
  }
  return store;
}

// False, with a message, when the configuration is of no kind that can be taken.
bool fits(const f5::Configuration& config) {
  for (const std::string& file : config.old_files()) {
    fail(diagnose::shown_text(file) +
         ": the language of version 9 or 10: bring the BIG-IP to 11 or later, or load the file on "
         "one, and take what `tmsh save sys config` writes there");
  }
  if (!config.old_files().empty()) {
    return false;
  }
  if (config.all("ltm virtual").empty()) {
    fail(
        "no virtual server in what was named: give bigip.conf, the files of the partitions, an SCF "
        "or a UCS");
    return false;
  }
  return true;
}

std::optional<std::string> write_files(const ImportArguments& arguments, const f5::Import& import) {
  namespace fs = std::filesystem;
  const fs::path folder(arguments.out);
  const Replace replace = arguments.force ? Replace::yes : Replace::no;
  std::error_code error;
  fs::create_directories(folder / "certs", error);
  if (error) {
    return arguments.out + ": cannot be made: " + error.message();
  }
  for (const f5::ImportedFile& file : import.files) {
    if (!file.is_at_hand) {
      continue;
    }
    const std::string content(file.bytes.begin(), file.bytes.end());
    if (const auto problem =
            write_new_file(folder / file.name, content, replace, file.is_secret ? 0600 : 0640)) {
      return (folder / file.name).string() + ": cannot be written: " + *problem;
    }
  }
  if (const auto problem = write_new_file(folder / "chainmend.yaml", import.yaml, replace)) {
    return (folder / "chainmend.yaml").string() + ": cannot be written: " + *problem;
  }
  return std::nullopt;
}

// Of names that lead nowhere. True: there are none.
bool all_known(const f5::Import& import) {
  for (const std::string& name : import.unknown) {
    fail("--virtual: no file has a virtual " + config::quote(name));
  }
  for (const std::string& address : import.unused_addresses) {
    fail("--map: nothing has the address " + config::quote(address));
  }
  return import.unknown.empty() && import.unused_addresses.empty();
}

constexpr const char* kLabRoot = "certs/lab-root.crt";
constexpr const char* kLabIssuers = "certs/lab-issuers.crt";

// What --lab-keys puts in place of certificates that are not at hand. Unset, with a message, when
// that is not possible.
std::optional<f5::LookAlikes> make_lab_keys(ImportArguments& arguments,
                                            const f5::Configuration& config,
                                            f5::CertificateStore& store) {
  const auto now = std::chrono::floor<std::chrono::seconds>(std::chrono::system_clock::now());
  auto made = f5::make_look_alikes(config, store, now);
  if (!made) {
    fail("--lab-keys: " + diagnose::shown_text(made.error().describe()));
    return std::nullopt;
  }
  if (!made->made.empty()) {
    arguments.options.trust = {kLabRoot};
    arguments.options.bundles = {kLabIssuers};
  }
  return *std::move(made);
}

int import(ImportArguments arguments) {
  if (!read_maps(arguments)) {
    return kBadInput;
  }
  const f5::Sources sources = f5::read_sources(arguments.paths);
  for (const std::string& failure : sources.failures) {
    fail(diagnose::shown_text(failure));
  }
  if (!sources.failures.empty()) {
    return kBadInput;
  }
  const f5::Configuration config(sources);
  if (!fits(config)) {
    return kBadInput;
  }
  f5::CertificateStore store = read_store(sources, arguments.cert_dir);
  std::optional<f5::LookAlikes> lab;
  if (arguments.lab_keys) {
    lab = make_lab_keys(arguments, config, store);
    if (!lab) {
      return kBadInput;
    }
  }
  f5::Import result = f5::import_f5(config, store, arguments.options);
  if (lab && !lab->made.empty()) {
    result.files.push_back({kLabRoot, "the root of --lab-keys", false, true, lab->root});
    result.files.push_back(
        {kLabIssuers, "the intermediates of --lab-keys", false, true, lab->issuers});
  }
  if (!all_known(result)) {
    return kBadInput;
  }
  if (result.taken > 0 && !arguments.out.empty()) {
    if (const auto problem = write_files(arguments, result)) {
      return fail(diagnose::shown_text(*problem));
    }
  }
  const ImportReport report{result, config.problems(), arguments.out};
  if (arguments.json) {
    print_json(Terminal(stdout), report);
  } else {
    if (arguments.out.empty() && result.taken > 0) {
      Terminal(stdout).line(result.yaml);
    }
    print(Terminal(arguments.out.empty() ? stderr : stdout), report);
  }
  if (result.taken == 0) {
    return kBadInput;
  }
  return is_whole(report) ? kOk : kNo;
}

}  // namespace

Command import_f5_command(CLI::App& parent) {
  auto arguments = std::make_shared<ImportArguments>();
  CLI::App* app = parent.add_subcommand(
      "import-f5", "Write a configuration that stands in for the virtual servers of an F5 BIG-IP");
  app->footer(
      "Examples:\n"
      "  chainmend import-f5 backup.ucs -o lab\n"
      "  chainmend import-f5 bigip.conf partitions/ --virtual ews --cert-dir ssl -o lab\n"
      "  chainmend import-f5 bigip.conf --as-is --map 10.0.0.5=127.0.0.1\n"
      "Each property of each object is told of: mapped, approximated, not mapped, not\n"
      "needed, or refused. iRules and policies are never executed.\n"
      "Exit status: 0 all has its equal, 1 written, and what it lacks is told, 2 not written.");
  app->add_option("FILE", arguments->paths,
                  "bigip.conf and what completes it, an SCF, a UCS, the output of tmsh list, or a "
                  "folder with these; - is standard input")
      ->required()
      ->type_name("");
  app->add_option("--virtual", arguments->options.virtuals,
                  "Only this virtual server; again for more; also when it is disabled")
      ->allow_extra_args(false)
      ->type_name("NAME");
  app->add_option("--cert-dir", arguments->cert_dir,
                  "Folder with the certificates and keys, called as the BIG-IP calls them")
      ->type_name("DIR");
  app->add_option("--map", arguments->maps,
                  "An address of the BIG-IP or of a server, and the one that stands for it here")
      ->allow_extra_args(false)
      ->type_name("ADDR=ADDR");
  auto* as_is =
      app->add_flag("--as-is", arguments->options.as_is,
                    "With the certificate lists, time-outs and limits of the BIG-IP, to see "
                    "fail what fails there");
  app->add_flag("--mended", arguments->mended, "With chains that chainmend builds; the default")
      ->excludes(as_is);
  app->add_flag(
      "--i-know", arguments->options.i_know,
      "Take also what the BIG-IP guards by means that are not here: APM, ASM, iRules that "
      "refuse, source addresses, certificates of clients");
  app->add_flag("--lab-keys", arguments->lab_keys,
                "Make look-alikes of certificates whose keys are not at hand, with the same names, "
                "dates and issuers, and a root of their own: for a lab");
  app->add_option("-o,--out", arguments->out,
                  "Folder for chainmend.yaml and certs/; without it YAML goes to standard output")
      ->type_name("DIR");
  app->add_flag("--force", arguments->force, "Replace files that are there");
  app->add_flag("--json", arguments->json, "Print JSON");
  return {app, [arguments] { return import(*arguments); }};
}

}  // namespace chainmend::cli
