// What scenario folders cannot show: budgets, clocks, and when which source is asked.
#include "certs/chain_search.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "certs/issuer_set.h"
#include "tests/certs/test_pki.h"

namespace chainmend::certs {
namespace {

using ::testing::ElementsAre;
using testing::Identity;
using testing::in_bundle;
using ::testing::IsEmpty;
using testing::issue;
using testing::make_ca;
using testing::make_leaf;
using testing::make_root;

// A source that notes what it was asked, may claim to wait, and may make time pass.
class NotingSource final : public IssuerSource {
 public:
  NotingSource(const std::vector<Identity>& known, bool waits, Origin origin) : waits_(waits) {
    std::vector<Candidate> candidates;
    for (const Identity& one : known) {
      candidates.push_back({one.certificate, origin, "there"});
    }
    set_ = IssuerSet(std::move(candidates));
  }
  std::vector<Candidate> issuers_of(const Certificate& child) override {
    asked.push_back(child.subject());
    if (on_question) {
      on_question();
    }
    return set_.with_subject(child.issuer_key());
  }
  bool may_wait() const override { return waits_; }
  std::vector<Error> problems() const override { return trouble; }

  std::vector<std::string> asked;
  std::vector<Error> trouble;
  std::function<void()> on_question;

 private:
  bool waits_;
  IssuerSet set_;
};

class ChainSearchTest : public ::testing::Test {
 protected:
  SearchResult search(const Identity& leaf, std::vector<IssuerSource*> sources) const {
    return search_chain(leaf.certificate, sources, TrustProfile("roots", {root_.certificate}),
                        options_);
  }
  static std::vector<std::string> names(const SearchResult& result) {
    std::vector<std::string> all;
    for (const Candidate& one : result.path) {
      all.push_back(one.certificate->subject() + " " + to_string(one.origin));
    }
    return all;
  }
  // A straight path of so many intermediates below root_, the lowest last.
  std::vector<Identity> line(std::size_t length) const {
    std::vector<Identity> all;
    for (std::size_t i = 0; i < length; ++i) {
      all.push_back(make_ca("CN=I" + std::to_string(i), i == 0 ? root_ : all.back()));
    }
    return all;
  }

