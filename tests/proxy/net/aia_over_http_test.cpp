// Chains completed over real HTTP: search, AIA source, downloads, cache and fetcher together.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <array>
#include <map>
#include <mutex>
#include <optional>
#include <thread>

#include "certs/aia_source.h"
#include "certs/chain_search.h"
#include "proxy/net/http_fetcher.h"
#include "tests/certs/aia_fixtures.h"
#include "tests/proxy/net/loopback_server.h"

namespace chainmend::net {
namespace {

using certs::AiaCache;
using certs::AiaDownloads;
using certs::AiaSource;
using certs::Bytes;
using certs::der_of;
using certs::Made;
using certs::make;
using certs::pem_of;
using certs::pkcs7_of;
using certs::SearchResult;
using testing::ElementsAre;
using testing::HasSubstr;

// Serves a table of files, with the Content-Type that servers give to files they do not know.
class Responder {
 public:
  Responder() : server_([this](Peer& peer) { respond(peer); }) {}
  void put(const std::string& file, const Bytes& content) {
    const std::lock_guard lock(mutex_);
    files_['/' + file] = std::string(content.begin(), content.end());
  }
  std::string url(const std::string& file) const { return server_.url('/' + file); }
  std::size_t requests() const { return server_.requests(); }

 private:
  void respond(Peer& peer) {
    const std::lock_guard lock(mutex_);
    const auto file = files_.find(peer.target());
    peer.send(file == files_.end() ? answer("404 Not Found", "gone")
                                   : answer("200 OK", file->second, "Content-Type: text/html\r\n"));
  }

  std::mutex mutex_;
  std::map<std::string, std::string> files_;
  LoopbackServer server_;
};

// What a process has: one fetcher, one memory of downloads, one cache.
struct Process {
  explicit Process(const std::string& cache_folder, bool allow_private = true)
      : cache(cache_folder), downloads(fetcher, limits(allow_private)) {}
  static certs::FetchLimits limits(bool allow_private) {
    certs::FetchLimits limits;
    limits.allow_private_addresses = allow_private;
    return limits;
  }
  SearchResult search(const Made& leaf, const Made& root) {
    AiaSource aia(downloads, cache);
    const std::array<certs::IssuerSource*, 2> sources{&cache, &aia};
    const certs::TrustProfile profile("test", {root.certificate});
    return certs::search_chain(leaf.certificate, sources, profile, {.at = certs::valid_moment()});
  }

  HttpFetcher fetcher;
  AiaCache cache;
  AiaDownloads downloads;
};

std::vector<std::string> path_of(const SearchResult& result) {
  std::vector<std::string> names;
  for (const certs::Candidate& each : result.path) {
    names.push_back(each.certificate->common_name() + " from " + to_string(each.origin));
  }
  return names;
}

class AiaOverHttp : public testing::Test {
 protected:
  std::optional<Responder> responder_{std::in_place};
  certs::TemporaryFolder temporary_;
  const std::string folder_ = temporary_.path("cache");
  const Made root_ = make({"Root"});
  const Made upper_ = make({"Upper", &root_});
  const Made lower_ = make({"Lower", &upper_, {responder_->url("upper")}});
  const Made leaf_ = make({"leaf", &lower_, {responder_->url("lower")}});
};

TEST_F(AiaOverHttp, TakesTwoRequestsForTwoHopsAndNoneAfterARestart) {
  responder_->put("upper", der_of(upper_));
  responder_->put("lower", der_of(lower_));
  const SearchResult first = Process(folder_).search(leaf_, root_);
  EXPECT_TRUE(first.complete);
  EXPECT_EQ(path_of(first)[1], "Lower from aia");
  EXPECT_EQ(path_of(first)[2], "Upper from aia");
  EXPECT_EQ(responder_->requests(), 2U);

  const SearchResult second = Process(folder_).search(leaf_, root_);
  EXPECT_TRUE(second.complete);
  EXPECT_EQ(path_of(second)[1], "Lower from cache");
  EXPECT_EQ(path_of(second)[2], "Upper from cache");
  EXPECT_EQ(responder_->requests(), 2U);
}

TEST_F(AiaOverHttp, CompletesFromTheCacheWhenTheServerHasDied) {
  responder_->put("upper", der_of(upper_));
  responder_->put("lower", der_of(lower_));
  ASSERT_TRUE(Process(folder_).search(leaf_, root_).complete);
  responder_.reset();
  EXPECT_TRUE(Process(folder_).search(leaf_, root_).complete);
}

TEST_F(AiaOverHttp, TellsFormatsApartByContentAlone) {
  const Made stranger = make({"Stranger"});
  responder_->put("upper", der_of(upper_));
  for (const Bytes& body :
       {der_of(lower_), pem_of({&lower_}), pkcs7_of({&stranger, &root_, &lower_})}) {
    responder_->put("lower", body);
    EXPECT_TRUE(Process("").search(leaf_, root_).complete);
  }
}

TEST_F(AiaOverHttp, NeverTrustsARootForHavingBeenDownloaded) {
  const Made other_root = make({"Other Root"});
  const Made leaf = make({"leaf", &other_root, {responder_->url("other")}});
  responder_->put("other", der_of(other_root));
  EXPECT_FALSE(Process(folder_).search(leaf, root_).complete);
  EXPECT_EQ(responder_->requests(), 1U);
}

TEST_F(AiaOverHttp, SaysWhyTheDownloadWasNoHelp) {
  responder_->put("lower", der_of(make({"Lower", &upper_})));
  const SearchResult result = Process(folder_).search(leaf_, root_);
  ASSERT_TRUE(result.failure);
  ASSERT_EQ(result.failure->notes.size(), 1U);
  EXPECT_THAT(
      result.failure->notes[0].describe(),
      HasSubstr(
          "/lower: aia-mismatch: brought CN=Lower, but not with the key that signed CN=leaf"));
}

TEST_F(AiaOverHttp, RefusesInsideAddressesThatAnUpstreamNames) {
  for (const char* host :
       {"127.0.0.1", "10.0.0.1", "169.254.169.254", "[::1]", "[::ffff:127.0.0.1]"}) {
    const Made leaf = make({"leaf", &lower_, {"http://" + std::string(host) + "/lower"}});
    const SearchResult result = Process(folder_, false).search(leaf, root_);
    ASSERT_TRUE(result.failure) << host;
    ASSERT_EQ(result.failure->notes.size(), 1U) << host;
    EXPECT_EQ(result.failure->notes[0].code, certs::ErrorCode::blocked) << host;
  }
}

TEST_F(AiaOverHttp, AsksOnceForFiftyLeavesAtATime) {
  responder_->put("upper", der_of(upper_));
  responder_->put("lower", der_of(lower_));
  Process process(folder_);
  std::vector<std::jthread> threads;
  for (int i = 0; i < 50; ++i) {
    threads.emplace_back([&] { EXPECT_TRUE(process.search(leaf_, root_).complete); });
  }
  threads.clear();
  EXPECT_EQ(responder_->requests(), 2U);
}

}  // namespace
}  // namespace chainmend::net
