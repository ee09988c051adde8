#include "proxy/serving/issuers.h"

namespace chainmend::serving {

namespace {

certs::FetchLimits limits(const config::Aia& settings) {
  return {.total = settings.timeout,
          .body_bytes = settings.max_size,
          .allow_private_addresses = settings.allow_private_addresses};
}

}  // namespace

AiaService::AiaService(const config::Aia& settings, certs::Fetcher& fetcher)
    : settings_(settings),
      cache_(settings.cache.value.string()),
      own_(fetcher, limits(settings)),
      strangers_(fetcher, limits(settings)) {}

IssuerSources Issuers::at_hand() const {
  IssuerSources sources;
  sources.add(std::make_unique<certs::IssuerSetSource>(bundles));
  if (aia) {
    sources.add(aia->cache());
  }
  return sources;
}

IssuerSources Issuers::all(certs::AiaDownloads& downloads) const {
  IssuerSources sources = at_hand();
  if (aia && aia->fetches()) {
    sources.add(std::make_unique<certs::AiaSource>(downloads, aia->cache()));
  }
  return sources;
}

}  // namespace chainmend::serving
