// check(): asks one server once whether it is well, as its upstream's `health` says: connects as
// traffic does, with the same TLS and the same verification, asks, and judges the answer.
#pragma once

#include <string>

#include "proxy/metrics/upstream.h"
#include "proxy/net/loop.h"
#include "proxy/net/task.h"
#include "proxy/upstream/scopes.h"
#include "proxy/upstream/upstream.h"

namespace chainmend::upstream {

struct CheckResult {
  metrics::CheckOutcome outcome = metrics::CheckOutcome::ok;
  std::string detail;  // why it is not ok: "answered 503 to GET /ews/healthcheck.htm"
  bool ok() const { return outcome == metrics::CheckOutcome::ok; }
};

// upstream.health is set. scope: kWhole, or one of its directories. All must outlive the call.
// Counts nothing.
net::Task<CheckResult> check(net::Loop& loop, const Upstream& upstream, const Peer& peer,
                             Scopes scope);

// The path that a check of this scope asks for.
std::string path_of_check(const config::Health& health, Scopes scope);

// Whether the status is one of those; see config::HealthExpectation.
bool is_expected(const config::HealthExpectation& expected, unsigned status);

}  // namespace chainmend::upstream
