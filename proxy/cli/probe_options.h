// What `chainmend probe` is told on its command line, and what that comes to: roots, bundles,
// client types, each refused with the option that is wrong.
#pragma once

#include <CLI/App.hpp>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "certs/issuer_set.h"
#include "certs/result.h"
#include "proxy/diagnose/probe/probe.h"

namespace chainmend::cli {

struct ProbeArguments {
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
  std::string against;  // a file or a target
  bool json = false;
  bool list_types = false;
};

// All but the target and the sources; the name to ask for, when it was given.
certs::Result<diagnose::ProbeOptions> read_probe_options(const ProbeArguments& arguments);

// The options that `probe` and `measure` share: the servers, the name to ask for, and the roots and
// other certificates by which they are judged.
void add_server_options(CLI::App& app, ProbeArguments& arguments);

// The rows of client types by these names; all when there is none. The error names a wrong one.
certs::Result<std::vector<const clients::ClientStack*>> stacks_for(
    const std::vector<std::string>& types);

certs::Result<std::shared_ptr<const certs::IssuerSet>> read_bundles(
    const std::vector<std::string>& paths);

}  // namespace chainmend::cli
