// Builder: Config -> ServingState: reads the files it names, builds the chains, tries the policies.
// `run`, reload and `check` all come through here, so what `check` says is what `run` does.
#pragma once

#include <functional>
#include <map>
#include <string>
#include <vector>

#include "certs/served_chain.h"
#include "config/config.h"
#include "proxy/metrics/metrics.h"
#include "proxy/serving/issuers.h"
#include "proxy/serving/serving_state.h"
#include "proxy/serving/upstream_verifier.h"
#include "proxy/tls/session_store.h"
#include "proxy/tls/ticket_keys.h"
#include "proxy/upstream/registry.h"

namespace chainmend::serving {

// What the state refers to and does not own; all of it outlives every state.
struct BuildServices {
  metrics::Metrics& metrics;
  tls::TicketKeys& tickets;
  tls::SessionStore& sessions;
  certs::Fetcher& fetcher;
  UpstreamVerifier::RunInBackground background;  // may be empty
  // Told what is being done, for a reader who waits. May be empty.
  std::function<void(const std::string&)> progress;
  // Told what the chains of upstreams come to that clients are passed through to. May be null.
  logs::Log* log = nullptr;
  // When AIA may be asked again goes by this one.
  SteadyClock clock = &std::chrono::steady_clock::now;
  // Commands that only look keep what AIA brings to themselves.
  certs::AiaCache::Access aia_cache = certs::AiaCache::Access::read_write;
  // The servers that earlier states named, so that this one goes on with them. Null: there were
  // none.
  upstream::Registry* upstreams = nullptr;
  // False: our own chains are built of what is at hand, so that building waits for nobody.
  bool ask_aia = true;
};

// A certificate with one of its chains, for reports and metrics.
struct CertificateReport {
  std::string name;
  std::string key;         // "RSA 2048"
  std::string chain_name;  // kAutomaticChain, or what for_clients calls it
  certs::ServedChain chain;
  std::vector<std::string> accepted_by;  // trust profiles whose clients take it
  std::vector<std::string> listeners;    // that have it to serve
  std::string remedy;                    // what completes it, when something can
};

struct Build {
  ServingStatePtr state;
  std::shared_ptr<AiaService> aia;  // keep it for the next build
  std::vector<CertificateReport> certificates;
  std::map<std::string, tls::TlsPolicy> policies;  // built-in and configured ones, by name
  config::Diagnostics warnings;                    // sorted as found
  config::Diagnostics notes;                       // what is normal and worth knowing; each once
  std::string admin_token;                         // empty: there is none
  bool complete = true;                            // every chain ends in a trusted root
};

// Waits for the network when AIA has to be asked: not on a worker. previous_aia is used again when
// its settings are still the same. All errors come in one run.
config::Result<Build> build(const config::Config& config, const BuildServices& services,
                            std::shared_ptr<AiaService> previous_aia = nullptr);

}  // namespace chainmend::serving
