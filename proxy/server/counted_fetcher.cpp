#include "proxy/server/counted_fetcher.h"

namespace chainmend::server {

namespace {

metrics::AiaOutcome outcome_of(const certs::Result<certs::Bytes>& answer) {
  if (answer) {
    return metrics::AiaOutcome::ok;
  }
  switch (answer.error().code) {
    case certs::ErrorCode::blocked:
      return metrics::AiaOutcome::blocked;
    case certs::ErrorCode::timeout:
      return metrics::AiaOutcome::timeout;
    case certs::ErrorCode::network:
      return metrics::AiaOutcome::network;
    default:
      return metrics::AiaOutcome::invalid;
  }
}

}  // namespace

certs::Result<certs::Bytes> CountedFetcher::fetch(const std::string& url,
                                                  const certs::FetchLimits& limits) {
  auto answer = fetcher_.fetch(url, limits);
  metrics_.process().aia_fetch(outcome_of(answer));
  return answer;
}

}  // namespace chainmend::server
