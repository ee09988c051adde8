// What the metrics tell of the certificates of a build.
#pragma once

#include <vector>

#include "proxy/metrics/metrics.h"
#include "proxy/serving/builder.h"

namespace chainmend::server {

// Leaves of one name (RSA and ECDSA) are one certificate to the operator, and so are chains of one
// name: the worse of them is shown.
std::vector<metrics::CertificateState> certificate_states(
    const std::vector<serving::CertificateReport>& reports);

}  // namespace chainmend::server
