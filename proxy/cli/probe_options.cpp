#include "proxy/cli/probe_options.h"

#include <CLI/CLI.hpp>
#include <algorithm>
#include <boost/asio/ip/address.hpp>
#include <map>
#include <utility>

#include "certs/certificate_reader.h"
#include "certs/trust_profile.h"
#include "config/quote.h"
#include "config/suggest.h"
#include "config/values.h"

namespace chainmend::cli {

namespace {

using certs::Result;

tl::unexpected<certs::Error> refuse(const std::string& text) {
  return certs::fail(certs::ErrorCode::malformed, text);
}

Result<certs::TrustProfilePtr> read_roots(const std::string& name,
                                          const std::vector<std::string>& files) {
  auto loaded = files.empty() ? certs::TrustProfile::system()
                              : certs::TrustProfile::from_files(name, files, certs::Pipes::read);
  return loaded.map([](const certs::LoadedProfile& some) { return some.profile; });
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

// TYPE=FILES, which may come several times for one type.
Result<std::map<std::string, certs::TrustProfilePtr>> read_profiles(
    const std::vector<std::string>& profiles) {
  std::map<std::string, std::vector<std::string>> files;
  for (const std::string& profile : profiles) {
    const auto equals = profile.find('=');
    if (equals == std::string::npos) {
      return refuse("--trust-profile: expected TYPE=FILE, found " + config::quote(profile));
    }
    const std::string type = profile.substr(0, equals);
    if (clients::stacks_of(type).empty()) {
      return no_such_type(type);
    }
    files[type].push_back(profile.substr(equals + 1));
  }
  std::map<std::string, certs::TrustProfilePtr> trust;
  for (const auto& [type, its_files] : files) {
    auto own = read_roots(type, its_files);
    if (!own) {
      return tl::unexpected(own.error());
    }
    trust[type] = *own;
  }
  return trust;
}

}  // namespace

Result<std::vector<const clients::ClientStack*>> stacks_for(const std::vector<std::string>& types) {
  std::vector<const clients::ClientStack*> stacks;
  if (types.empty()) {
    for (const clients::ClientStack& stack : clients::client_stacks()) {
      stacks.push_back(&stack);
    }
  }
  for (const std::string& type : types) {
    const auto* const one = clients::find_client_stack(type);
    auto all = one != nullptr ? std::vector{one} : clients::stacks_of(type);
    if (all.empty()) {  // "java": every one of that kind
      for (const clients::ClientStack& stack : clients::client_stacks()) {
        if (stack.name.starts_with(type + "_")) {
          all.push_back(&stack);
        }
      }
    }
    if (all.empty()) {
      return no_such_type(type);
    }
    stacks.insert(stacks.end(), all.begin(), all.end());
  }
  return stacks;
}

Result<std::shared_ptr<const certs::IssuerSet>> read_bundles(
    const std::vector<std::string>& paths) {
  std::vector<certs::Candidate> candidates;
  for (const std::string& path : paths) {
    certs::Reading reading = certs::read_certificate_files(path, {}, certs::Pipes::read);
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

Result<diagnose::ProbeOptions> read_probe_options(const ProbeArguments& arguments) {
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
                    config::quote(arguments.connect) +
                    "; the port stands with the target: mail.contoso.com:8443");
    }
  }
  if (arguments.server_name && *arguments.server_name != "none") {
    const auto name = diagnose::parse_target(*arguments.server_name);
    if (!name || name->is_address || name->text() != name->host + ":443") {
      return refuse("--sni: expected a name such as mail.contoso.com, or none, found " +
                    config::quote(*arguments.server_name));
    }
    options.server_name = name->host;
  }
  auto trust = read_roots("given roots", arguments.roots);
  if (!trust) {
    return tl::unexpected(trust.error());
  }
  options.trust = *trust;
  options.trust_is_given = !arguments.roots.empty();
  auto trust_of = read_profiles(arguments.profiles);
  if (!trust_of) {
    return tl::unexpected(trust_of.error());
  }
  options.trust_of = *std::move(trust_of);
  auto stacks = stacks_for(arguments.types);
  if (!stacks) {
    return tl::unexpected(stacks.error());
  }
  options.stacks = std::move(*stacks);
  return options;
}

void add_server_options(CLI::App& app, ProbeArguments& arguments) {
  app.add_option("TARGET", arguments.targets, "HOST, HOST:PORT, an address or an https:// URL")
      ->type_name("TARGET");
  app.add_option("--sni", arguments.server_name,
                 "Name to ask for, or none; that of the target when not given")
      ->type_name("NAME");
  app.add_option("--connect", arguments.connect, "Address to connect to instead of the target's")
      ->type_name("ADDRESS");
  app.add_option("--bundle", arguments.bundles,
                 "Certificates that may be missing: files, folders or patterns")
      ->type_name("PATH");
  app.add_option("--roots", arguments.roots,
                 "Roots that the clients have; the system's store when not given")
      ->type_name("PATH");
  app.add_option("--trust-profile", arguments.profiles,
                 "Roots that clients of one type have: TYPE=FILE; again for more files")
      ->type_name("TYPE=FILE");
}

}  // namespace chainmend::cli
