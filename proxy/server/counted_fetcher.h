// CountedFetcher: a Fetcher that counts what became of each fetch.
#pragma once

#include <string>

#include "certs/fetcher.h"
#include "proxy/metrics/metrics.h"

namespace chainmend::server {

class CountedFetcher final : public certs::Fetcher {
 public:
  // Both must outlive it. Thread-safe if fetcher is.
  CountedFetcher(certs::Fetcher& fetcher, metrics::Metrics& metrics)
      : fetcher_(fetcher), metrics_(metrics) {}

  certs::Result<certs::Bytes> fetch(const std::string& url,
                                    const certs::FetchLimits& limits) override;

 private:
  certs::Fetcher& fetcher_;
  metrics::Metrics& metrics_;
};

}  // namespace chainmend::server
