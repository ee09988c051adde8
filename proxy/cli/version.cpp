// chainmend version: what this program is, and what the OpenSSL it is linked with can do.
#include "proxy/version.h"

#include <CLI/CLI.hpp>
#include <cstdio>
#include <memory>
#include <nlohmann/json.hpp>

#include "proxy/cli/command.h"
#include "proxy/cli/terminal.h"
#include "proxy/tls/capability.h"

namespace chainmend::cli {

namespace {

int print_version(bool json) {
  const tls::Capability& can = tls::capability();
  const std::pair<const char*, bool> abilities[] = {
      {"SSL 3.0", can.ssl3},    {"TLS 1.0", can.tls1_0},
      {"TLS 1.1", can.tls1_1},  {"TLS 1.2", can.tls1_2},
      {"TLS 1.3", can.tls1_3},  {"RC4", can.rc4},
      {"3DES", can.triple_des}, {"SSLv2-format hello", can.sslv2_hello}};
  const Terminal out(stdout);
  if (json) {
    nlohmann::ordered_json able;
    for (const auto& [name, yes] : abilities) {
      able[name] = yes;
    }
    const nlohmann::ordered_json all = {
        {"version", kVersion}, {"openssl", can.library}, {"can", able}};
    out.line(all.dump(2));
    return kOk;
  }
  out.line(std::string("chainmend ") + kVersion);
  out.line(can.library);
  for (const auto& [name, yes] : abilities) {
    out.line(std::string("  ") + name + ": " +
             (yes ? out.styled(Style::good, "yes") : out.styled(Style::dim, "no")));
  }
  return kOk;
}

}  // namespace

Command version_command(CLI::App& parent) {
  auto json = std::make_shared<bool>(false);
  CLI::App* app =
      parent.add_subcommand("version", "Print the version and what the linked OpenSSL can do");
  app->footer(
      "Example:\n"
      "  chainmend version --json\n"
      "Exit status: 0.");
  app->add_flag("--json", *json, "Print JSON");
  return {app, [json] { return print_version(*json); }};
}

}  // namespace chainmend::cli
