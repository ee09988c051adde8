#include "proxy/serving/refresh.h"

#include <algorithm>

namespace chainmend::serving {

namespace {

constexpr std::chrono::minutes kAtLeast{1};  // whatever the certificates and the clock say

}  // namespace

std::chrono::seconds next_look(const Build& build, certs::Time now) {
  std::chrono::seconds next = build.complete ? std::chrono::seconds(kRefresh) : kRetryIncomplete;
  for (const CertificateReport& report : build.certificates) {
    for (std::size_t i = 1; i < report.chain.certificates.size(); ++i) {
      const certs::Time end = report.chain.certificates[i].certificate->not_after();
      if (now <= end) {
        next = std::min(next, end - now + std::chrono::seconds(1));
      }
    }
  }
  return std::max<std::chrono::seconds>(next, kAtLeast);
}

}  // namespace chainmend::serving
