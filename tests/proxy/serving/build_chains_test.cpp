// The chains of a configuration: profiles, named variants, weak and given ones.
#include "proxy/serving/build_chains.h"

#include <gmock/gmock.h>

#include "tests/proxy/serving/lab.h"

namespace chainmend::serving::testing {
namespace {

using ::testing::AllOf;
using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::StartsWith;

// The lab's CA is signed by a second root as well, which is all that some phones have.
class BuildChains : public ::testing::Test {
 protected:
  BuildChains() {
    lab_.write("phone-root.pem", phone_root_.certificate->pem());
    lab_.write("cross.pem", cross_.certificate->pem());
  }

  // A listener with its `tls` map, over the sections that a test gives.
  config::Result<Build> build(const std::string& sections, const std::string& tls) {
    return lab_.build(sections +
                      "listeners:\n"
                      "  - { name: web, listen: 127.0.0.1:0, certificates: [mail], upstream: u, " +
                      tls + " }\nupstreams: { u: { servers: [http://127.0.0.1:1] } }\n");
  }
  std::string chain_section(const std::string& bundles) const {
    return "chain: { bundles: [" + bundles + "], " + kAiaOff + " }\n" +
           "trust_profiles: { phones: { roots: phone-root.pem } }\n";
  }

  Lab lab_;
  Identity phone_root_ = far_root("Phone Root");
  Identity cross_ = issue({.subject = "CN=Lab CA",
                           .issuer = &phone_root_,
                           .key = lab_.ca.key,
                           .not_after = kFarAway,
                           .key_usage = "keyCertSign"});
};

const CertificateReport* find(const Build& build, const std::string& chain) {
  const auto found = std::ranges::find(build.certificates, chain, &CertificateReport::chain_name);
  return found == build.certificates.end() ? nullptr : &*found;
}

std::string topmost(const CertificateReport* report) {
  return report == nullptr ? "none" : report->chain.certificates.back().certificate->issuer();
}

TEST_F(BuildChains, GivesAProfileThatIsLeftOutAChainByItsName) {
  const auto built =
      build(chain_section("ca.pem, cross.pem") + "certificates: { mail: { cert: leaf.pem } }\n",
            "tls: { trust_profiles: [phones] }");
  ASSERT_TRUE(built);
  ASSERT_EQ(built->certificates.size(), 2);
  EXPECT_EQ(topmost(find(*built, "auto")), "CN=Lab Root");
  EXPECT_THAT(find(*built, "auto")->accepted_by, ElementsAre("chain.trust"));
  EXPECT_EQ(topmost(find(*built, "phones")), "CN=Phone Root");
  EXPECT_THAT(find(*built, "phones")->listeners, ElementsAre("web"));
  EXPECT_THAT(
      lab_.texts(built->warnings),
      Contains(AllOf(HasSubstr("does not suit all: clients that have only the roots of "
                               "'phones' refuse it: they would need the root 'CN=Lab Root'"),
                     HasSubstr("a chain of their own ends in 'CN=Phone Root'"))));
}

TEST_F(BuildChains, HasNothingToSayOfAProfileWhoseClientsGetTheirOwnChain) {
  for (const std::string profiles : {"[phones]", "[]"}) {
    const auto built =
        build(chain_section("ca.pem, cross.pem") + "certificates: { mail: { cert: leaf.pem } }\n",
              "tls: { trust_profiles: " + profiles +
                  ", for_clients: { client_type: legacy_phone, chain: phones } }");
    ASSERT_TRUE(built);
    EXPECT_THAT(lab_.texts(built->warnings), IsEmpty());
    ASSERT_EQ(built->certificates.size(), 2);
    EXPECT_EQ(topmost(find(*built, "phones")), "CN=Phone Root");
    EXPECT_THAT(find(*built, "phones")->accepted_by, ElementsAre("phones"));
  }
}

TEST_F(BuildChains, ServesOneChainToAllWhenItSuitsThem) {
  const Identity root_by_phones = issue({.subject = "CN=Lab Root",
                                         .issuer = &phone_root_,
                                         .key = lab_.root.key,
                                         .not_after = kFarAway,
                                         .key_usage = "keyCertSign"});
  lab_.write("root-cross.pem", root_by_phones.certificate->pem());
  const auto built = build(
      chain_section("ca.pem, root-cross.pem") + "certificates: { mail: { cert: leaf.pem } }\n",
      "tls: { trust_profiles: [phones] }");
  ASSERT_TRUE(built);
  ASSERT_EQ(built->certificates.size(), 1);
  EXPECT_EQ(built->certificates[0].chain.certificates.size(), 3);
  EXPECT_THAT(built->certificates[0].accepted_by, ElementsAre("chain.trust", "phones"));
  EXPECT_THAT(lab_.texts(built->warnings), IsEmpty());
}

TEST_F(BuildChains, BuildsTheChainsThatTheOperatorNamed) {
  const auto built = build(chain_section("ca.pem, cross.pem") +
                               "certificates:\n  mail:\n    cert: leaf.pem\n    chains:\n"
                               "      old: { trust_profile: phones, send_root: true }\n",
                           "tls: { trust_profiles: [] }");
  ASSERT_TRUE(built);
  const CertificateReport* old = find(*built, "old");
  ASSERT_NE(old, nullptr);
  ASSERT_EQ(old->chain.certificates.size(), 3);
  EXPECT_EQ(old->chain.certificates.back().certificate->subject(), "CN=Phone Root");
  EXPECT_EQ(find(*built, "auto")->chain.certificates.size(), 2);
}

TEST_F(BuildChains, RefusesWeakIntermediatesWithAHintAndServesThemOnOptIn) {
  const Identity weak = issue({.subject = "CN=Lab CA",
                               .issuer = &lab_.root,
                               .key = lab_.ca.key,
                               .digest = EVP_sha1(),
                               .not_after = kFarAway,
                               .key_usage = "keyCertSign"});
  lab_.write("ca.pem", weak.certificate->pem());
  const std::string chain = "chain: { bundles: ca.pem, " + kAiaOff + " }\n";
  const auto refused =
      build(chain + "certificates:\n  mail: { cert: leaf.pem }\n", "tls: { policy: modern }");
  ASSERT_TRUE(refused);
  EXPECT_FALSE(refused->complete);
  EXPECT_THAT(lab_.texts(refused->warnings),
              ElementsAre(AllOf(StartsWith("c.yaml:3:"), HasSubstr("is weak (signed with SHA-1)"),
                                HasSubstr("\"weak: allow\" on the certificate serves it"))));
  const auto allowed = build(chain + "certificates: { mail: { cert: leaf.pem, weak: allow } }\n",
                             "tls: { policy: modern }");
  ASSERT_TRUE(allowed);
  EXPECT_TRUE(allowed->complete);
  EXPECT_EQ(allowed->certificates[0].chain.certificates.size(), 2);
  EXPECT_THAT(lab_.texts(allowed->warnings), ElementsAre(HasSubstr("'CN=Lab CA' is weak")));
}

TEST_F(BuildChains, ServesTheFileAsGiven) {
  lab_.write("leaf.pem", lab_.leaf.certificate->pem() + lab_.root.certificate->pem() +
                             lab_.ca.certificate->pem() + certs::testing::key_pem(lab_.leaf));
  const auto built = build(
      "chain: { " + kAiaOff + " }\ncertificates: { mail: { cert: leaf.pem, serve: as-given } }\n",
      "tls: { policy: modern }");
  ASSERT_TRUE(built);
  const auto& sent = built->certificates[0].chain.certificates;
  ASSERT_EQ(sent.size(), 3);
  EXPECT_EQ(sent[1].certificate->subject(), "CN=Lab Root");
  EXPECT_EQ(sent[2].certificate->subject(), "CN=Lab CA");
}

TEST_F(BuildChains, NotesWhatItPutRightOnceHoweverManyListenersServeIt) {
  lab_.write("whole.pem", lab_.leaf.certificate->pem() + lab_.root.certificate->pem() +
                              lab_.ca.certificate->pem() + certs::testing::key_pem(lab_.leaf));
  const auto built = lab_.build("chain: { " + kAiaOff + R"( }
certificates: { mail: { cert: whole.pem } }
listeners:
  - { name: a, listen: 127.0.0.1:0, certificates: [mail], upstream: u }
  - { name: b, listen: 127.0.0.1:0, certificates: [mail], upstream: u }
upstreams: { u: { servers: [http://127.0.0.1:1] } }
)");
  ASSERT_TRUE(built);
  EXPECT_THAT(lab_.texts(built->warnings), IsEmpty());
  EXPECT_THAT(lab_.texts(built->notes),
              ElementsAre(AllOf(StartsWith("c.yaml:2:"),
                                HasSubstr("the root 'CN=Lab Root' was left off"))));
}

TEST_F(BuildChains, MissesNothingOfASelfSignedLeafAndSaysWhoMustTrustIt) {
  const Identity own = issue({.subject = "CN=mail.test",
                              .not_after = kFarAway,
                              .basic_constraints = "",
                              .alternative_names = "DNS:mail.test"});
  lab_.write("own.pem", own.certificate->pem() + certs::testing::key_pem(own));
  for (const std::string on_incomplete : {"warn", "fail"}) {
    const auto built = build("chain: { " + kAiaOff + ", on_incomplete: " + on_incomplete +
                                 " }\ncertificates: { mail: { cert: own.pem } }\n",
                             "tls: { policy: modern }");
    ASSERT_TRUE(built);
    EXPECT_TRUE(built->complete);
    EXPECT_THAT(lab_.texts(built->warnings), IsEmpty());
    EXPECT_THAT(lab_.texts(built->notes),
                ElementsAre(HasSubstr("certificate mail: it is self-signed")));
  }
}

TEST_F(BuildChains, WarnsOfAStoreThatClientsStumbleOver) {
  lab_.write("phone-root.pem", phone_root_.certificate->pem() + lab_.ca.certificate->pem() +
                                   phone_root_.certificate->pem());
  const auto built = build(chain_section("ca.pem") + "certificates: { mail: { cert: leaf.pem } }\n",
                           "tls: { trust_profiles: [phones] }");
  ASSERT_TRUE(built);
  EXPECT_THAT(lab_.texts(built->warnings),
              AllOf(Contains(AllOf(StartsWith("c.yaml:2:"), HasSubstr("trust profile phones: "),
                                   HasSubstr("phone-root.pem:"), HasSubstr("CN=Lab CA"))),
                    Contains(AllOf(HasSubstr("phone-root.pem:"), HasSubstr("CN=Phone Root")))));
}

TEST_F(BuildChains, BuildsEachChainOnceForAllListeners) {
  const auto built = lab_.build(chain_section("ca.pem, cross.pem") + R"(
certificates: { mail: { cert: leaf.pem } }
listeners:
  - { name: a, listen: 127.0.0.1:0, certificates: [mail], upstream: u }
  - { name: b, listen: 127.0.0.1:0, certificates: [mail], upstream: u }
  - { name: c, listen: 127.0.0.1:0, certificates: [mail], upstream: u, tls: { trust_profiles: [phones] } }
upstreams: { u: { servers: [http://127.0.0.1:1] } }
)");
  ASSERT_TRUE(built);
  ASSERT_EQ(built->certificates.size(), 2);
  EXPECT_THAT(find(*built, "auto")->listeners, ElementsAre("a", "b", "c"));
  EXPECT_THAT(find(*built, "phones")->listeners, ElementsAre("c"));
}

}  // namespace
}  // namespace chainmend::serving::testing
