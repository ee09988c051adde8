#include "proxy/serving/upstream_verifier.h"

#include <gmock/gmock.h>

#include "tests/proxy/serving/lab.h"

namespace chainmend::serving::testing {
namespace {

using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;

using List = std::vector<certs::CertificatePtr>;
const std::string kHost = "mail.test";
const std::string kUrl = "http://ca.test/ca.cer";

struct Verifying {
  Verifying() {
    config::Aia settings;
    settings.cache.value = lab.path("aia");
    issuers.aia = std::make_shared<AiaService>(settings, lab.fetcher);
  }
  std::shared_ptr<UpstreamVerifier> verifier(bool repair = true) {
    return std::make_shared<UpstreamVerifier>(
        "cas", std::make_shared<certs::TrustProfile>("test", List{lab.root.certificate}), issuers,
        repair, [this](std::function<void()> job) { jobs.push_back(std::move(job)); });
  }
  // "" when the list is accepted.
  static std::string verdict(const UpstreamVerifier& verifier, const List& list,
                             const std::string& host = kHost) {
    const auto result = verifier.verify(list, host);
    return result ? "" : result.error().text;
  }
  void run_jobs() {
    for (const auto& job : std::exchange(jobs, {})) {
      job();
    }
  }

  Lab lab;
  Issuers issuers;
  std::vector<std::function<void()>> jobs;  // what waits for the background thread
  Identity leaf = far_leaf(kHost, lab.ca, {kUrl});
};

TEST(UpstreamVerifier, AcceptsAWholeListInAnyOrder) {
  Verifying v;
  const Identity middle = far_ca("Middle CA", v.lab.ca);
  const Identity leaf = far_leaf(kHost, middle);
  EXPECT_EQ(v.verdict(*v.verifier(), {leaf.certificate, v.lab.ca.certificate, middle.certificate}),
            "");
}

TEST(UpstreamVerifier, RefusesTheRightCertificateOfAnotherHost) {
  Verifying v;
  const auto verifier = v.verifier();
  const List list = {v.leaf.certificate, v.lab.ca.certificate};
  EXPECT_EQ(v.verdict(*verifier, list), "");  // and now it is remembered as good
  EXPECT_THAT(v.verdict(*verifier, list, "other.test"), HasSubstr("not for other.test"));
  EXPECT_THAT(v.verdict(*verifier, list, "10.0.0.1"), HasSubstr("but for mail.test"));
}

TEST(UpstreamVerifier, NamesTheKeyThatMendsARefusal) {
  Verifying v;
  const Identity strange_root = far_root("Strange Root");
  const Identity strange_leaf = far_leaf(kHost, strange_root);
  const Identity orphan = far_leaf(kHost, far_ca("Absent CA", v.lab.root));
  const auto verifier = v.verifier();
  EXPECT_THAT(v.verdict(*verifier, {v.leaf.certificate, v.lab.ca.certificate}, "10.0.0.1"),
              HasSubstr("set upstreams.cas.tls.server_name"));
  EXPECT_THAT(v.verdict(*verifier, {strange_leaf.certificate, strange_root.certificate}),
              HasSubstr("name its file in upstreams.cas.tls.trust"));
  EXPECT_THAT(v.verdict(*verifier, {orphan.certificate}),
              AllOf(HasSubstr("chain.bundles"), HasSubstr("upstreams.cas.tls.trust")));
}

TEST(UpstreamVerifier, CompletesALeafThatComesAloneFromTheBundle) {
  Verifying v;
  v.issuers.bundles =
      std::make_shared<certs::IssuerSet>(std::vector{certs::testing::in_bundle(v.lab.ca)});
  EXPECT_EQ(v.verdict(*v.verifier(), {v.leaf.certificate}), "");
  EXPECT_THAT(v.verdict(*v.verifier(false), {v.leaf.certificate}), HasSubstr("Lab CA"));
  EXPECT_THAT(v.jobs, IsEmpty());  // repair_chain: false asks nobody either
}

TEST(UpstreamVerifier, LeavesWhatOnlyAiaBringsToTheBackgroundAndAsksOnce) {
  Verifying v;
  v.lab.fetcher.offer(kUrl, v.lab.ca);
  auto verifier = v.verifier();
  EXPECT_THAT(v.verdict(*verifier, {v.leaf.certificate}), HasSubstr("Lab CA"));
  EXPECT_THAT(v.verdict(*verifier, {v.leaf.certificate}), HasSubstr("Lab CA"));
  EXPECT_THAT(v.lab.fetcher.asked, IsEmpty());  // not here: this thread serves
  ASSERT_EQ(v.jobs.size(), 1);
  const auto next = v.verifier();
  verifier.reset();  // a reload drops it before its job begins
  v.run_jobs();
  EXPECT_THAT(v.lab.fetcher.asked, ElementsAre(kUrl));
  EXPECT_EQ(v.verdict(*next, {v.leaf.certificate}), "");
  EXPECT_THAT(v.jobs, IsEmpty());
}

// Whatever is wrong with what is at hand, its authority may have better; with a leaf that is itself
// at fault nothing helps.
TEST(UpstreamVerifier, AsksForASuccessorOfAnExpiredIssuerAndForANamesake) {
  Verifying v;
  v.lab.fetcher.offer(kUrl, v.lab.ca);
  const Identity expired = issue({.subject = "CN=Lab CA",
                                  .issuer = &v.lab.root,
                                  .key = v.lab.ca.key,
                                  .not_after = *certs::parse_time("2025-01-01")});
  const Identity namesake = far_ca("Lab CA", v.lab.root);
  for (const Identity& issuer : {expired, namesake}) {
    Verifying fresh;
    fresh.lab.root = v.lab.root;
    fresh.lab.fetcher.offer(kUrl, v.lab.ca);
    const auto verifier = fresh.verifier();
    const List list = {v.leaf.certificate, issuer.certificate};
    EXPECT_NE(fresh.verdict(*verifier, list), "");
    fresh.run_jobs();
    EXPECT_EQ(fresh.verdict(*verifier, list), "");
  }
}

TEST(UpstreamVerifier, AsksNobodyAboutALeafThatIsAtFault) {
  Verifying v;
  const Identity expired = issue({.subject = "CN=" + kHost,
                                  .issuer = &v.lab.ca,
                                  .not_after = *certs::parse_time("2025-01-01"),
                                  .basic_constraints = "",
                                  .alternative_names = "DNS:" + kHost,
                                  .aia_urls = {kUrl}});
  EXPECT_THAT(v.verdict(*v.verifier(), {expired.certificate, v.lab.ca.certificate}),
              HasSubstr("expired"));
  EXPECT_THAT(v.jobs, IsEmpty());
}

TEST(UpstreamVerifier, SaysAtTheNextAttemptWhyTheFetchWasNoHelp) {
  Verifying v;
  const auto verifier = v.verifier();
  EXPECT_THAT(v.verdict(*verifier, {v.leaf.certificate}), Not(HasSubstr("no such host")));
  v.run_jobs();
  EXPECT_THAT(v.verdict(*verifier, {v.leaf.certificate}),
              AllOf(HasSubstr("Lab CA"), HasSubstr(kUrl + ": aia-failed: no such host")));
}

// Strangers choose what is fetched for them: it must not push out what our own leaves need.
TEST(UpstreamVerifier, KeepsWhatIsFetchedForStrangersApart) {
  Verifying v;
  v.lab.fetcher.offer(kUrl, v.lab.ca);
  const auto verifier = v.verifier();
  v.verdict(*verifier, {v.leaf.certificate});
  v.run_jobs();
  EXPECT_EQ(v.issuers.aia->cache().size(), 0);
  EXPECT_EQ(v.issuers.aia->strangers_cache().size(), 1);
  // After a restart both are there again, and neither complains about the other's folder.
  config::Aia settings = v.issuers.aia->settings();
  v.issuers.aia = std::make_shared<AiaService>(settings, v.lab.fetcher);
  EXPECT_THAT(v.issuers.aia->cache().problems(), IsEmpty());
  EXPECT_EQ(v.issuers.aia->strangers_cache().size(), 1);
  EXPECT_EQ(v.verdict(*v.verifier(), {v.leaf.certificate}), "");
}

// AIA brings certificates, never trust.
TEST(UpstreamVerifier, RefusesARootThatOnlyAiaKnows) {
  Verifying v;
  const Identity strange_root = far_root("Strange Root");
  const Identity strange_ca = far_ca("Strange CA", strange_root, {"http://ca.test/root.cer"});
  const Identity leaf = far_leaf(kHost, strange_ca, {kUrl});
  v.lab.fetcher.offer(kUrl, strange_ca);
  v.lab.fetcher.offer("http://ca.test/root.cer", strange_root);
  const auto verifier = v.verifier();
  EXPECT_NE(v.verdict(*verifier, {leaf.certificate}), "");
  v.run_jobs();
  EXPECT_NE(v.verdict(*verifier, {leaf.certificate}), "");
  EXPECT_NE(
      v.verdict(*verifier, {leaf.certificate, strange_ca.certificate, strange_root.certificate}),
      "");
}

}  // namespace
}  // namespace chainmend::serving::testing
