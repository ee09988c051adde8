// What lint finds in a store of roots, with the bytes of its certificates and without.
#include <gtest/gtest.h>

#include <algorithm>
#include <iterator>

#include "proxy/diagnose/lint/root_store.h"
#include "tests/proxy/diagnose/lint_inputs.h"

namespace chainmend::diagnose {
namespace {

using certs::testing::Identity;
using certs::testing::issue;
using certs::testing::make_ca;
using certs::testing::make_root;
using certs::testing::Spec;
using testing::found;
using testing::Ids;
using testing::input_of;
using testing::kNow;

Ids found(const std::vector<Identity>& identities) {
  return found(lint_root_store(input_of(identities), kNow));
}

TEST(RootStore, OfSoundRootsHasNothingToSay) {
  EXPECT_EQ(found({make_root("CN=A"), make_root("CN=B")}), Ids());
}

TEST(RootStore, FindsWhatAnotherOneSigned) {
  const Identity root = make_root("CN=Root");
  const Identity ca = make_ca("CN=Issuing", root);
  const auto verdict = lint_root_store(input_of({root, ca}), kNow);
  ASSERT_EQ(found(verdict), Ids{"not-self-signed@2"});
  const Finding& finding = verdict.findings.front().finding;
  EXPECT_NE(finding.text.find("403.16"), std::string::npos);
  const std::string thumbprint = certs::thumbprint(ca.certificate->der());
  EXPECT_TRUE(finding.fix.starts_with("Move-Item Cert:\\LocalMachine\\Root\\" + thumbprint))
      << finding.fix;
}

TEST(RootStore, SaysWhenTheRootOfAnIntermediateIsMissing) {
  const auto verdict =
      lint_root_store(input_of({make_ca("CN=Issuing", make_root("CN=Root"))}), kNow);
  EXPECT_TRUE(verdict.findings.front().finding.fix.starts_with("put its root 'CN=Root' in first"));
}

TEST(RootStore, IsNotDeceivedByEqualNames) {
  const Identity old_root = make_root("CN=Root");
  const Identity rekeyed = issue({.subject = "CN=Root", .issuer = &old_root});
  const auto verdict = lint_root_store(input_of({rekeyed, old_root}), kNow);
  ASSERT_EQ(found(verdict), Ids{"rekeyed-root@1"});
  EXPECT_NE(
      verdict.findings.front().finding.text.find(certs::thumbprint(old_root.certificate->der())),
      std::string::npos);
  Spec broken{.subject = "CN=Broken"};
  broken.broken_signature = true;
  EXPECT_EQ(found({issue(broken)}), Ids{"rekeyed-root@1"});
}

TEST(RootStore, FindsTwins) {
  const Identity root = make_root("CN=Root");
  EXPECT_EQ(found({root, root}), Ids{"duplicate@2"});
  const Identity later = issue({.subject = "CN=Root",
                                .key = root.key,
                                .not_before = *certs::parse_time("2021-01-01"),
                                .not_after = *certs::parse_time("2040-01-01")});
  EXPECT_EQ(found({root, later}), Ids{"same-key-twice@2"});
  EXPECT_EQ(found({root, make_root("CN=Root")}), Ids());  // two keys: two roots
}

TEST(RootStore, LooksAtDatesKeysAndSignatures) {
  Spec past{.subject = "CN=Past"};
  past.not_after = *certs::parse_time("2025-01-01");
  Spec future{.subject = "CN=Future"};
  future.not_before = *certs::parse_time("2027-01-01");
  Spec small{.subject = "CN=Small", .key = certs::testing::make_rsa_key(1024)};
  Spec sha1{.subject = "CN=Sha1", .digest = EVP_sha1()};
  Spec leaf{.subject = "CN=Leaf", .basic_constraints = "critical,CA:FALSE"};
  EXPECT_EQ(found({issue(past), issue(future), issue(small), issue(sha1), issue(leaf)}),
            (Ids{"expired@1", "not-yet-valid@2", "weak-key@3", "not-a-ca@5", "weak-signature@4"}));
}

TEST(RootStore, CountsRootsAndTheBytesOfTheirNames) {
  const certs::testing::SharedKey key = certs::testing::make_ec_key();
  std::vector<Identity> roots;
  for (int i = 0; i < 100; ++i) {
    const std::string number = std::to_string(1000 + i);
    roots.push_back(issue({.subject = "CN=" + number, .key = key}));
  }
  // A name of one CN of four bytes: 17 bytes of DER, and two for its length on the wire.
  EXPECT_EQ(lint_root_store(input_of(roots), kNow).issuer_list_bytes, 1900U);
  EXPECT_EQ(found(roots), Ids());
  roots.push_back(issue({.subject = "CN=Last", .key = key}));
  EXPECT_EQ(found(roots), Ids{"too-many-roots"});
}

TEST(RootStore, SaysWhatToDropFromAListThatIsTooLong) {
  const certs::testing::SharedKey key = certs::testing::make_ec_key();
  std::vector<Identity> roots;
  for (int i = 0; i < 90; ++i) {
    const std::string name(60, 'x');
    roots.push_back(issue(
        {.subject = "CN=" + std::to_string(1000 + i) + ",O=" + name + ",OU=" + name + ",L=" + name,
         .key = key}));
  }
  Spec past{.subject = "CN=Past", .key = key};
  past.not_after = *certs::parse_time("2025-01-01");
  roots.push_back(issue(past));
  const auto verdict = lint_root_store(input_of(roots), kNow);
  ASSERT_EQ(found(verdict), (Ids{"issuer-list-too-long", "expired@91"}));
  const Finding& finding = verdict.findings.front().finding;
  EXPECT_NE(finding.text.find("36885"), std::string::npos);
  EXPECT_NE(finding.fix.find("begin with " + certs::thumbprint(roots.back().certificate->der())),
            std::string::npos)
      << finding.fix;
}

std::vector<LintFinding> of_rule(const RootStoreVerdict& verdict, Rule rule) {
  std::vector<LintFinding> found;
  std::ranges::copy_if(verdict.findings, std::back_inserter(found), [rule](const LintFinding& one) {
    return one.finding.id == to_string(rule);
  });
  return found;
}

TEST(RootStore, IsJudgedByStoreWhereItIsSaid) {
  const Identity root = make_root("CN=Root");
  LintInput input = input_of({root, make_ca("CN=A", root), make_ca("CN=B", root)});
  input.entries[0].store = "ROOT";
  input.entries[1].store = "CA";
  input.entries[2].store = "AuthRoot";
  const auto verdict = lint_root_store(input, kNow);
  EXPECT_EQ(found(verdict), Ids{"not-self-signed@3"});
  EXPECT_EQ(verdict.judged, 2U);
  ASSERT_EQ(verdict.facts.size(), 2U);
  EXPECT_EQ(verdict.facts[1],
            "1 certificate is of the store 'CA', which holds no roots: not judged.");
}

TEST(RootStore, NoticesAKeyThatIsOnTheMachine) {
  LintInput input = input_of({make_root("CN=Root")});
  input.entries[0].has_key = true;
  EXPECT_EQ(found(lint_root_store(input, kNow)), Ids{"private-key@1"});
}

TEST(RootStore, SaysWhoChainsThroughWhatIsTakenOut) {
  const Identity root = make_root("CN=Root");
  const Identity ca = make_ca("CN=Issuing", root);
  Spec past{.subject = "CN=Past"};
  past.not_after = *certs::parse_time("2025-01-01");
  const LintInput store = input_of({root, ca, issue(past)});
  LintInput used = input_of({certs::testing::make_leaf("hq.contoso.com", ca), ca});
  const InUse in_use(used, store);
  const auto verdict = lint_root_store(store, kNow, &in_use);
  const auto moved = of_rule(verdict, Rule::not_self_signed);
  ASSERT_EQ(moved.size(), 1U);
  ASSERT_TRUE(moved[0].used_by);
  ASSERT_EQ(moved[0].used_by->size(), 1U);  // and not itself
  EXPECT_NE(moved[0].used_by->front().find("hq.contoso.com"), std::string::npos);
  EXPECT_EQ(of_rule(verdict, Rule::expired)[0].used_by, std::vector<std::string>());
  EXPECT_EQ(of_rule(verdict, Rule::phone_root_missing)[0].used_by, std::nullopt);
  EXPECT_EQ(of_rule(lint_root_store(store, kNow), Rule::expired)[0].used_by, std::nullopt);
  ASSERT_EQ(in_use.users_of(store.entries[0]).size(), 2U);  // through both
}

TEST(RootStore, AsksSignaturesAndNotNamesWhoIsInUse) {
  const Identity root = make_root("CN=Root");
  const Identity twin = make_root("CN=Root");
  const LintInput store = input_of({root, twin});
  const InUse in_use(input_of({certs::testing::make_leaf("hq.contoso.com", root)}), store);
  EXPECT_EQ(in_use.users_of(store.entries[0]).size(), 1U);
  EXPECT_TRUE(in_use.users_of(store.entries[1]).empty());
  // Of a listing there is but the name.
  EXPECT_EQ(in_use.users_of(Listed{.subject = "CN = root"}).size(), 1U);
  EXPECT_TRUE(in_use.users_of(Listed{.subject = "CN=Other"}).empty());
}

TEST(RootStore, DropsNothingThatIsInUse) {
  const certs::testing::SharedKey key = certs::testing::make_ec_key();
  std::vector<Identity> roots;
  for (int i = 0; i < 92; ++i) {
    const std::string name(60, 'x');
    roots.push_back(issue(
        {.subject = "CN=" + std::to_string(1000 + i) + ",O=" + name + ",OU=" + name + ",L=" + name,
         .key = key}));
  }
  Spec past{.subject = "CN=Past", .key = key};
  past.not_after = *certs::parse_time("2025-01-01");
  roots.push_back(issue(past));
  const LintInput store = input_of(roots);
  const InUse in_use(input_of({certs::testing::make_leaf("hq.contoso.com", roots.back())}), store);
  const auto all = of_rule(lint_root_store(store, kNow, &in_use), Rule::issuer_list_too_long);
  ASSERT_EQ(all.size(), 1U);
  EXPECT_EQ(all[0].finding.fix.find(certs::thumbprint(roots.back().certificate->der())),
            std::string::npos);
  const InUse by_all(input_of([&] {
                       std::vector<Identity> leaves;
                       for (const Identity& one : roots) {
                         leaves.push_back(certs::testing::make_leaf("hq.contoso.com", one));
                       }
                       return leaves;
                     }()),
                     store);
  EXPECT_TRUE(of_rule(lint_root_store(store, kNow, &by_all), Rule::issuer_list_too_long)[0]
                  .finding.fix.starts_with("all of them are in use"));
}

class ListedRoots : public ::testing::Test {
 protected:
  ListedRoots() { put({.subject = "CN=Sound", .issuer = "CN=Sound"}); }