  Identity root_ = make_root("CN=Root");
  SearchOptions options_{.at = *parse_time("2026-01-01")};
};

TEST_F(ChainSearchTest, EndsAtTheRootAndTellsWhereEachCameFrom) {
  const auto cas = line(2);
  const Identity leaf = make_leaf("mail.example", cas[1]);
  NotingSource bundle({cas[0]}, false, Origin::bundle);
  NotingSource cache({cas[1], cas[0]}, false, Origin::cache);
  const SearchResult result = search(leaf, {&bundle, &cache});
  EXPECT_TRUE(result.complete);
  EXPECT_THAT(names(result),
              ElementsAre("CN=mail.example file", "CN=I1 cache", "CN=I0 bundle", "CN=Root root"));
  EXPECT_FALSE(result.failure.has_value());
  EXPECT_EQ(result.signature_checks, 3U);
}

TEST_F(ChainSearchTest, AsksNoSourceThatWaitsWhenTheOthersHaveAPath) {
  const auto cas = line(1);
  NotingSource bundle(cas, false, Origin::bundle);
  NotingSource aia(cas, true, Origin::aia);
  EXPECT_TRUE(search(make_leaf("mail.example", cas[0]), {&aia, &bundle}).complete);
  EXPECT_THAT(aia.asked, IsEmpty());
}

TEST_F(ChainSearchTest, AsksSourcesThatWaitAboutTheDeadEndOnly) {
  const auto cas = line(3);
  NotingSource bundle({cas[2]}, false, Origin::bundle);
  NotingSource aia(cas, true, Origin::aia);
  const SearchResult result = search(make_leaf("mail.example", cas[2]), {&bundle, &aia});
  EXPECT_TRUE(result.complete);
  EXPECT_THAT(aia.asked, ElementsAre("CN=I2", "CN=I1"));
  EXPECT_THAT(names(result), ElementsAre("CN=mail.example file", "CN=I2 bundle", "CN=I1 aia",
                                         "CN=I0 aia", "CN=Root root"));
}

TEST_F(ChainSearchTest, AsksSourcesThatWaitBeforeItAcceptsAContradiction) {
  const testing::SharedKey key = testing::make_ec_key();
  const Identity wrong_id =
      issue({.subject = "CN=I", .issuer = &root_, .key = key, .other_subject_key_id = Bytes{1}});
  const Identity right_id = issue({.subject = "CN=I", .issuer = &root_, .key = key});
  NotingSource bundle({wrong_id}, false, Origin::bundle);
  NotingSource aia({right_id}, true, Origin::aia);
  const SearchResult result = search(make_leaf("mail.example", right_id), {&bundle, &aia});
  EXPECT_THAT(names(result), ElementsAre("CN=mail.example file", "CN=I aia", "CN=Root root"));
  EXPECT_THAT(result.warnings, IsEmpty());
}

TEST_F(ChainSearchTest, NeverAsksAboutSelfSignedCertificates) {
  const Identity stranger = make_root("CN=Stranger");
  const Identity leaf = make_leaf("mail.example", stranger);
  NotingSource bundle({stranger}, false, Origin::bundle);
  NotingSource aia({}, true, Origin::aia);
  const SearchResult result = search(leaf, {&bundle, &aia});
  EXPECT_EQ(result.failure->reason, Reason::untrusted_root);
  EXPECT_THAT(aia.asked, ElementsAre("CN=mail.example"));
}

TEST_F(ChainSearchTest, TellsWhatTheSourcesHadToSay) {
  NotingSource aia({}, true, Origin::aia);
  aia.trouble = {{ErrorCode::timeout, "no answer within 10 s", "http://ca.example/i.crt", 0}};
  const SearchResult result = search(make_leaf("mail.example", make_root("CN=Nobody")), {&aia});
  ASSERT_TRUE(result.failure.has_value());
  EXPECT_EQ(result.failure->reason, Reason::no_issuer);
  EXPECT_THAT(result.failure->describe(),
              ::testing::HasSubstr("http://ca.example/i.crt: no answer within 10 s"));
}

TEST_F(ChainSearchTest, PutsALimitedNumberOfQuestionsToSourcesThatWait) {
  const auto cas = line(6);
  NotingSource aia(cas, true, Origin::aia);
  options_.budget.waits = 3;
  EXPECT_FALSE(search(make_leaf("mail.example", cas.back()), {&aia}).complete);
  EXPECT_EQ(aia.asked.size(), 3U);
}

TEST_F(ChainSearchTest, StopsAskingWhenTheWaitingTookTooLong) {
  const auto cas = line(6);
  auto now = std::chrono::steady_clock::time_point{};
  options_.clock = [&] { return now; };
  options_.budget.waiting = std::chrono::seconds(15);
  NotingSource aia(cas, true, Origin::aia);
  aia.on_question = [&] { now += std::chrono::seconds(10); };
  const SearchResult result = search(make_leaf("mail.example", cas.back()), {&aia});
  EXPECT_EQ(aia.asked.size(), 2U);
  EXPECT_EQ(result.failure->reason, Reason::no_issuer);  // waiting is not our own work: no deadline
}

TEST_F(ChainSearchTest, GivesUpAtTheDeadline) {
  const auto cas = line(3);
  auto now = std::chrono::steady_clock::time_point{};
  options_.clock = [&] { return now += std::chrono::seconds(2); };
  options_.budget.wall = std::chrono::seconds(5);
  NotingSource bundle(cas, false, Origin::bundle);
  const SearchResult result = search(make_leaf("mail.example", cas.back()), {&bundle});
  ASSERT_FALSE(result.complete);
  EXPECT_EQ(result.failure->reason, Reason::deadline);
  EXPECT_EQ(result.path.front().certificate->subject(), "CN=mail.example");
}

TEST_F(ChainSearchTest, GivesUpAfterItsSignatureChecks) {
  std::vector<Identity> decoys;
  for (int i = 0; i < 30; ++i) {
    decoys.push_back(issue({.subject = "CN=I", .issuer = &root_, .subject_key_id = false}));
  }
  const Identity good = issue({.subject = "CN=I",
                               .issuer = &root_,
                               .not_before = *parse_time("2001-01-01"),
                               .subject_key_id = false});
  decoys.push_back(good);
  NotingSource bundle(decoys, false, Origin::bundle);
  const Identity leaf = make_leaf("mail.example", good);
  options_.budget.signature_checks = 20;
  const SearchResult stopped = search(leaf, {&bundle});
  ASSERT_FALSE(stopped.complete);
  EXPECT_EQ(stopped.failure->reason, Reason::budget_exhausted);
  EXPECT_EQ(stopped.signature_checks, 20U);
  options_.budget.signature_checks = 32;
  EXPECT_TRUE(search(leaf, {&bundle}).complete);
}

// Ten authorities that all certify each other: more simple paths than anybody can walk.
TEST_F(ChainSearchTest, EndsInADenseGraphWithoutARoot) {
  constexpr std::size_t kCount = 10;
  std::vector<Identity> roots;
  for (std::size_t i = 0; i < kCount; ++i) {
    roots.push_back(make_root("CN=R" + std::to_string(i)));
  }
  std::vector<Identity> all;
  for (std::size_t i = 0; i < kCount; ++i) {
    for (std::size_t j = 0; j < kCount; ++j) {
      if (i != j) {
        all.push_back(issue(
            {.subject = "CN=R" + std::to_string(i), .issuer = &roots[j], .key = roots[i].key}));
      }
    }
  }
  NotingSource bundle(all, false, Origin::bundle);
  const Identity leaf = make_leaf("mail.example", roots[0]);
  const SearchResult without = search(leaf, {&bundle});
  ASSERT_FALSE(without.complete);
  EXPECT_EQ(without.failure->reason, Reason::loop);
  EXPECT_LT(without.steps, 100'000U);
  all.push_back(issue({.subject = "CN=R7",
                       .issuer = &root_,
                       .key = roots[7].key,
                       .not_before = *parse_time("2001-01-01")}));
  NotingSource with_way_out(all, false, Origin::bundle);
  const SearchResult with = search(leaf, {&with_way_out});
  EXPECT_TRUE(with.complete);
  EXPECT_EQ(with.path.size(), 4U);
}

TEST_F(ChainSearchTest, WalksAsDeepAsTheBudgetAllows) {
  const auto cas = line(22);
  NotingSource bundle(cas, false, Origin::bundle);
  const Identity leaf = make_leaf("mail.example", cas.back());
  EXPECT_TRUE(search(leaf, {&bundle}).complete);  // 24 certificates
  options_.budget.depth = 23;
  const SearchResult result = search(leaf, {&bundle});
  ASSERT_FALSE(result.complete);
  EXPECT_EQ(result.failure->reason, Reason::depth);
}

TEST_F(ChainSearchTest, ChecksEachSignatureOnce) {
  const testing::SharedKey key = testing::make_ec_key();
  std::vector<Identity> versions;
  for (int i = 0; i < 12; ++i) {  // one key, many certificates
    versions.push_back(issue(
        {.subject = "CN=I", .issuer = &root_, .key = key, .not_after = *parse_time("2026-06-01")}));
  }
  NotingSource bundle(versions, false, Origin::bundle);
  const SearchResult result = search(make_leaf("mail.example", versions[0]), {&bundle});
  EXPECT_TRUE(result.complete);
  EXPECT_LE(result.signature_checks, 1 + versions.size());
}

TEST_F(ChainSearchTest, IgnoresCertificatesOfAnotherNameThatASourceReturns) {
  class Careless final : public IssuerSource {
   public:
    explicit Careless(Identity answer) : answer_(std::move(answer)) {}
    std::vector<Candidate> issuers_of(const Certificate&) override { return {in_bundle(answer_)}; }
    bool may_wait() const override { return false; }

   private:
    Identity answer_;
  } source(make_root("CN=Whatever"));
  const SearchResult result = search(make_leaf("mail.example", make_root("CN=Nobody")), {&source});
  EXPECT_EQ(result.failure->reason, Reason::no_issuer);
  EXPECT_THAT(result.rejected, IsEmpty());
}

}  // namespace
}  // namespace chainmend::certs
