#include "proxy/serving/issuers.h"

namespace chainmend::serving {

namespace {

certs::FetchLimits limits(const config::Aia& settings) {
  return {.total = settings.timeout,
          .body_bytes = settings.max_size,
          .allow_private_addresses = settings.allow_private_addresses};
}

std::string strangers_folder(const config::Path& cache) {
  return cache.empty() ? std::string() : (cache / "upstreams").string();
}

}  // namespace

AiaService::AiaService(const config::Aia& settings, certs::Fetcher& fetcher,
                       const SteadyClock& clock, certs::AiaCache::Access access)
    : settings_(settings),
      cache_(settings.cache.value.string(), access),
      strangers_cache_(strangers_folder(settings.cache.value), access),
      own_(fetcher, limits(settings), clock),
      strangers_(fetcher, limits(settings), clock) {}

IssuerSources Issuers::at_hand() const {
  IssuerSources sources;
  sources.add(std::make_unique<certs::IssuerSetSource>(bundles));
  if (aia) {
    sources.add(aia->cache());
  }
  return sources;
}

IssuerSources Issuers::all() const {
  IssuerSources sources = at_hand();
  if (ask_aia && aia && aia->fetches()) {
    sources.add(std::make_unique<certs::AiaSource>(aia->own(), aia->cache()));
  }
  return sources;
}

IssuerSources Issuers::at_hand_for_stranger() const {
  IssuerSources sources = at_hand();
  if (aia) {
    sources.add(aia->strangers_cache());
  }
  return sources;
}

IssuerSources Issuers::all_for_stranger() const {
  IssuerSources sources = at_hand_for_stranger();
  if (aia && aia->fetches()) {
    sources.add(std::make_unique<certs::AiaSource>(aia->strangers(), aia->strangers_cache()));
  }
  return sources;
}

}  // namespace chainmend::serving