  // With a thumbprint of its own unless it has one.
  void put(Listed one) {
    const std::size_t count = input.listed.size() + 1;
    if (one.thumbprint.empty() && !one.is_cut(ListedField::thumbprint)) {
      one.thumbprint = std::to_string(count) + std::string(39, 'A');
    }
    one.line = count;
    input.listed.push_back({std::move(one), {"roots.txt", count, count}});
  }
  RootStoreVerdict judge() const { return lint_root_store(input, kNow); }
  // Without the note that there is always.
  Ids ids() const {
    Ids all = found(judge());
    std::erase(all, "text-only");
    return all;
  }
  std::string not_checked() const { return of_rule(judge(), Rule::text_only).at(0).finding.text; }
  LintInput input;
};

TEST_F(ListedRoots, AreJudgedByTheirNames) {
  EXPECT_EQ(ids(), Ids());
  put({.subject = "CN=\"A\", S=X, E=m", .issuer = "CN=a,ST=X, emailAddress=m"});
  EXPECT_EQ(ids(), Ids());
  put({.subject = "CN=B", .issuer = "CN=A"});
  EXPECT_EQ(ids(), Ids{"not-self-signed@3"});
  const LintFinding finding = of_rule(judge(), Rule::not_self_signed)[0];
  EXPECT_EQ(finding.finding.fix.find("Move-Item Cert:\\LocalMachine\\Root\\3AAA"), 0U);
  EXPECT_EQ(finding.subject, "CN=B");
}

TEST_F(ListedRoots, SayWhatCouldNotBeChecked) {
  EXPECT_TRUE(not_checked().starts_with(
      "1 certificate is listed without its bytes. Not checked: whether a root signed itself (1 "
      "names itself as issuer, which proves nothing), key sizes, signature algorithms, "
      "basicConstraints, the size of the list of trusted issuers, dates, private keys"))
      << not_checked();
  put({.subject = "CN=B", .signature = "1.2.840.113549.1.1.11"});
  EXPECT_NE(not_checked().find("whether issuer and subject are the same of 1,"), std::string::npos)
      << not_checked();
  EXPECT_NE(not_checked().find("signature algorithms of 1,"), std::string::npos) << not_checked();
}

TEST_F(ListedRoots, AreNotGuessedWhereTheyAreCut) {
  const auto cut = [](std::string subject, std::string issuer, std::vector<ListedField> fields) {
    return Listed{
        .subject = std::move(subject), .issuer = std::move(issuer), .cut = std::move(fields)};
  };
  put(cut("CN=Root of us", "CN=Root of", {ListedField::issuer}));
  put(cut("CN=Ro", "CN=Root of", {ListedField::issuer, ListedField::subject}));
  EXPECT_EQ(ids(), Ids{"cut-off"});
  put(cut("CN=A", "CN=Ro", {ListedField::issuer}));
  put(cut("CN=Root", "CN=Root of", {ListedField::issuer}));
  EXPECT_EQ(ids(), (Ids{"not-self-signed@4", "not-self-signed@5", "cut-off"}));
  const LintFinding finding = of_rule(judge(), Rule::cut_off)[0];
  EXPECT_EQ(finding.place.line, 2U);
  EXPECT_NE(finding.finding.text.find("Subject (1), Issuer (4)"), std::string::npos)
      << finding.finding.text;
}

TEST_F(ListedRoots, ExpireWhereTheDateSaysSo) {
  put({.subject = "CN=A", .issuer = "CN=A", .not_after = find_date("5/9/2021")});
  EXPECT_EQ(ids(), Ids{"expired@2"});
  put({.subject = "CN=B",
       .issuer = "CN=B",
       .not_after = find_date("5/9/2026")});  // May or September
  EXPECT_EQ(ids(), (Ids{"expired@2", "ambiguous-date"}));
  put({.subject = "CN=C", .issuer = "CN=C", .not_after = find_date("5/13/2030")});  // which tells
  EXPECT_EQ(ids(), (Ids{"expired@2", "expired@3"}));
  put({.subject = "CN=D", .issuer = "CN=D", .not_before = find_date("2027-01-01")});
  EXPECT_EQ(ids(), (Ids{"expired@2", "expired@3", "not-yet-valid@5"}));
}

TEST_F(ListedRoots, TellOfKeysSignaturesAndTwins) {
  put({.subject = "CN=A", .issuer = "CN=A", .has_private_key = true});
  put({.subject = "CN=B", .issuer = "CN=B", .signature = "1.2.840.113549.1.1.5"});
  put({.subject = "CN=C", .issuer = "CN=C", .signature_fails = true});
  put({.subject = "CN=A", .issuer = "CN=A", .thumbprint = input.listed[1].listed.thumbprint});
  EXPECT_EQ(ids(), (Ids{"private-key@2", "rekeyed-root@4", "duplicate@5", "weak-signature@3"}));
}

TEST_F(ListedRoots, AreCountedWithTheOthersAndCompared) {
  const Identity root = make_root("CN=Root");
  input.entries = input_of({root}).entries;
  put({.subject = "CN=Root",
       .issuer = "CN=Root",
       .thumbprint = certs::thumbprint(root.certificate->der())});
  EXPECT_EQ(ids(), Ids{"duplicate@2"});
  for (int i = 0; i < 98; ++i) {
    put({.subject = "CN=X", .issuer = "CN=X"});
  }
  EXPECT_EQ(ids(), Ids{"duplicate@2"});
  put({.subject = "CN=X", .issuer = "CN=X"});
  EXPECT_EQ(ids(), (Ids{"duplicate@2", "too-many-roots"}));
}

TEST_F(ListedRoots, HaveThePhoneMakersByThumbprint) {
  EXPECT_EQ(of_rule(judge(), Rule::phone_root_missing).size(), 2U);
  put({.subject = "CN=Maker",
       .issuer = "CN=Maker",
       .thumbprint = "191A1C5696F2BFF780D0187F5735040E5CAF2B0D"});
  EXPECT_EQ(of_rule(judge(), Rule::phone_root_missing).size(), 1U);
  put({.subject = "CN=Any", .issuer = "CN=Any", .cut = {ListedField::thumbprint}});
  EXPECT_EQ(of_rule(judge(), Rule::phone_root_missing).size(), 0U);  // it may be the other one
  EXPECT_NE(not_checked().find("by thumbprint of 1"), std::string::npos) << not_checked();
}

TEST_F(ListedRoots, OfOtherStoresAreLeftAlone) {
  put({.store = "CA", .subject = "CN=B", .issuer = "CN=A"});
  EXPECT_EQ(ids(), Ids());
  EXPECT_EQ(judge().judged, 1U);
}

}  // namespace
}  // namespace chainmend::diagnose
