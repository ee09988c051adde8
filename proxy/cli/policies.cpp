// chainmend policies: what each TLS policy means, how it differs from the one it was made from, and
// which of the built-in clients it serves.
#include <fmt/format.h>
#include <CLI/CLI.hpp>

#include <algorithm>
#include <map>
#include <memory>
#include <nlohmann/json.hpp>
#include <vector>

#include "proxy/cli/command.h"
#include "proxy/cli/diagnostics.h"
#include "proxy/cli/named_policies.h"
#include "proxy/cli/terminal.h"
#include "proxy/clients/stacks.h"
#include "proxy/tls/capability.h"
#include "proxy/tls/connects.h"
#include "proxy/tls/policy_notes.h"
#include "proxy/tls/policy_words.h"
#include "proxy/tls/probe.h"

namespace chainmend::cli {

namespace {

using Json = nlohmann::ordered_json;
using tls::TlsPolicy;

constexpr std::size_t kWidth = 80;

struct Options {
  std::string name;    // empty: all
  std::string config;  // empty: the built-in ones alone
  bool as_openssl = false;
  bool json = false;
};

// One client under one policy, with a certificate of each key type.
struct Served {
  const clients::ClientStack* stack;
  tls::Connects rsa;
  tls::Connects ecdsa;
};

std::vector<Served> served_by(const TlsPolicy& policy) {
  const auto offered = [](const tls::Identity& one) {
    return tls::OfferedKey{one.certificate.get(), one.key.get()};
  };
  std::vector<Served> all;
  for (const clients::ClientStack& stack : clients::client_stacks()) {
    all.push_back({&stack, tls::connects(stack, policy, offered(tls::probe_rsa())),
                   tls::connects(stack, policy, offered(tls::probe_ecdsa()))});
  }
  return all;
}

std::string versions_of(const TlsPolicy& policy) {
  const std::string lowest = tls::version_name(policy.min_version);
  return policy.min_version == policy.max_version
             ? lowest
             : lowest + " to " + tls::version_name(policy.max_version);
}

// The label, then the text from column `indent` on, in lines of at most kWidth.
void print_wrapped(const Terminal& out, std::size_t indent, std::string label,
                   const std::string& text) {
  label.resize(std::max(label.size(), indent), ' ');
  std::string line = std::move(label);
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t end = std::min(text.find(' ', at), text.size());
    const std::size_t size = end - at;
    if (line.size() > indent && line.size() + 1 + size > kWidth) {
      out.line(line);
      line = std::string(indent, ' ');
    }
    line += (line.size() > indent ? " " : "") + text.substr(at, size);
    at = end + 1;
  }
  out.line(line);
}

void print_fact(const Terminal& out, const std::string& label, const std::string& text) {
  print_wrapped(out, 24, "  " + label, text);
}

std::string cell(const tls::Connects& found) {
  return found ? tls::version_name(found.version) : std::string("no: ") + to_string(found.obstacle);
}

// Each reason once, with the clients that it keeps out.
void print_reasons(const Terminal& out, const std::vector<Served>& all) {
  std::map<std::string, std::vector<std::string>> by_reason;
  for (const Served& one : all) {
    for (const tls::Connects* found : {&one.rsa, &one.ecdsa}) {
      auto& names = by_reason[found->why];
      const std::string name(one.stack->name);
      if (!found->why.empty() && std::ranges::find(names, name) == names.end()) {
        names.push_back(name);
      }
    }
  }
  for (const auto& [why, names] : by_reason) {
    if (!why.empty()) {
      print_wrapped(out, 4, "  -", fmt::format("{}: {}", why, fmt::join(names, ", ")));
    }
  }
}

void print_clients(const Terminal& out, const TlsPolicy& policy) {
  const std::vector<Served> all = served_by(policy);
  std::vector<std::vector<std::string>> rows;
  bool any_assumed = false;
  for (const Served& one : all) {
    const bool assumed = !one.stack->assumed.empty();
    any_assumed = any_assumed || assumed;
    rows.push_back(
        {std::string(one.stack->name) + (assumed ? " *" : ""), cell(one.rsa), cell(one.ecdsa)});
  }
  out.line();
  out.line("Clients, with a certificate of RSA 2048 and one of ECDSA P-256:");
  out.table({"CLIENT", "RSA", "ECDSA"}, rows);
  out.line();
  out.line("Why not:");
  print_reasons(out, all);
  if (any_assumed) {
    out.line("* assumed in part: --json says what, and where the rest was published");
  }
}

void print_policy(const Terminal& out, const TlsPolicy& policy, const TlsPolicy* base) {
  out.line(out.styled(Style::bold, policy.name) + ": " + versions_of(policy));
  print_fact(out, "suites of TLS 1.3", fmt::format("{}", fmt::join(policy.suites, ", ")));
  print_fact(out, "suites up to TLS 1.2",
             policy.min_version < TLS1_3_VERSION
                 ? fmt::format("{}", fmt::join(policy.ciphers, ", "))
                 : "none");
  print_fact(out, "groups", fmt::format("{}", fmt::join(policy.groups, ", ")));
  print_fact(out, "Diffie-Hellman group", std::to_string(policy.dh_bits) + " bits");
  print_fact(out, "security level", std::to_string(policy.security_level()));
  print_fact(out, "session tickets", policy.tickets ? "yes" : "no, session ids alone");
  print_fact(out, "empty fragments", policy.empty_fragments ? "yes" : "no");
  if (base != nullptr) {
    out.line("  compared with " + base->name + ":");
    for (const std::string& difference : tls::differences(policy, *base)) {
      print_wrapped(out, 4, "  -", difference);
    }
  }
  for (const std::string& note : tls::policy_notes(policy, tls::capability())) {
    print_wrapped(out, 4, "  note:", note);
  }
}

void print_openssl(const Terminal& out, const TlsPolicy& policy) {
  out.line("# " + policy.name + ": openssl s_server");
  for (const std::string& option : tls::as_openssl(policy)) {
    out.line(option);
  }
  out.line("# " + policy.name + ": nginx");
  for (const std::string& directive : tls::as_nginx(policy)) {
    out.line(directive);
  }
}

Json as_json(const tls::Connects& found) {
  if (!found) {
    return {{"connects", false}, {"obstacle", to_string(found.obstacle)}, {"why", found.why}};
  }
  return {{"connects", true},
          {"version", tls::version_name(found.version)},
          {"suite", found.suite},
          {"group", found.group.empty() ? Json() : Json(found.group)}};
}

Json as_json(const TlsPolicy& policy, const TlsPolicy* base) {
  Json all = Json::array();
  for (const Served& one : served_by(policy)) {
    all.push_back({{"name", one.stack->name},
                   {"client_type", one.stack->type},
                   {"software", one.stack->software},
                   {"source", one.stack->source},
                   {"assumed", one.stack->assumed.empty() ? Json() : Json(one.stack->assumed)},
                   {"rsa", as_json(one.rsa)},
                   {"ecdsa", as_json(one.ecdsa)}});
  }
  return {{"name", policy.name},
          {"base", base == nullptr ? Json() : Json(base->name)},
          {"min", tls::version_name(policy.min_version)},
          {"max", tls::version_name(policy.max_version)},
          {"suites", policy.suites},
          {"ciphers", policy.ciphers},
          {"groups", policy.groups},
          {"dh_bits", policy.dh_bits},
          {"security_level", policy.security_level()},
          {"tickets", policy.tickets},
          {"empty_fragments", policy.empty_fragments},
          {"differences",
           base == nullptr ? std::vector<std::string>{} : tls::differences(policy, *base)},
          {"notes", tls::policy_notes(policy, tls::capability())},
          {"openssl", tls::as_openssl(policy)},
          {"nginx", tls::as_nginx(policy)},
          {"clients", all}};
}

int run_policies(const Options& options) {
  const auto policies = load_named_policies(options.config);
  if (!policies) {
    return kBadInput;
  }
  const auto named = [&](const std::string& name) -> const TlsPolicy* {
    const auto found = std::ranges::find(*policies, name, &TlsPolicy::name);
    return found == policies->end() ? nullptr : &*found;
  };
  if (!options.name.empty() && named(options.name) == nullptr) {
    return no_such_policy(options.name, *policies);
  }
  const Terminal out(stdout);
  Json list = Json::array();
  for (const TlsPolicy& policy : *policies) {
    if (!options.name.empty() && options.name != policy.name) {
      continue;
    }
    const TlsPolicy* base = named(policy.base);
    if (options.json) {
      list.push_back(as_json(policy, base));
    } else if (options.as_openssl) {
      print_openssl(out, policy);
    } else {
      print_policy(out, policy, base);
      if (!options.name.empty()) {
        print_clients(out, policy);
      }
      out.line();
    }
  }
  if (options.json) {
    out.line(list.dump(2));
  } else if (options.name.empty() && !options.as_openssl && out.is_terminal()) {
    out.line("\"chainmend policies NAME\" says which clients a policy serves.");
  }
  return kOk;
}

}  // namespace

Command policies_command(CLI::App& parent) {
  auto options = std::make_shared<Options>();
  CLI::App* app = parent.add_subcommand(
      "policies", "Show what each TLS policy means, and which clients it leaves out");
  app->footer(
      "Examples:\n"
      "  chainmend policies\n"
      "  chainmend policies intermediate\n"
      "  chainmend policies old-phones -c chainmend.yaml\n"
      "  chainmend policies legacy-tls10 --as-openssl\n"
      "Exit status: 0 told, 2 there is no such policy, or the configuration cannot be read.");
  app->add_option("NAME", options->name, "One policy, with the clients that it serves");
  app->add_option("-c,--config", options->config, "Show the policies of this configuration too")
      ->type_name("FILE");
  app->add_flag("--as-openssl", options->as_openssl,
                "Print what to give to openssl and nginx for the same");
  app->add_flag("--json", options->json, "Print JSON, with every client under every policy");
  return {app, [options] { return run_policies(*options); }};
}

}  // namespace chainmend::cli
