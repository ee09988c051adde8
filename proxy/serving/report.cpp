#include "proxy/serving/report.h"

#include <algorithm>
#include <filesystem>
#include <ranges>

#include "proxy/serving/build_chains.h"
#include "proxy/tls/policy_notes.h"

namespace chainmend::serving {

namespace {

void add_once(std::vector<std::string>& list, const std::string& one) {
  if (std::ranges::find(list, one) == list.end()) {
    list.push_back(one);
  }
}

TermsReport terms(const config::Listener& listener, const config::ForClients* some,
                  const Build& build) {
  const bool own_policy = some != nullptr && some->policy;
  const tls::TlsPolicy& policy =
      build.policies.at(own_policy ? some->policy->value : listener.policy.value);
  TermsReport report;
  report.policy = policy.name;
  report.min_version = policy.min_version;
  report.max_version = policy.max_version;
  report.certificates =
      config::values(some != nullptr ? listener.certificates_of(*some) : listener.certificates);
  report.chain = some != nullptr && some->chain ? some->chain->value : kAutomaticChain;
  return report;
}

// A row for each way to be of the type: the operator's rules for it, then the built-in ones.
void add_terms(const config::Config& config, const config::Listener& listener,
               const config::ForClients& some, const Build& build, std::vector<TermsReport>& rows) {
  const std::size_t before = rows.size();
  TermsReport row = terms(listener, &some, build);
  row.client_type = some.client_type.value;
  for (const config::ClientTypeRule& rule : config.client_types) {
    const auto& where = rule.match.listener;
    if (rule.name == row.client_type &&
        (where.empty() || std::ranges::find(where, listener.name) != where.end())) {
      row.from = config::texts(rule.match.source);
      config::Location at = rule.at;
      at.file = std::filesystem::path(at.file).filename().string();
      row.known_by = at.describe();
      rows.push_back(row);
    }
  }
  const auto* const built_in = config::built_in_client_type(row.client_type);
  if (built_in != nullptr && built_in->known_by == config::KnownBy::hello) {
    row.from.clear();
    row.known_by = "its ClientHello";
    rows.push_back(row);
  }
  if (rows.size() == before) {
    row.known_by = "nothing: no rule of client_types names it";
    rows.push_back(row);
  }
}

ListenerReport listener_report(const config::Config& config, const config::Listener& from,
                               const Build& build) {
  ListenerReport report;
  report.name = from.name;
  report.mode = from.mode;
  for (const auto& endpoint : from.listen) {
    report.addresses.push_back(endpoint.value.text());
  }
  report.certificates = config::values(from.certificates);
  for (const config::ForClients& some : from.for_clients) {
    for (const std::string& name : config::values(some.certificates)) {
      add_once(report.certificates, name);
    }
  }
  if (from.tls && from.mode != config::Mode::passthrough) {
    for (const config::ForClients& some : from.for_clients) {
      add_terms(config, from, some, build, report.terms);
    }
    report.terms.push_back(terms(from, nullptr, build));
  }
  for (const config::Passthrough& some : from.passthrough) {
    report.passthrough.push_back({some.match.sni, config::texts(some.match.source),
                                  config::values(some.client_types), some.upstream});
  }
  if (from.mode == config::Mode::passthrough) {
    report.passthrough.push_back({{}, {}, {}, from.routes.front().upstream});
  }
  return report;
}

}  // namespace

std::vector<std::string> ListenerReport::policies() const {
  std::vector<std::string> names;
  for (const TermsReport& row : terms | std::views::reverse) {
    add_once(names, row.policy);
  }
  return names;
}

Report make_report(const config::Config& config, const Build& build) {
  Report report;
  std::vector<std::string> policies;
  for (const config::Listener& from : config.listeners) {
    report.listeners.push_back(listener_report(config, from, build));
    for (const std::string& name : report.listeners.back().policies()) {
      add_once(policies, name);
    }
  }
  for (const std::string& name : policies) {
    report.policies.push_back(
        {name, tls::policy_notes(build.policies.at(name), tls::capability())});
  }
  report.certificates = build.certificates;
  for (const config::Upstream& from : config.upstreams) {
    UpstreamReport upstream{from.name, {}, {}};
    for (const upstream::Peer& peer : build.state->upstreams.at(from.name)->peers) {
      upstream.servers.push_back(peer.server->name());
    }
    report.upstreams.push_back(std::move(upstream));
  }
  report.warnings = build.warnings;
  report.notes = build.notes;
  return report;
}

}  // namespace chainmend::serving
