// The contract of IssuerSource, held by those that AIA feeds; a bundle's is in issuer_set_test.cpp.
#include <optional>

#include "certs/aia_source.h"
#include "tests/certs/aia_fixtures.h"
#include "tests/certs/issuer_source_contract.h"

namespace chainmend::certs::testing {
namespace {

struct CacheInMemory {
  std::unique_ptr<IssuerSource> make(const std::vector<CertificatePtr>& known) {
    auto cache = std::make_unique<AiaCache>();
    for (const CertificatePtr& one : known) {
      cache->store(one);
    }
    return cache;
  }
};
INSTANTIATE_TYPED_TEST_SUITE_P(AiaCacheInMemory, IssuerSourceContract, CacheInMemory);

struct CacheAfterARestart {
  std::unique_ptr<IssuerSource> make(const std::vector<CertificatePtr>& known) {
    AiaCache before(folder.path("cache"));
    for (const CertificatePtr& one : known) {
      before.store(one);
    }
    return std::make_unique<AiaCache>(folder.path("cache"));
  }
  TemporaryFolder folder;
};
INSTANTIATE_TYPED_TEST_SUITE_P(AiaCacheAfterARestart, IssuerSourceContract, CacheAfterARestart);

struct Aia {
  std::unique_ptr<IssuerSource> make(const std::vector<CertificatePtr>& known) {
    std::vector<Made> all;
    std::vector<const Made*> borrowed;
    for (const CertificatePtr& one : known) {
      all.push_back({one, nullptr});
    }
    for (const Made& one : all) {
      borrowed.push_back(&one);
    }
    fetcher.answers.emplace(kContractUrl, pkcs7_of(borrowed));
    return std::make_unique<AiaSource>(downloads, cache);
  }
  TableFetcher fetcher;
  AiaDownloads downloads{fetcher, FetchLimits()};
  AiaCache cache;
};
INSTANTIATE_TYPED_TEST_SUITE_P(AiaSource, IssuerSourceContract, Aia);

}  // namespace
}  // namespace chainmend::certs::testing
