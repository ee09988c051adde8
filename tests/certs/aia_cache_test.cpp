#include "certs/aia_cache.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <chrono>
#include <filesystem>
#include <fstream>
#include <thread>

#include "tests/certs/aia_fixtures.h"

namespace chainmend::certs {
namespace {

namespace fs = std::filesystem;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

void write(const std::string& path, ByteView bytes) {
  const std::string content(as_text(bytes));
  std::ofstream(path, std::ios::binary) << content;
}

Bytes read(const std::string& path) {
  std::ifstream in(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

std::string file_name(ByteView content) { return hex(sha256(content)) + ".der"; }

std::size_t files_in(const std::string& folder) {
  return static_cast<std::size_t>(
      std::distance(fs::directory_iterator(folder), fs::directory_iterator()));
}

class AiaCacheTest : public ::testing::Test {
 protected:
  TemporaryFolder temporary_;
  const std::string folder_ = temporary_.path("aia");
  const Made issuer_ = make({"Issuer"});
  const Made leaf_ = make({"leaf", &issuer_});

  std::size_t served(AiaCache& cache) { return cache.issuers_of(*leaf_.certificate).size(); }
};

TEST_F(AiaCacheTest, ServesWhatWasStoredAfterARestart) {
  AiaCache(folder_).store(issuer_.certificate);
  AiaCache cache(folder_);
  const auto found = cache.issuers_of(*leaf_.certificate);
  ASSERT_EQ(found.size(), 1U);
  EXPECT_EQ(found[0].certificate->fingerprint(), issuer_.certificate->fingerprint());
  EXPECT_EQ(found[0].origin, Origin::cache);
  EXPECT_EQ(found[0].location, folder_ + "/" + file_name(der_of(issuer_)));
  EXPECT_THAT(cache.issuers_of(*issuer_.certificate), ::testing::SizeIs(1)) << "by name, no more";
  EXPECT_THAT(cache.problems(), IsEmpty());
  EXPECT_FALSE(cache.may_wait());
}

TEST_F(AiaCacheTest, OffersNothingForAnotherName) {
  AiaCache cache;
  cache.store(issuer_.certificate);
  const Made other = make({"Other"});
  EXPECT_THAT(cache.issuers_of(*other.certificate), IsEmpty());
}

TEST_F(AiaCacheTest, WritesFilesThatOnlyTheOwnerReads) {
  AiaCache(temporary_.path("some/deep/folder")).store(issuer_.certificate);
  struct stat info{};
  ASSERT_EQ(stat(temporary_.path("some/deep/folder").c_str(), &info), 0);
  EXPECT_EQ(info.st_mode & 0777, 0700U);
  const std::string file = temporary_.path("some/deep/folder/" + file_name(der_of(issuer_)));
  ASSERT_EQ(stat(file.c_str(), &info), 0);
  EXPECT_EQ(info.st_mode & 0777, 0600U);
  EXPECT_EQ(read(file), der_of(issuer_));
}

TEST_F(AiaCacheTest, KeepsOneOfIdenticalCertificatesAndLeavesNoOtherFiles) {
  AiaCache cache(folder_);
  cache.store(issuer_.certificate);
  cache.store(issuer_.certificate);
  EXPECT_EQ(served(cache), 1U);
  EXPECT_EQ(files_in(folder_), 1U);
}

struct Poison {
  const char* what;
  std::function<void(const std::string& folder, const Made& issuer)> put;
  const char* problem;
};

const Poison kPoisons[] = {
    {"random bytes",
     [](const std::string& folder, const Made&) {
       const Bytes garbage{1, 2, 3};
       write(folder + "/" + file_name(garbage), garbage);
     },
     "ignored: "},
    {"an empty file",
     [](const std::string& folder, const Made&) { write(folder + "/" + file_name({}), {}); },
     "ignored: "},
    {"another certificate under the name",
     [](const std::string& folder, const Made& issuer) {
       write(folder + "/" + file_name(der_of(issuer)), der_of(make({"Issuer"})));
     },
     "the content is not what the name says"},
    {"a truncated certificate",
     [](const std::string& folder, const Made& issuer) {
       Bytes der = der_of(issuer);
       der.pop_back();
       write(folder + "/" + file_name(der_of(issuer)), der);
     },
     "the content is not what the name says"},
    {"a certificate and more",
     [](const std::string& folder, const Made& issuer) {
       Bytes der = der_of(issuer);
       der.push_back(0);
       write(folder + "/" + file_name(der), der);
     },
     "ignored: "},
    {"a good certificate under a free name",
     [](const std::string& folder, const Made& issuer) {
       write(folder + "/issuer.der", der_of(issuer));
     },
     "not the name of a cached certificate"},
    {"a certificate that OpenSSL would encode in another way",
     [](const std::string& folder, const Made& issuer) {
       Bytes der = der_of(issuer);
       const ASN1_BIT_STRING* signature = nullptr;  // the last element
       X509_get0_signature(&signature, nullptr, issuer.certificate->x509());
       der.at(der.size() - static_cast<std::size_t>(signature->length) - 1) = 1;  // unused bits
       der.back() |= 1U;  // of which one is set
       write(folder + "/" + file_name(der), der);
     },
     "not in DER"},
    {"PEM",
     [](const std::string& folder, const Made& issuer) {
       write(folder + "/" + file_name(pem_of({&issuer})), pem_of({&issuer}));
     },
     "ignored: "},
    {"a link to a good file",
     [](const std::string& folder, const Made& issuer) {
       write(folder + "/../outside", der_of(issuer));
       fs::create_symlink("../outside", folder + "/" + file_name(der_of(issuer)));
     },
     "cannot read"},
    {"a pipe",
     [](const std::string& folder, const Made& issuer) {
       mkfifo((folder + "/" + file_name(der_of(issuer))).c_str(), 0600);
     },
     "not a regular file"},
    {"a folder",
     [](const std::string& folder, const Made& issuer) {
       fs::create_directory(folder + "/" + file_name(der_of(issuer)));
     },
     "not a regular file"},
    {"a huge file",
     [](const std::string& folder, const Made& issuer) {
       write(folder + "/" + file_name(der_of(issuer)), Bytes(AiaCache::kMaxFileBytes + 1));
     },
     "too large"},
};

TEST_F(AiaCacheTest, IgnoresAndReportsWhatIsNoCachedCertificate) {
  for (const Poison& poison : kPoisons) {
    const TemporaryFolder temporary;
    const std::string folder = temporary.path("aia");
    const Made good = make({"Issuer"});
    AiaCache(folder).store(good.certificate);
    poison.put(folder, issuer_);
    AiaCache cache(folder);
    const auto found = cache.issuers_of(*leaf_.certificate);
    ASSERT_EQ(found.size(), 1U) << poison.what;
    EXPECT_EQ(found[0].certificate->fingerprint(), good.certificate->fingerprint()) << poison.what;
    ASSERT_EQ(cache.problems().size(), 1U) << poison.what;
    EXPECT_THAT(cache.problems()[0].text, HasSubstr(poison.problem)) << poison.what;
    EXPECT_THAT(cache.problems()[0].where, HasSubstr(folder)) << poison.what;
  }
}

TEST_F(AiaCacheTest, RepairsAFileThatWasTampered) {
  AiaCache(folder_).store(issuer_.certificate);
  write(folder_ + "/" + file_name(der_of(issuer_)), Bytes{1, 2, 3});
  AiaCache(folder_).store(issuer_.certificate);
  AiaCache cache(folder_);
  EXPECT_EQ(served(cache), 1U);
  EXPECT_THAT(cache.problems(), IsEmpty());
}

TEST_F(AiaCacheTest, PassesOverFilesThatAreBeingWritten) {
  AiaCache(folder_).store(issuer_.certificate);
  write(folder_ + "/" + file_name(der_of(leaf_)) + ".123.4.new", Bytes{1});
  AiaCache cache(folder_);
  EXPECT_EQ(served(cache), 1U);
  EXPECT_THAT(cache.problems(), IsEmpty());
}

TEST_F(AiaCacheTest, WorksInMemoryWithOneProblemWhenTheFolderCannotBeWritten) {
  write(temporary_.path("file"), Bytes{1});
  AiaCache cache(temporary_.path("file/aia"));
  cache.store(issuer_.certificate);
  cache.store(leaf_.certificate);
  EXPECT_EQ(served(cache), 1U);
  ASSERT_EQ(cache.problems().size(), 1U);
  EXPECT_THAT(cache.problems()[0].describe(), HasSubstr("file/aia: cannot create: "));
}

TEST_F(AiaCacheTest, ReportsOnceThatAFolderHasGone) {
  AiaCache cache(folder_);
  fs::remove_all(folder_);
  cache.store(issuer_.certificate);
  cache.store(leaf_.certificate);
  EXPECT_EQ(served(cache), 1U);
  ASSERT_EQ(cache.problems().size(), 1U);
  EXPECT_THAT(cache.problems()[0].text, HasSubstr("cannot write"));
}

TEST_F(AiaCacheTest, WritesNothingWithoutAFolder) {
  AiaCache cache;
  cache.store(issuer_.certificate);
  EXPECT_EQ(served(cache), 1U);
  EXPECT_THAT(cache.problems(), IsEmpty());
  EXPECT_EQ(cache.issuers_of(*leaf_.certificate)[0].location, "");
}

TEST_F(AiaCacheTest, SeesAfterAReloadWhatAnotherProcessStored) {
  AiaCache one(folder_);
  AiaCache two(folder_);
  one.store(issuer_.certificate);
  EXPECT_EQ(served(two), 0U);
  two.reload();
  EXPECT_EQ(served(two), 1U);
  two.reload();
  EXPECT_EQ(served(two), 1U);
}

TEST_F(AiaCacheTest, DropsTheOldestWhenItIsFull) {
  AiaCache cache(folder_);
  cache.store(issuer_.certificate);
  // The file system's clock may be too coarse to order files written within one tick.
  fs::last_write_time(folder_ + "/" + file_name(der_of(issuer_)),
                      fs::file_time_type::clock::now() - std::chrono::hours(1));
  for (std::size_t i = 1; i < AiaCache::kMaxEntries; ++i) {
    cache.store(make({.name = "Filler", .key = issuer_.key}).certificate);
  }
  EXPECT_EQ(served(cache), 1U);
  AiaCache after_restart(folder_);
  after_restart.store(leaf_.certificate);
  for (AiaCache* each : {&cache, &after_restart}) {
    each->store(leaf_.certificate);
    EXPECT_EQ(served(*each), 0U);
    EXPECT_EQ(each->size(), AiaCache::kMaxEntries);
  }
  EXPECT_EQ(files_in(folder_), AiaCache::kMaxEntries);
}

TEST_F(AiaCacheTest, TakesStoresAndQuestionsFromManyThreads) {
  AiaCache cache(folder_);
  std::vector<std::jthread> threads;
  threads.reserve(8);
  for (int i = 0; i < 8; ++i) {
    threads.emplace_back([&] {
      cache.store(issuer_.certificate);
      cache.store(make({.name = "Filler", .key = issuer_.key}).certificate);
      EXPECT_EQ(served(cache), 1U);
    });
  }
  threads.clear();
  EXPECT_EQ(cache.size(), 9U);
  EXPECT_EQ(AiaCache(folder_).size(), 9U);
}

}  // namespace
}  // namespace chainmend::certs
