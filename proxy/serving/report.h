// Report: what a configuration comes to: who gets what from which listener, and what was found out
// while it was built. `check` prints it and /status shows it, so both say the same.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "config/config.h"
#include "proxy/serving/builder.h"
#include "proxy/upstream/trial.h"

namespace chainmend::serving {

// Which clients of a listener shake hands under which policy. The first row that fits a client is
// its own; the last row is everybody else.
struct TermsReport {
  std::string client_type;        // empty: everybody else
  std::vector<std::string> from;  // networks; empty: from anywhere
  std::string known_by;           // what tells the type: "chainmend.yaml:12:5", "its ClientHello"
  std::string policy;
  std::uint16_t min_version = 0;
  std::uint16_t max_version = 0;
  std::vector<std::string> certificates;  // by name
  std::string chain;                      // kAutomaticChain, or a variant's name
};

// Which clients' TLS is not ours.
struct PassthroughReport {
  std::vector<std::string> server_names, sources, client_types;  // empty: any
  std::string upstream;
};

struct ListenerReport {
  std::string name;
  config::Mode mode = config::Mode::http;
  std::vector<std::string> addresses;     // as configured
  std::vector<std::string> certificates;  // that everybody gets first, then those of some clients
  std::vector<TermsReport> terms;         // empty: no TLS ends here
  std::vector<PassthroughReport> passthrough;
  std::vector<std::string> policies() const;  // of `terms`, each once
};

struct PolicyReport {
  std::string name;
  std::vector<std::string> notes;  // who is left out all the same
};

struct UpstreamReport {
  std::string name;
  std::vector<std::string> servers;            // as upstream::Server::name()
  std::vector<upstream::TrialResult> answers;  // of the servers; empty: they were not asked
};

struct Report {
  std::vector<ListenerReport> listeners;
  std::vector<PolicyReport> policies;  // that some listener uses
  std::vector<CertificateReport> certificates;
  std::vector<UpstreamReport> upstreams;
  config::Diagnostics warnings, notes;
};

Report make_report(const config::Config& config, const Build& build);

}  // namespace chainmend::serving
