// One list for clients with different root stores where there is one, and what comes of it where
// there is none.
#include "certs/profile_chains.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "certs/issuer_set.h"
#include "tests/certs/test_pki.h"

namespace chainmend::certs {
namespace {

using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using testing::Identity;
using testing::in_bundle;
using ::testing::IsEmpty;
using testing::issue;
using testing::make_ca;
using testing::make_ec_key;
using testing::make_leaf;
using testing::make_root;

// A CA that two roots have signed: its key, and its certificate by either.
struct CrossSigned {
  CrossSigned(const std::string& subject, const Identity& first, const Identity& second)
      : by_first(issue({.subject = subject, .issuer = &first, .key = key})),
        by_second(issue({.subject = subject, .issuer = &second, .key = key})) {}
  testing::SharedKey key = make_ec_key();
  Identity by_first, by_second;
};

class ProfileChainsTest : public ::testing::Test {
 protected:
  TrustProfilePtr profile(const std::string& name, const std::vector<Identity>& roots) const {
    std::vector<CertificatePtr> certificates;
    for (const Identity& root : roots) {
      certificates.push_back(root.certificate);
    }
    return std::make_shared<const TrustProfile>(name, certificates);
  }

  ProfileChains build(const Identity& leaf, const std::vector<Identity>& bundle,
                      const std::vector<TrustProfilePtr>& profiles) const {
    std::vector<Candidate> candidates;
    for (const Identity& one : bundle) {
      candidates.push_back(in_bundle(one));
    }
    IssuerSetSource source(std::make_shared<const IssuerSet>(std::move(candidates)));
    IssuerSource* const sources[] = {&source};
    return build_profile_chains(make_leaf_file({{leaf.certificate, "leaf.pem", 1}}, 0), sources,
                                profiles, options_);
  }

  static std::vector<CertificatePtr> sent(const ServedChain& chain) {
    std::vector<CertificatePtr> list;
    for (const Candidate& one : chain.certificates) {
      list.push_back(one.certificate);
    }
    return list;
  }
  // Whether these are the certificates on the wire, in this order.
  static void expect_sent(const ServedChain& chain, const std::vector<Identity>& wanted) {
    const std::vector<CertificatePtr> list = sent(chain);
    ASSERT_EQ(list.size(), wanted.size());
    for (std::size_t i = 0; i < list.size(); ++i) {
      EXPECT_EQ(list[i]->fingerprint(), wanted[i].certificate->fingerprint())
          << i << ": " << list[i]->subject() << " by " << list[i]->issuer();
    }
  }

