// UpstreamChain: is the certificate list whole that an upstream serves to the clients that are
// passed through to it? Whole: its leaf and what comes with it reach a trusted root, without our
// bundles and without AIA, as a client sees it. Nothing is decided by it: it is logged once per
// change, and a gauge. Thread-safe; the judging is done on the background thread, once an hour for
// a list that stays the same.
#pragma once

#include <functional>
#include <memory>
#include <string>

#include "certs/trust_profile.h"
#include "proxy/logs/log.h"
#include "proxy/metrics/upstream.h"
#include "proxy/tls/wire_observer.h"

namespace chainmend::serving {

class UpstreamChain {
 public:
  using RunInBackground = std::function<void(std::function<void()> job)>;
  using MetricsPtr = std::shared_ptr<metrics::UpstreamChainMetrics>;

  // log must outlive every job; without it, or without a background, nothing is judged.
  UpstreamChain(std::string upstream, certs::TrustProfilePtr trust, RunInBackground background,
                logs::Log* log, MetricsPtr metrics);

  // server has just shown this list. Costs a hash and a lock.
  void saw(const std::string& server, tls::ServerList list) const;

 private:
  struct Judge;
  std::shared_ptr<Judge> judge_;  // shared with jobs under way
  RunInBackground background_;
};

}  // namespace chainmend::serving
