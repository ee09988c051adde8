// What the scenarios leave open of serving, and the reports made of it.
#include "certs/served_chain.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "certs/chain_report.h"
#include "certs/issuer_set.h"
#include "tests/certs/test_pki.h"

namespace chainmend::certs {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using testing::Identity;
using testing::in_bundle;
using ::testing::IsEmpty;
using testing::issue;
using testing::make_ca;
using testing::make_leaf;
using testing::make_root;

class ServedChainTest : public ::testing::Test {
 protected:
  ServedChain serve(const Identity& leaf, const std::vector<Identity>& bundle) const {
    std::vector<Candidate> candidates;
    for (const Identity& one : bundle) {
      candidates.push_back(in_bundle(one));
    }
    IssuerSetSource source(std::make_shared<const IssuerSet>(std::move(candidates)));
    std::vector<IssuerSource*> sources{&source};
    return build_served_chain(make_leaf_file({{leaf.certificate, "leaf.pem", 1}}, 0), sources,
                              TrustProfile("phones", {root_.certificate}), options_);
  }

  Identity root_ = make_root("CN=Root");
  Identity ca_ =
      issue({.subject = "CN=CA", .issuer = &root_, .aia_urls = {"http://ca.example/root.crt"}});
  Identity leaf_ = make_leaf("mail.example", ca_);
  ServeOptions options_{.search = {.at = *parse_time("2026-01-01")}};
};

TEST_F(ServedChainTest, WarnsThirtyDaysBeforeAnythingExpires) {
  options_.search.at = ca_.certificate->not_after() - std::chrono::days(30);
  EXPECT_THAT(serve(leaf_, {ca_}).warnings, IsEmpty());
  options_.search.at += std::chrono::seconds(1);
  EXPECT_THAT(serve(leaf_, {ca_}).warnings, ElementsAre(HasSubstr("'CN=mail.example' expires soon"),
                                                        HasSubstr("'CN=CA' expires soon")));
}

// Brings what it is told to, as AIA does, and counts how often it is asked.
struct Waiting final : IssuerSource {
  std::vector<Candidate> issuers_of(const Certificate& child) override {
    asked.push_back(child.common_name());
    return answer;
  }
  bool may_wait() const override { return true; }
  std::vector<Error> problems() const override {
    return answer.empty() && !asked.empty()
               ? std::vector<Error>{{ErrorCode::network, "no answer", "http://ca.example/", 0}}
               : std::vector<Error>{};
  }
  std::vector<Candidate> answer;
  std::vector<std::string> asked;
};

class Renewal : public ServedChainTest {
 protected:
  static constexpr auto kDay = std::chrono::days(1);
  Time now_ = options_.search.at;
  testing::SharedKey key_ = testing::make_ec_key();
  Identity ending_ = authority(now_ + 29 * kDay);
  Identity next_ = authority(now_ + 700 * kDay);
  Waiting aia_;

