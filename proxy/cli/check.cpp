// chainmend check: everything that `run` does before it listens, and a report of what it would
// serve.
#include <CLI/CLI.hpp>
#include <algorithm>
#include <map>
#include <memory>
#include <nlohmann/json.hpp>

#include "certs/chain_report.h"
#include "config/config.h"
#include "proxy/cli/chain_table.h"
#include "proxy/cli/command.h"
#include "proxy/cli/config_file.h"
#include "proxy/cli/diagnostics.h"
#include "proxy/cli/terminal.h"
#include "proxy/net/http_fetcher.h"
#include "proxy/serving/build_chains.h"
#include "proxy/serving/builder.h"
#include "proxy/serving/load_policies.h"
#include "proxy/tls/policy_notes.h"
#include "proxy/version.h"

namespace chainmend::cli {

namespace {

using Json = nlohmann::ordered_json;

std::string joined(const std::vector<std::string>& words) {
  std::string text;
  for (const std::string& word : words) {
    text += (text.empty() ? "" : ", ") + word;
  }
  return text;
}

std::string addresses(const config::Listener& listener) {
  std::vector<std::string> texts;
  texts.reserve(listener.listen.size());
  for (const auto& endpoint : listener.listen) {
    texts.push_back(endpoint.value.text());
  }
  return joined(texts);
}

// "who calls certauth.contoso.com, is in 10.30.0.0/16, and is a mitel_ip400"
std::string conditions(const config::Passthrough& some) {
  std::vector<std::string> parts;
  if (!some.match.sni.empty()) {
    parts.push_back("calls " + joined(some.match.sni));
  }
  if (!some.match.source.empty()) {
    parts.push_back("comes from " + joined(config::texts(some.match.source)));
  }
  if (!some.client_types.empty()) {
    parts.push_back("is " + joined(config::values(some.client_types)));
  }
  std::string text;
  for (const std::string& part : parts) {
    text += (text.empty() ? "who " : " and ") + part;
  }
  return text;
}

using Policies = std::map<std::string, tls::TlsPolicy>;

// What to know of the TLS policies of a listener, each note once.
std::vector<std::string> notes_on(const Policies& policies, const config::Listener& listener) {
  std::vector<std::string> notes;
  const auto add = [&](const std::string& name) {
    for (std::string& note : tls::policy_notes(policies.at(name), tls::capability())) {
      if (std::ranges::find(notes, note) == notes.end()) {
        notes.push_back(std::move(note));
      }
    }
  };
  if (listener.tls && listener.mode != config::Mode::passthrough) {
    add(listener.policy.value);
  }
  for (const config::ForClients& some : listener.for_clients) {
    if (some.policy) {
      add(some.policy->value);
    }
  }
  return notes;
}

// Those that everyone gets first, each once.
std::vector<std::string> certificates_of(const config::Listener& listener) {
  std::vector<std::string> names = config::values(listener.certificates);
  for (const config::ForClients& some : listener.for_clients) {
    for (const std::string& name : config::values(some.certificates)) {
      if (std::ranges::find(names, name) == names.end()) {
        names.push_back(name);
      }
    }
  }
  return names;
}

void print_certificate(const Terminal& out, const serving::CertificateReport& report) {
  const certs::ServedChain& chain = report.chain;
  const bool automatic = report.chain_name == serving::kAutomaticChain;
  out.line("  certificate " + out.styled(Style::bold, report.name) + " (" + report.key + ") for " +
           joined(chain.certificates.front().certificate->names()) +
           (automatic ? "" : ", chain " + out.styled(Style::bold, report.chain_name)));
  print_links(out, chain);
  if (!report.accepted_by.empty()) {
    out.line("  accepted with the roots of " + joined(report.accepted_by));
  }
  out.line(chain.complete ? "  chain " + out.styled(Style::good, "complete") +
                                ", ends at the root " + chain.anchor->subject()
           : serving::lacks_issuer(chain)
               ? "  chain " + out.styled(Style::bad, "incomplete") + ": " +
                     chain.failure->describe()
               : "  self-signed: clients have to trust the certificate itself");
}

void print_report(const Terminal& out, const config::Config& config, const Policies& policies,
                  const serving::Build& build) {
  for (const config::Listener& listener : config.listeners) {
    out.line("listener " + out.styled(Style::bold, listener.name) + " on " + addresses(listener) +
             ", " + config::to_string(listener.mode) +
             (listener.mode == config::Mode::passthrough
                  ? " to " + listener.routes.front().upstream
                  : ", TLS policy " + (listener.tls ? listener.policy.value : "off")));
    for (const config::Passthrough& some : listener.passthrough) {
      out.line("  passes on to " + out.styled(Style::bold, some.upstream) + " " + conditions(some));
    }
    for (const config::ForClients& some : listener.for_clients) {
      out.line("  for " + out.styled(Style::bold, some.client_type.value) + ": TLS policy " +
               (some.policy ? some.policy->value : listener.policy.value) +
               (some.certificates.empty()
                    ? ""
                    : ", certificates " + joined(config::values(some.certificates))) +
               ", chain " + (some.chain ? some.chain->value : serving::kAutomaticChain));
    }
    for (const std::string& note : notes_on(policies, listener)) {
      out.line("  note: " + note);
    }
    for (const std::string& name : certificates_of(listener)) {
      for (const serving::CertificateReport& report : build.certificates) {
        if (report.name == name &&
            std::ranges::find(report.listeners, listener.name) != report.listeners.end()) {
          print_certificate(out, report);
        }
      }
    }
  }
}

Json as_json(const config::Passthrough& some) {
  return {{"server_name", some.match.sni},
          {"source", config::texts(some.match.source)},
          {"client_type", config::values(some.client_types)},
          {"upstream", some.upstream}};
}

Json as_json(const config::Diagnostics& diagnostics) {
  Json list = Json::array();
  for (const config::Diagnostic& d : diagnostics) {
    list.push_back(
        {{"file", d.at.file}, {"line", d.at.line}, {"column", d.at.column}, {"text", d.text}});
  }
  return list;
}

// Null: not ours to say.
Json policy_of(const config::Listener& listener) {
  if (listener.mode == config::Mode::passthrough) {
    return nullptr;
  }
  return listener.tls ? listener.policy.value : "off";
}

Json as_json(const config::Config& config, const Policies& policies, const serving::Build& build) {
  Json listeners = Json::array();
  for (const config::Listener& listener : config.listeners) {
    Json for_clients = Json::array();
    for (const config::ForClients& some : listener.for_clients) {
      for_clients.push_back({{"client_type", some.client_type.value},
                             {"policy", some.policy ? some.policy->value : listener.policy.value},
                             {"certificates", config::values(listener.certificates_of(some))},
                             {"chain", some.chain ? some.chain->value : serving::kAutomaticChain}});
    }
    Json passthrough = Json::array();
    for (const config::Passthrough& some : listener.passthrough) {
      passthrough.push_back(as_json(some));
    }
    listeners.push_back({{"name", listener.name},
                         {"addresses", addresses(listener)},
                         {"mode", config::to_string(listener.mode)},
                         {"policy", policy_of(listener)},
                         {"for_clients", for_clients},
                         {"passthrough", passthrough},
                         {"notes", notes_on(policies, listener)},
                         {"certificates", config::values(listener.certificates)}});
  }
  Json certificates = Json::array();
  for (const serving::CertificateReport& report : build.certificates) {
    Json one = {{"name", report.name},
                {"key", report.key},
                {"chain_name", report.chain_name},
                {"listeners", report.listeners},
                {"accepted_by", report.accepted_by},
                {"names", report.chain.certificates.front().certificate->names()}};
    one.update(certs::to_json(report.chain));
    certificates.push_back(one);
  }
  return {{"listeners", listeners}, {"certificates", certificates}};
}

int check(const config::Path& file, bool json) {
  metrics::Metrics metrics({kVersion, ""});
  tls::TicketKeys tickets;
  tls::SessionStore sessions;
  net::HttpFetcher fetcher;
  const Terminal err(stderr);
  const serving::BuildServices services{
      metrics, tickets, sessions, fetcher, {}, [&err](const std::string& what) {
        if (err.is_terminal()) {
          err.line(err.styled(Style::dim, what + " ..."));
        }
      }};
  auto config = config::load(file);
  config::Result<serving::Build> build;
  if (config) {
    build = serving::build(*config, services);
  } else {
    build = tl::unexpected(config.error());
  }
  const config::Diagnostics errors = build ? config::Diagnostics{} : build.error();
  const config::Diagnostics warnings = build ? build->warnings : config::Diagnostics{};
  const config::Diagnostics notes = build ? build->notes : config::Diagnostics{};
  config::Diagnostics said;  // by the build
  const Policies policies = build ? serving::load_policies(*config, said) : Policies{};
  if (json) {
    Json report = build ? as_json(*config, policies, *build) : Json::object();
    report["errors"] = as_json(errors);
    report["warnings"] = as_json(warnings);
    report["notes"] = as_json(notes);
    Terminal(stdout).line(report.dump(2, ' ', false, Json::error_handler_t::replace));
  } else {
    if (build) {
      print_report(Terminal(stdout), *config, policies, *build);
    }
    print(err, Style::bad, "error", errors);
    print(err, Style::warning, "warning", warnings);
    print(err, Style::dim, "note", notes);
  }
  if (!errors.empty()) {
    return kBadInput;
  }
  return warnings.empty() ? kOk : kNo;
}

}  // namespace

Command check_command(CLI::App& parent) {
  auto json = std::make_shared<bool>(false);
  CLI::App* app = parent.add_subcommand(
      "check", "Read the configuration, build every chain, try every TLS policy, and report");
  app->footer(
      "Example:\n"
      "  chainmend check /etc/chainmend/chainmend.yaml\n"
      "Exit status: 0 all is well, 1 it would run but there are warnings, 2 it would not run.");
  const ConfigFile config(*app);
  app->add_flag("--json", *json, "Print JSON");
  return {app, [config, json] {
            const auto file = config.find();
            return file ? check(*file, *json) : kBadInput;
          }};
}

}  // namespace chainmend::cli
