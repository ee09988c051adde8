#include "certs/aia_source.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/certs/aia_fixtures.h"

namespace chainmend::certs {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

std::string url(const std::string& file) { return "http://ca.example/" + file; }

std::vector<std::string> names_of(const std::vector<Candidate>& candidates) {
  std::vector<std::string> names;
  names.reserve(candidates.size());
  for (const Candidate& candidate : candidates) {
    names.push_back(candidate.certificate->common_name());
  }
  return names;
}

class AiaSourceTest : public ::testing::Test {
 protected:
  TableFetcher fetcher_;
  AiaDownloads downloads_{fetcher_, FetchLimits()};
  AiaCache cache_;
  AiaSource source_{downloads_, cache_};

  const Made root_ = make({"Root"});
  const Made issuer_ = make({"Issuer", &root_});

  Made leaf(std::vector<std::string> urls) { return make({"leaf", &issuer_, std::move(urls)}); }
  std::vector<std::string> problems() const {
    std::vector<std::string> texts;
    for (const Error& problem : source_.problems()) {
      texts.push_back(problem.describe());
    }
    return texts;
  }
};

TEST_F(AiaSourceTest, OffersTheIssuerWithItsUrlAndCachesIt) {
  fetcher_.answers.emplace(url("i"), der_of(issuer_));
  const Made child = leaf({url("i")});
  const auto found = source_.issuers_of(*child.certificate);
  ASSERT_EQ(found.size(), 1U);
  EXPECT_EQ(found[0].certificate->fingerprint(), issuer_.certificate->fingerprint());
  EXPECT_EQ(found[0].origin, Origin::aia);
  EXPECT_EQ(found[0].location, url("i"));
  EXPECT_THAT(problems(), IsEmpty());
  EXPECT_THAT(names_of(cache_.issuers_of(*child.certificate)), ElementsAre("Issuer"));
}

TEST_F(AiaSourceTest, MayWait) { EXPECT_TRUE(source_.may_wait()); }

TEST_F(AiaSourceTest, AsksOnlyHttpAndGoesOnAfterAFailure) {
  fetcher_.answers.emplace(url("good"), der_of(issuer_));
  const Made child =
      leaf({"ldap:///CN=x?cACertificate", "https://ca.example/i", url("404"), url("good")});
  EXPECT_THAT(names_of(source_.issuers_of(*child.certificate)), ElementsAre("Issuer"));
  EXPECT_THAT(fetcher_.asked(), ElementsAre(url("404"), url("good")));
  EXPECT_THAT(problems(), ElementsAre(url("404") + ": aia-failed: the server answered 404"));
}

TEST_F(AiaSourceTest, AsksTheFirstFiveDifferentHttpUrls) {
  const Made child = leaf({"ldap:///x", url("1"), url("1"), "HTTP://ca.example/2", url("3"),
                           url("4"), "ftp://x/", url("5"), url("6")});
  source_.issuers_of(*child.certificate);
  EXPECT_THAT(fetcher_.asked(),
              ElementsAre(url("1"), "HTTP://ca.example/2", url("3"), url("4"), url("5")));
}

TEST_F(AiaSourceTest, SaysThatNoUrlIsHttp) {
  const Made child = leaf({"ldap:///x"});
  EXPECT_THAT(source_.issuers_of(*child.certificate), IsEmpty());
  EXPECT_THAT(
      problems(),
      ElementsAre("aia-refused: only http URLs are asked for issuers, and CN=leaf names none"));
}

TEST_F(AiaSourceTest, RefusesTheRightNameWithTheWrongKey) {
  const Made imposter = make({"Issuer", &root_});
  fetcher_.answers.emplace(url("i"), der_of(imposter));
  const Made child = leaf({url("i")});
  EXPECT_THAT(source_.issuers_of(*child.certificate), IsEmpty());
  EXPECT_THAT(problems(),
              ElementsAre(url("i") + ": aia-mismatch: brought CN=Issuer, but not with the key that "
                                     "signed CN=leaf"));
  EXPECT_EQ(cache_.size(), 0U);

  AiaSource next_search(downloads_, cache_);
  EXPECT_THAT(next_search.issuers_of(*child.certificate), IsEmpty());
  EXPECT_EQ(fetcher_.asked().size(), 1U) << "a useless answer is remembered, too";
}

TEST_F(AiaSourceTest, RefusesTheRightKeyUnderAnotherName) {
  const Made renamed = make({.name = "Renamed", .issuer = &root_, .key = issuer_.key});
  fetcher_.answers.emplace(url("i"), der_of(renamed));
  const Made child = leaf({url("i")});
  EXPECT_THAT(source_.issuers_of(*child.certificate), IsEmpty());
  EXPECT_THAT(problems(),
              ElementsAre(url("i") + ": aia-mismatch: brought 1 certificate, not CN=Issuer"));
}

TEST_F(AiaSourceTest, FindsTheRightOneLastInPkcs7AndUsesTheOthersForTheNextStep) {
  const Made stranger = make({"Stranger"});
  fetcher_.answers.emplace(url("all.p7c"), pkcs7_of({&stranger, &root_, &issuer_}));
  const Made child = leaf({url("all.p7c")});
  EXPECT_THAT(names_of(source_.issuers_of(*child.certificate)), ElementsAre("Issuer"));
  EXPECT_THAT(names_of(source_.issuers_of(*issuer_.certificate)), ElementsAre("Root"));
  EXPECT_EQ(fetcher_.asked().size(), 1U);
  EXPECT_EQ(cache_.size(), 2U) << "the stranger signed nothing of ours";
}

TEST_F(AiaSourceTest, OffersEveryVersionThatTheUrlsBring) {
  const Made other_root = make({"Other Root"});
  const Made crossed = make({.name = "Issuer", .issuer = &other_root, .key = issuer_.key});
  fetcher_.answers.emplace(url("1"), der_of(issuer_));
  fetcher_.answers.emplace(url("2"), der_of(crossed));
  fetcher_.answers.emplace(url("3"), pem_of({&issuer_, &crossed}));
  const Made child = leaf({url("1"), url("2"), url("3")});
  EXPECT_EQ(source_.issuers_of(*child.certificate).size(), 2U);
}

TEST_F(AiaSourceTest, AsksNothingForASelfSignedCertificate) {
  const Made loop = make({"Loop", nullptr, {url("loop")}});
  fetcher_.answers.emplace(url("loop"), der_of(loop));
  EXPECT_THAT(source_.issuers_of(*loop.certificate), IsEmpty());
  EXPECT_THAT(fetcher_.asked(), IsEmpty());
}

TEST_F(AiaSourceTest, AsksEachUrlOfARingOnce) {
  // a and b have signed each other, and each points to the other.
  const Made first_a = make({"A"});
  const Made b = make({"B", &first_a, {url("a")}});
  const Made a = make({.name = "A", .issuer = &b, .aia = {url("b")}, .key = first_a.key});
  fetcher_.answers.emplace(url("a"), der_of(a));
  fetcher_.answers.emplace(url("b"), der_of(b));
  for (int round = 0; round < 3; ++round) {
    EXPECT_THAT(names_of(source_.issuers_of(*a.certificate)), ElementsAre("B"));
    EXPECT_THAT(names_of(source_.issuers_of(*b.certificate)), ElementsAre("A"));
  }
  EXPECT_EQ(fetcher_.asked().size(), 2U);
}

TEST_F(AiaSourceTest, AsksTenUrlsAtMostInOneSearch) {
  for (int child = 0; child < 3; ++child) {
    std::vector<std::string> urls;
    urls.reserve(5);
    for (int i = 0; i < 5; ++i) {
      urls.push_back(url(std::to_string(child) + std::to_string(i)));
    }
    const Made asking = leaf(urls);
    source_.issuers_of(*asking.certificate);
    source_.issuers_of(*asking.certificate);
  }
  EXPECT_EQ(fetcher_.asked().size(), AiaSource::kMaxUrls);
  EXPECT_EQ(problems().size(), 15U);
  EXPECT_THAT(problems().back(),
              url("24") + ": aia-refused: 10 URLs were asked for this chain already");
}

TEST_F(AiaSourceTest, ReportsAProblemOnceHoweverOftenItIsAsked) {
  const Made child = leaf({url("404")});
  source_.issuers_of(*child.certificate);
  source_.issuers_of(*child.certificate);
  EXPECT_EQ(problems().size(), 1U);
}

TEST_F(AiaSourceTest, PassesOnWhyAFetchWasRefused) {
  fetcher_.answers.emplace(
      url("inside"), fail(ErrorCode::blocked, "10.0.0.1 is not a public address", url("inside")));
  source_.issuers_of(*leaf({url("inside")}).certificate);
  ASSERT_EQ(source_.problems().size(), 1U);
  EXPECT_EQ(source_.problems()[0].code, ErrorCode::blocked);
}

TEST_F(AiaSourceTest, SaysInOneWordWhyAUrlWasNoHelp) {
  const std::map<std::string, Result<Bytes>> answers{
      {"aia-refused", fail(ErrorCode::blocked, "x")},
      {"aia-timeout", fail(ErrorCode::timeout, "x")},
      {"aia-too-big", fail(ErrorCode::too_big, "x")},
      {"aia-failed", fail(ErrorCode::network, "x")},
      {"aia-unreadable", Bytes{'x'}},
      {"aia-mismatch", der_of(root_)},
  };
  for (const auto& [word, answer] : answers) {
    fetcher_.answers.insert_or_assign(url(word), answer);
    AiaSource source(downloads_, cache_);
    source.issuers_of(*leaf({url(word)}).certificate);
    ASSERT_EQ(source.problems().size(), 1U) << word;
    EXPECT_THAT(source.problems()[0].describe(),
                ::testing::HasSubstr(url(word) + ": " + word + ": "));
  }
}

}  // namespace
}  // namespace chainmend::certs
