#include "proxy/server/certificate_states.h"

#include <gmock/gmock.h>

#include "proxy/serving/build_chains.h"
#include "tests/certs/test_pki.h"

namespace chainmend::server {
namespace {

using certs::Origin;
using certs::testing::Identity;
using certs::testing::issue;
using certs::testing::make_root;
using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::SizeIs;

struct Lab {
  Identity root = make_root("CN=Root");
  Identity ca = issue(
      {.subject = "CN=Issuing CA", .issuer = &root, .not_after = *certs::parse_time("2030-01-01")});
  Identity old_ca = issue(
      {.subject = "CN=Issuing CA", .issuer = &root, .not_after = *certs::parse_time("2020-01-01")});
  Identity leaf = issue({.subject = "CN=mail.test",
                         .issuer = &ca,
                         .not_after = *certs::parse_time("2031-01-01"),
                         .basic_constraints = ""});

  serving::CertificateReport report(std::string key, std::string chain_name,
                                    std::vector<certs::Candidate> after_the_leaf,
                                    bool complete = true) const {
    serving::CertificateReport made{"mail", std::move(key), std::move(chain_name), {}, {}, {}, {}};
    made.chain.certificates = {{leaf.certificate, Origin::leaf_file, ""}};
    for (certs::Candidate& link : after_the_leaf) {
      made.chain.certificates.push_back(std::move(link));
    }
    made.chain.complete = complete;
    return made;
  }
};

TEST(CertificateStates, MakesOneOfTheLeavesOfAName) {
  const Lab lab;
  const auto states =
      certificate_states({lab.report("RSA 2048", serving::kAutomaticChain,
                                     {{lab.ca.certificate, Origin::bundle, ""},
                                      {lab.root.certificate, Origin::root, ""}}),
                          lab.report("EC P-256", serving::kAutomaticChain, {}, false),
                          lab.report("EC P-256", serving::kAutomaticChain, {}, false)});
  ASSERT_THAT(states, SizeIs(1));
  EXPECT_EQ(states[0].name, "mail");
  EXPECT_THAT(states[0].leaves,
              ElementsAre(metrics::CertificateState::Leaf{"mail.test", "Issuing CA", "EC P-256"},
                          metrics::CertificateState::Leaf{"mail.test", "Issuing CA", "RSA 2048"}));
  ASSERT_THAT(states[0].chains, SizeIs(1));
  EXPECT_FALSE(states[0].chains[0].complete);
  EXPECT_EQ(states[0].chains[0].length, 1U);
  EXPECT_THAT(states[0].chains[0].sources, ElementsAre("bundle", "root"));
}

TEST(CertificateStates, ExpiresWithWhatIsServedByDefault) {
  const Lab lab;
  const auto states = certificate_states(
      {lab.report("RSA 2048", serving::kAutomaticChain, {{lab.ca.certificate, Origin::cache, ""}}),
       lab.report("RSA 2048", "phones", {{lab.old_ca.certificate, Origin::aia, ""}})});
  ASSERT_THAT(states, SizeIs(1));
  EXPECT_EQ(states[0].not_after, *certs::parse_time("2030-01-01"));
  ASSERT_THAT(states[0].chains, SizeIs(2));
  EXPECT_EQ(states[0].chains[1].name, "phones");
  EXPECT_THAT(states[0].chains[0].sources, ElementsAre("aia"));
  EXPECT_THAT(states[0].chains[1].sources, ElementsAre("aia"));
}

TEST(CertificateStates, AreNoneWithoutCertificates) {
  EXPECT_THAT(certificate_states({}), IsEmpty());
}

}  // namespace
}  // namespace chainmend::server
