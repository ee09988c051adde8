// ExtendedProtection: compares what listeners serve with what the servers behind them show. Where
// they differ, IIS with Extended Protection refuses the logons of clients that come through (RFC
// 5929 4: the binding is a hash of the server's certificate). Main thread.
#pragma once

#include <set>
#include <string>
#include <vector>

#include "proxy/logs/log.h"
#include "proxy/metrics/metrics.h"
#include "proxy/server/reload.h"

namespace chainmend::server {

class ExtendedProtection {
 public:
  // Both must outlive it.
  ExtendedProtection(logs::Log& log, metrics::Metrics& metrics) : log_(log), metrics_(metrics) {}

  // Looks at the upstreams with `extended_protection: check`, as far as their servers have been
  // seen; tells the metrics, and the log what it did not tell before.
  void look(const Generation& generation);

 private:
  logs::Log& log_;
  metrics::Metrics& metrics_;
  std::set<std::string> told_;  // listener and server that differ
};

// One for each server that was seen, and each listener that sends requests to it and ends TLS.
std::vector<metrics::CertificateMatch> compare_certificates(const Generation& generation);

}  // namespace chainmend::server