  Identity old_root_ = make_root("CN=Old Root");
  Identity new_root_ = make_root("CN=New Root");
  ServeOptions options_{.search = {.at = *parse_time("2026-01-01")}};
};

TEST_F(ProfileChainsTest, ServesOneListToAllWhenACrossSignedRootSuitsThem) {
  const Identity cross =
      issue({.subject = "CN=New Root", .issuer = &old_root_, .key = new_root_.key});
  const Identity ca = make_ca("CN=CA", new_root_);
  const Identity leaf = make_leaf("mail.example", ca);
  const auto chains =
      build(leaf, {ca, cross}, {profile("new", {new_root_}), profile("old", {old_root_})});
  expect_sent(chains.common, {leaf, ca, cross});  // and not the short one, which the first prefers
  EXPECT_THAT(chains.accepted_by, ElementsAre("new", "old"));
  EXPECT_THAT(chains.left_out, IsEmpty());
}

TEST_F(ProfileChainsTest, FindsTheListForAllThatIsNobodysFirstChoice) {
  // The shortest for each is a CA of its own; only the long way has both roots in it.
  const CrossSigned ca("CN=CA", old_root_, new_root_);
  const Identity middle = make_root("CN=Middle");
  const Identity by_middle = issue({.subject = "CN=CA", .issuer = &middle, .key = ca.key});
  const Identity middle_by_old =
      issue({.subject = "CN=Middle", .issuer = &old_root_, .key = middle.key});
  const Identity leaf = make_leaf("mail.example", ca.by_first);
  const auto chains = build(leaf, {ca.by_first, by_middle, middle_by_old},
                            {profile("old", {old_root_}), profile("middle", {middle})});
  expect_sent(chains.common, {leaf, by_middle, middle_by_old});
  EXPECT_THAT(chains.accepted_by, ElementsAre("old", "middle"));
}

TEST_F(ProfileChainsTest, GivesEachProfileItsOwnWhenNoListSuitsBoth) {
  const CrossSigned ca("CN=CA", old_root_, new_root_);
  const Identity leaf = make_leaf("mail.example", ca.by_first);
  const auto chains = build(leaf, {ca.by_first, ca.by_second},
                            {profile("new", {new_root_}), profile("old", {old_root_})});
  expect_sent(chains.common, {leaf, ca.by_second});
  EXPECT_THAT(chains.accepted_by, ElementsAre("new"));
  ASSERT_EQ(chains.left_out.size(), 1U);
  expect_sent(chains.left_out[0].own, {leaf, ca.by_first});
  EXPECT_THAT(chains.left_out[0].describe(),
              AllOf(HasSubstr("the roots of 'old'"), HasSubstr("need the root 'CN=New Root'"),
                    HasSubstr(hex(new_root_.certificate->fingerprint())),
                    HasSubstr("a chain of their own ends in 'CN=Old Root'")));
}

TEST_F(ProfileChainsTest, SaysWhichRootAProfileWithoutAnyPathWouldNeed) {
  const Identity ca = make_ca("CN=CA", new_root_);
  const Identity leaf = make_leaf("mail.example", ca);
  const auto chains = build(leaf, {ca}, {profile("new", {new_root_}), profile("old", {old_root_})});
  ASSERT_EQ(chains.left_out.size(), 1U);
  EXPECT_FALSE(chains.left_out[0].own.complete);
  EXPECT_THAT(chains.left_out[0].describe(),
              AllOf(HasSubstr("need the root 'CN=New Root'"), HasSubstr("no chain leads to one")));
}

TEST_F(ProfileChainsTest, ServesTheOthersWhenTheFirstProfileHasNoPath) {
  const Identity ca = make_ca("CN=CA", new_root_);
  const Identity leaf = make_leaf("mail.example", ca);
  const auto chains = build(leaf, {ca}, {profile("old", {old_root_}), profile("new", {new_root_})});
  EXPECT_TRUE(chains.common.complete);
  EXPECT_THAT(chains.accepted_by, ElementsAre("new"));
  ASSERT_EQ(chains.left_out.size(), 1U);
  EXPECT_EQ(chains.left_out[0].profile->name(), "old");
}

TEST_F(ProfileChainsTest, ServesWhatThereIsWhenNobodyHasAPath) {
  const Identity ca = make_ca("CN=CA", make_root("CN=Stranger"));
  const Identity leaf = make_leaf("mail.example", ca);
  const auto chains = build(leaf, {ca}, {profile("old", {old_root_}), profile("new", {new_root_})});
  EXPECT_FALSE(chains.common.complete);
  expect_sent(chains.common, {leaf, ca});
  EXPECT_THAT(chains.accepted_by, IsEmpty());
  ASSERT_EQ(chains.left_out.size(), 1U);  // the first one's failure is the common chain's
  EXPECT_THAT(chains.left_out[0].describe(), Not(HasSubstr("would need")));
}

TEST_F(ProfileChainsTest, DoesNotMakeOneProfilePutUpWithADoubtForAnother) {
  // The only list for both ends, for the new clients, in a root that has expired.
  const Identity stale = issue({.subject = "CN=Stale", .not_after = *parse_time("2025-01-01")});
  const CrossSigned ca("CN=CA", new_root_, stale);
  const Identity stale_by_old =
      issue({.subject = "CN=Stale", .issuer = &old_root_, .key = stale.key});
  const Identity leaf = make_leaf("mail.example", ca.by_first);
  const auto chains = build(leaf, {ca.by_first, ca.by_second, stale_by_old},
                            {profile("new", {new_root_, stale}), profile("old", {old_root_})});
  expect_sent(chains.common, {leaf, ca.by_first});
  ASSERT_EQ(chains.left_out.size(), 1U);
  expect_sent(chains.left_out[0].own, {leaf, ca.by_second, stale_by_old});
}

}  // namespace
}  // namespace chainmend::certs
