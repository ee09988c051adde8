// Issuers: everything that chains may be completed from: the configured bundles, the AIA cache and
// AIA itself. One per reading of the configuration; what must outlive it (the cache, the memory of
// downloads, the fetcher) is in AiaService. Thread-safe after construction.
#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "certs/aia_cache.h"
#include "certs/aia_downloads.h"
#include "certs/aia_source.h"
#include "certs/fetcher.h"
#include "certs/issuer_set.h"
#include "certs/issuer_source.h"
#include "config/config.h"

namespace chainmend::serving {

using SteadyClock = std::function<std::chrono::steady_clock::time_point()>;

// AiaService: AIA as the process knows it. Lives as long as its settings are the same, so that a
// reload neither asks again nor forgets.
class AiaService {
 public:
  // fetcher must be thread-safe and outlive this object. access: to the folder of the caches.
  AiaService(const config::Aia& settings, certs::Fetcher& fetcher,
             const SteadyClock& clock = &std::chrono::steady_clock::now,
             certs::AiaCache::Access access = certs::AiaCache::Access::read_write);

  const config::Aia& settings() const { return settings_; }
  bool fetches() const { return settings_.mode == config::AiaMode::fetch; }
  // For our own leaves.
  certs::AiaCache& cache() { return cache_; }
  certs::AiaDownloads& own() { return own_; }
  // For those that upstreams show us: strangers must neither colour what our own need nor push it
  // out. In a folder inside the other's.
  certs::AiaCache& strangers_cache() { return strangers_cache_; }
  certs::AiaDownloads& strangers() { return strangers_; }

 private:
  config::Aia settings_;
  certs::AiaCache cache_;
  certs::AiaCache strangers_cache_;
  certs::AiaDownloads own_;
  certs::AiaDownloads strangers_;
};

// The sources for one search, cheapest first. It must not outlive what it was made from.
class IssuerSources {
 public:
  void add(std::unique_ptr<certs::IssuerSource> source) {
    borrowed_.push_back(source.get());
    owned_.push_back(std::move(source));
  }
  void add(certs::IssuerSource& source) { borrowed_.push_back(&source); }
  const std::vector<certs::IssuerSource*>& list() const { return borrowed_; }

 private:
  std::vector<std::unique_ptr<certs::IssuerSource>> owned_;
  std::vector<certs::IssuerSource*> borrowed_;
};

struct Issuers {
  std::shared_ptr<const certs::IssuerSet> bundles = std::make_shared<certs::IssuerSet>();
  std::shared_ptr<AiaService> aia;  // null: mode off
  bool ask_aia = true;              // for our own leaves; false: all() is what is at hand

  // Bundles and cache: never waits.
  IssuerSources at_hand() const;
  // The same and then AIA: for the background thread only.
  IssuerSources all() const;
  // The same two for a certificate that an upstream shows.
  IssuerSources at_hand_for_stranger() const;
  IssuerSources all_for_stranger() const;
};

}  // namespace chainmend::serving