  Identity authority(Time end) const {
    return issue({.subject = "CN=CA", .issuer = &root_, .key = key_, .not_after = end});
  }
  ServedChain serve_with_aia(const Identity& leaf, const Identity& bundled) {
    IssuerSetSource bundle(std::make_shared<const IssuerSet>(std::vector{in_bundle(bundled)}));
    std::vector<IssuerSource*> sources{&bundle, &aia_};
    return build_served_chain(make_leaf_file({{leaf.certificate, "leaf.pem", 1}}, 0), sources,
                              TrustProfile("phones", {root_.certificate}), options_);
  }
};

TEST_F(Renewal, TakesTheSuccessorOfAnIntermediateThatEndsWithinThirtyDays) {
  aia_.answer = {{next_.certificate, Origin::aia, "http://ca.example/ca.crt"}};
  const ServedChain chain = serve_with_aia(make_leaf("mail.example", ending_), ending_);
  EXPECT_TRUE(chain.complete);
  EXPECT_EQ(chain.certificates.at(1).certificate->fingerprint(), next_.certificate->fingerprint());
  EXPECT_THAT(aia_.asked, ElementsAre("mail.example"));
}

TEST_F(Renewal, KeepsWhatEndsSoonWhenNobodyHasASuccessor) {
  const ServedChain chain = serve_with_aia(make_leaf("mail.example", ending_), ending_);
  EXPECT_TRUE(chain.complete);
  EXPECT_EQ(chain.certificates.at(1).certificate->fingerprint(),
            ending_.certificate->fingerprint());
  EXPECT_THAT(aia_.asked, ElementsAre("mail.example"));
  EXPECT_THAT(chain.warnings,
              ElementsAre(HasSubstr("'CN=CA' expires soon"),
                          "no successor of 'CN=CA': http://ca.example/: no answer"));
}

TEST_F(Renewal, HoldsForAPreferredRootToo) {
  options_.preferred_root = "CN=Root";
  aia_.answer = {{next_.certificate, Origin::aia, "http://ca.example/ca.crt"}};
  const ServedChain chain = serve_with_aia(make_leaf("mail.example", ending_), ending_);
  EXPECT_EQ(chain.certificates.at(1).certificate->fingerprint(), next_.certificate->fingerprint());
}

TEST_F(Renewal, KeepsWhatEndsSoonWhenTheSuccessorIsNoIssuer) {
  const Identity imposter = issue({.subject = "CN=CA", .issuer = &root_});
  aia_.answer = {{imposter.certificate, Origin::aia, ""}};
  const ServedChain chain = serve_with_aia(make_leaf("mail.example", ending_), ending_);
  EXPECT_TRUE(chain.complete);
  EXPECT_EQ(chain.certificates.at(1).certificate->fingerprint(),
            ending_.certificate->fingerprint());
}

TEST_F(Renewal, AsksNobodyEarlier) {
  const Identity at_thirty = authority(now_ + 30 * kDay);
  EXPECT_TRUE(serve_with_aia(make_leaf("mail.example", at_thirty), at_thirty).complete);
  EXPECT_THAT(aia_.asked, IsEmpty());
}

TEST_F(ServedChainTest, LeavesOffAnUntrustedSelfSignedEnd) {
  const Identity stranger = make_root("CN=Stranger");
  const Identity ca = make_ca("CN=CA2", stranger);
  const Identity leaf = make_leaf("mail.example", ca);
  const ServedChain chain = serve(leaf, {ca, stranger});
  EXPECT_FALSE(chain.complete);
  EXPECT_EQ(chain.anchor, nullptr);
  EXPECT_EQ(chain.certificates.size(), 2U);
  options_.send_root = true;
  EXPECT_EQ(serve(leaf, {ca, stranger}).certificates.size(), 3U);
}

TEST_F(ServedChainTest, EndsInThePreferredRootWhenItCan) {
  const Identity other = make_root("CN=Other,O=Lab");
  const Identity cross = issue({.subject = "CN=CA", .issuer = &other, .key = ca_.key});
  const TrustProfile both("both", {root_.certificate, other.certificate});
  IssuerSetSource source(
      std::make_shared<const IssuerSet>(std::vector{in_bundle(ca_), in_bundle(cross)}));
  std::vector<IssuerSource*> sources{&source};
  const LeafFile file = make_leaf_file({{leaf_.certificate, "leaf.pem", 1}}, 0);
  for (const Identity* const wanted : std::initializer_list<const Identity*>{&root_, &other}) {
    const Certificate& root = *wanted->certificate;
    for (const std::string& name : {root.subject(), root.common_name(), hex(root.fingerprint()),
                                    hex_colons(root.fingerprint())}) {
      options_.preferred_root = name;
      const ServedChain chain = build_served_chain(file, sources, both, options_);
      ASSERT_TRUE(chain.complete) << name;
      EXPECT_EQ(chain.anchor->subject(), root.subject()) << name;
      EXPECT_THAT(chain.warnings, IsEmpty()) << name;
    }
  }
  options_.preferred_root = "CN=CA";  // an issuer on the way, and not the topmost
  const ServedChain chain = build_served_chain(file, sources, both, options_);
  EXPECT_TRUE(chain.complete);
  EXPECT_THAT(chain.warnings,
              ElementsAre(HasSubstr("no path leads to the preferred root 'CN=CA'")));
}

TEST_F(ServedChainTest, LeavesWeakIntermediatesOutUnlessTheyAreAllowed) {
  const Identity weak =
      issue({.subject = "CN=CA", .issuer = &root_, .key = ca_.key, .digest = EVP_sha1()});
  EXPECT_TRUE(serve(leaf_, {weak}).complete);
  options_.search.refuse_weak = true;
  const ServedChain refused = serve(leaf_, {weak});
  ASSERT_FALSE(refused.complete);
  EXPECT_EQ(refused.failure->reason, Reason::weak);
  EXPECT_THAT(refused.failure->describe(), HasSubstr("is weak (signed with SHA-1)"));
  EXPECT_EQ(refused.certificates.size(), 1U);
  EXPECT_TRUE(serve(leaf_, {weak, ca_}).complete) << "the strong twin will do";
}

TEST_F(ServedChainTest, ServesTheFileAsItIsWhenAskedTo) {
  const LeafFile file = make_leaf_file({{root_.certificate, "leaf.pem", 1},
                                        {leaf_.certificate, "leaf.pem", 20},
                                        {ca_.certificate, "leaf.pem", 40},
                                        {ca_.certificate, "leaf.pem", 60}},
                                       1);
  const ServedChain chain =
      serve_as_given(file, TrustProfile("phones", {root_.certificate}), options_);
  EXPECT_TRUE(chain.complete);
  EXPECT_THAT(chain.repairs, IsEmpty());
  ASSERT_EQ(chain.certificates.size(), 4U);
  const Identity* const wanted[] = {&leaf_, &root_, &ca_, &ca_};
  for (std::size_t i = 0; i < 4; ++i) {
    EXPECT_EQ(chain.certificates[i].certificate->fingerprint(),
              wanted[i]->certificate->fingerprint())
        << i;
  }
  const LeafFile alone = make_leaf_file({{leaf_.certificate, "leaf.pem", 1}}, 0);
  const ServedChain broken =
      serve_as_given(alone, TrustProfile("phones", {root_.certificate}), options_);
  EXPECT_FALSE(broken.complete);
  EXPECT_EQ(broken.failure->reason, Reason::no_issuer);
}

TEST_F(ServedChainTest, IsReportedAsJson) {
  const auto json = to_json(serve(leaf_, {ca_}));
  EXPECT_EQ(json["complete"], true);
  EXPECT_EQ(json["failure"], nullptr);
  EXPECT_EQ(json["anchor"]["subject"], "CN=Root");
  EXPECT_EQ(json["anchor"]["sha256"], hex(root_.certificate->fingerprint()));
  EXPECT_EQ(json["anchor"]["profile"], "phones");
  ASSERT_EQ(json["chain"].size(), 2U);
  EXPECT_EQ(json["chain"][0]["subject"], "CN=mail.example");
  EXPECT_EQ(json["chain"][0]["source"], "file");
  EXPECT_EQ(json["chain"][1]["pem"], ca_.certificate->pem());
  EXPECT_EQ(json["chain"][1]["sha256"], hex(ca_.certificate->fingerprint()));
  EXPECT_EQ(json["chain"][1]["issuer"], "CN=Root");
  EXPECT_EQ(json["chain"][1]["not_after"], "2030-01-01T00:00:00Z");
  EXPECT_EQ(json["chain"][1]["source"], "bundle");
  EXPECT_EQ(json["chain"][1]["location"], "bundle.pem");
  EXPECT_TRUE(json["warnings"].empty());
  EXPECT_TRUE(json["rejected"].empty());
}

TEST_F(ServedChainTest, ReportsWhatIsMissing) {
  const auto json = to_json(serve(leaf_, {}));
  EXPECT_EQ(json["complete"], false);
  EXPECT_EQ(json["anchor"], nullptr);
  EXPECT_EQ(json["chain"].size(), 1U);
  EXPECT_EQ(json["failure"]["reason"], "no-issuer");
  EXPECT_EQ(json["failure"]["missing_issuer"], "CN=CA");
  EXPECT_EQ(json["failure"]["key_id"], hex_colons(*ca_.certificate->subject_key_id()));
  const Identity orphan = issue({.issuer = &ca_, .aia_urls = {"http://ca.example/ca.crt"}});
  EXPECT_EQ(to_json(serve(orphan, {}))["failure"]["aia_urls"][0], "http://ca.example/ca.crt");
}

TEST_F(ServedChainTest, ReportsWhatWasRejected) {
  const Identity expired = issue({.subject = "CN=CA",
                                  .issuer = &root_,
                                  .key = ca_.key,
                                  .not_after = *parse_time("2021-01-01")});
  const auto json = to_json(serve(leaf_, {expired}));
  ASSERT_EQ(json["rejected"].size(), 1U);
  EXPECT_EQ(json["rejected"][0]["subject"], "CN=CA");
  EXPECT_EQ(json["rejected"][0]["issuer_of"], "CN=mail.example");
  EXPECT_EQ(json["rejected"][0]["reason"], "expired");
  EXPECT_THAT(json["rejected"][0]["text"].get<std::string>(),
              HasSubstr("expired at 2021-01-01T00:00:00Z"));
}

TEST_F(ServedChainTest, IsPrintedAsPemInWireOrder) {
  EXPECT_EQ(to_pem(serve(leaf_, {ca_})), leaf_.certificate->pem() + ca_.certificate->pem());
}

}  // namespace
}  // namespace chainmend::certs
