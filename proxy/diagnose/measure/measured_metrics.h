// metrics_page(): rows of a measurement in Prometheus' text format. Labels and stems of names are
// those of the proxy's own metrics (client_type, outcome, reason, tls_version); `measured_` says
// that they were seen from outside, and that each run starts from nothing: they are gauges.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "proxy/diagnose/measure/measure.h"

namespace chainmend::diagnose {

// unreachable: targets that no attempt was made at, and why: measured_reachable is 0 for them.
std::string metrics_page(const std::vector<Row>& rows,
                         const std::vector<std::pair<std::string, std::string>>& unreachable = {});

}  // namespace chainmend::diagnose
