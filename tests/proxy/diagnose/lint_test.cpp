// What lint finds in chains and PKCS#12 files, and which files it reads.
#include <gtest/gtest.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>

#include "certs/issuer_set.h"
#include "proxy/diagnose/lint/chain.h"
#include "proxy/diagnose/lint/pfx.h"
#include "proxy/diagnose/lint/profiles.h"
#include "proxy/diagnose/lint/root_store.h"
#include "tests/certs/containers.h"
#include "tests/certs/temp_folder.h"
#include "tests/certs/test_pki.h"
#include "tests/proxy/diagnose/lint_inputs.h"

namespace chainmend::diagnose {
namespace {

using certs::testing::Identity;
using certs::testing::make_ca;
using certs::testing::make_root;
using certs::testing::Pkcs12Kind;
using certs::testing::TempFolder;
using testing::found;
using testing::Ids;
using testing::input_of;
using testing::kNow;

class LintChain : public ::testing::Test {
 protected:
  Identity root = make_root("CN=Root");
  Identity primary = make_ca("CN=Primary", root);
  Identity ca = make_ca("CN=Server CA", primary);
  Identity leaf = certs::testing::make_leaf("mail.contoso.com", ca);

  LintedChain judge(const std::vector<Identity>& identities) const {
    const LintInput input = input_of(identities);
    certs::IssuerSetSource bundle(std::make_shared<certs::IssuerSet>(
        std::vector{certs::testing::in_bundle(primary), certs::testing::in_bundle(ca)}));
    return lint_chain({input.entries,
                       std::make_shared<certs::TrustProfile>("test", std::vector{root.certificate}),
                       {&bundle},
                       kNow});
  }

  // The ids with their entries, each of which must be documented.
  static Ids found(const LintedChain& chain) {
    Ids ids;
    for (const LintFinding& one : chain.findings) {
      const auto rules = all_rules();
      const auto rule = std::ranges::find_if(rules, [&](const RuleLine& line) {
        return line.id == one.finding.id && line.info.kinds != "root-store";
      });
      EXPECT_NE(rule, rules.end()) << one.finding.id;
      if (one.finding.severity != Severity::note) {
        ids.push_back(one.finding.id + "@" + std::to_string(one.place.entry));
      }
    }
    return ids;
  }
};

TEST_F(LintChain, OfAWholeListHasNothingToSay) {
  const LintedChain chain = judge({leaf, ca, primary});
  EXPECT_EQ(found(chain), Ids());
  EXPECT_EQ(chain.root, root.certificate);
}

TEST_F(LintChain, PlacesFindingsInTheFileAndMendsTheList) {
  const struct {
    std::vector<Identity> file;
    Ids found;
  } cases[] = {
      {{leaf}, {"intermediate-missing@1"}},
      {{leaf, primary, ca}, {"wrong-order@0"}},
      {{primary, ca, leaf}, {"leaf-not-first@3", "wrong-order@0"}},
      {{leaf, ca, primary, make_root("CN=Stranger")}, {"unrelated@4"}},
      {{leaf, ca, ca, primary}, {"duplicate@3"}},
      {{leaf, ca, primary, root}, {}},
  };
  const std::vector<certs::CertificatePtr> whole{leaf.certificate, ca.certificate,
                                                 primary.certificate};
  for (const auto& [file, ids] : cases) {
    const LintedChain chain = judge(file);
    EXPECT_EQ(found(chain), ids);
    EXPECT_TRUE(std::ranges::equal(
        chain.repaired, whole, {}, [](const auto& one) { return one->fingerprint(); },
        [](const auto& one) { return one->fingerprint(); }));
  }
}

TEST_F(LintChain, OffersNoListWithoutAWayToARoot) {
  const Identity other_root = make_root("CN=Other");
  const LintedChain chain = judge({certs::testing::make_leaf("mail.contoso.com", other_root)});
  EXPECT_EQ(found(chain), Ids{"intermediate-missing@1"});
  EXPECT_TRUE(chain.repaired.empty());
}

TEST_F(LintChain, TakesNoBundleForAChain) {
  EXPECT_EQ(found(judge(std::vector(kMaxChain + 1, leaf))), Ids{"no-chain@0"});
}

// A CA that two roots signed: clients have one root or the other.
class LintProfiles : public ::testing::Test {
 protected:
  Identity old_root = make_root("CN=Old Root");
  Identity new_root = make_root("CN=New Root");
  certs::testing::SharedKey key = certs::testing::make_ec_key();
  Identity by_old = certs::testing::issue({.subject = "CN=CA", .issuer = &old_root, .key = key});
  Identity by_new = certs::testing::issue({.subject = "CN=CA", .issuer = &new_root, .key = key});
  Identity cross =
      certs::testing::issue({.subject = "CN=New Root", .issuer = &old_root, .key = new_root.key});
  Identity leaf = certs::testing::make_leaf("mail.contoso.com", by_old);

  ProfilesVerdict judge(const std::vector<Identity>& file,
                        const std::vector<Identity>& more) const {
    const LintInput input = input_of(file);
    std::vector<certs::Candidate> candidates;
    for (const Identity& one : more) {
      candidates.push_back(certs::testing::in_bundle(one));
    }
    certs::IssuerSetSource bundle(std::make_shared<certs::IssuerSet>(std::move(candidates)));
    const std::vector<certs::TrustProfilePtr> profiles{
        std::make_shared<certs::TrustProfile>("phones", std::vector{old_root.certificate}),
        std::make_shared<certs::TrustProfile>("browsers", std::vector{new_root.certificate})};
    return lint_profiles({input.entries, profiles, {&bundle}, kNow});
  }
  static std::vector<std::string> names(const ProfilesVerdict& verdict) {
    std::vector<std::string> all;
    for (const certs::CertificatePtr& one : verdict.common) {
      all.push_back(one->common_name() + " by " + one->issuer_common_name());
    }
    return all;
  }
};

TEST_F(LintProfiles, HaveNothingToSayOfAListThatSuitsAll) {
  const auto verdict = judge({leaf, by_new, cross}, {});
  EXPECT_TRUE(verdict.findings.empty());
  ASSERT_EQ(verdict.facts.size(), 1U);
  EXPECT_TRUE(verdict.facts[0].starts_with(
      "For 'phones', 'browsers': 'mail.contoso.com' -> 'CA' -> 'New Root'"))
      << verdict.facts[0];
}

TEST_F(LintProfiles, FindTheListThatSuitsAll) {
  const auto verdict = judge({leaf, by_old}, {by_new, cross});
  ASSERT_EQ(verdict.findings.size(), 1U);
  EXPECT_EQ(verdict.findings[0].finding.id, "profile-refuses");
  EXPECT_NE(verdict.findings[0].finding.text.find("'browsers' refuse"), std::string::npos);
  EXPECT_TRUE(
      verdict.findings[0].finding.fix.starts_with("send 'mail.contoso.com' -> 'CA' -> 'New Root'"))
      << verdict.findings[0].finding.fix;
  EXPECT_EQ(names(verdict),
            (Ids{"mail.contoso.com by CA", "CA by New Root", "New Root by Old Root"}));
}

TEST_F(LintProfiles, GiveAListOfItsOwnToWhomNoneSuits) {
  const auto verdict = judge({leaf, by_old}, {by_new});
  ASSERT_EQ(verdict.findings.size(), 1U);
  EXPECT_TRUE(verdict.findings[0].finding.fix.starts_with(
      "send them a list of their own, 'mail.contoso.com' -> 'CA', below 'CN=New Root'; or put the "
      "root 'CN=Old Root'"))
      << verdict.findings[0].finding.fix;
  EXPECT_EQ(verdict.facts.size(), 2U);
  EXPECT_EQ(names(verdict), (Ids{"mail.contoso.com by CA", "CA by Old Root"}));
}

TEST_F(LintProfiles, SayThatNoListLeadsAnywhere) {
  const auto verdict = judge({leaf}, {});
  EXPECT_EQ(verdict.findings.size(), 2U);
  EXPECT_EQ(verdict.facts,
            std::vector<std::string>{"No list leads to a root of any trust profile."});
  EXPECT_TRUE(verdict.common.empty());
}

class LintPfx : public ::testing::Test {
 protected:
  Identity root = make_root("CN=Root");
  Identity ca = make_ca("CN=CA", root);
  Identity leaf = certs::testing::make_leaf("mail.contoso.com", ca);

  Ids found(const std::vector<Identity>& identities, const std::optional<std::string>& written,
            const certs::Password& given, Pkcs12Kind kind = Pkcs12Kind::modern,
            bool with_key = true) {
    const std::string path =
        folder.write("mail.pfx", certs::testing::make_pkcs12(identities, written, kind, with_key));
    const LintInput input = read_lint_input({path}, given);
    Ids ids;
    for (const LintFinding& one : input.unreadable) {
      ids.push_back(one.finding.id);
    }
    EXPECT_EQ(input.pfx.size(), 1U);
    const PfxVerdict verdict = lint_pfx(input.pfx.front(), input.entries, kNow);
    for (const LintFinding& one : verdict.findings) {
      ids.push_back(one.finding.id);
    }
    facts = verdict.facts;
    return ids;
  }
  std::vector<std::string> facts;
  TempFolder folder;
};

TEST_F(LintPfx, SaysWhatIsInItAndWhoReadsIt) {
  EXPECT_EQ(found({leaf, ca}, "secret", "secret"), Ids{"pfx-new-algorithms"});
  ASSERT_EQ(facts.size(), 2U);
  EXPECT_NE(facts[0].find("aes-256-cbc"), std::string::npos) << facts[0];
  EXPECT_TRUE(
      facts[0].ends_with("Windows since 10 version 1709 and Server 2019, and by every "
                         "OpenSSL"))
      << facts[0];
  EXPECT_NE(facts[1].find(certs::thumbprint(leaf.certificate->der())), std::string::npos);
  EXPECT_EQ(found({leaf, ca}, "secret", "secret", Pkcs12Kind::windows), Ids{"pfx-old-algorithms"});
  EXPECT_NE(facts[0].find("pbeWithSHA1And40BitRC2-CBC"), std::string::npos) << facts[0];
  EXPECT_EQ(found({leaf, ca}, "secret", "secret", Pkcs12Kind::without_mac),
            (Ids{"pfx-new-algorithms", "pfx-no-mac"}));
}

TEST_F(LintPfx, TellsTheProtectionWithoutThePassword) {
  EXPECT_EQ(found({leaf, ca}, "secret", {}, Pkcs12Kind::windows),
            (Ids{"unreadable", "pfx-old-algorithms"}));
  EXPECT_EQ(found({leaf, ca}, "secret", "wrong"), (Ids{"unreadable", "pfx-new-algorithms"}));
  EXPECT_EQ(facts.size(), 1U);
}

TEST_F(LintPfx, WarnsOfNoPassword) {
  for (const std::optional<std::string>& none : {std::optional<std::string>(), {""}}) {
    EXPECT_EQ(found({leaf, ca}, none, {}), (Ids{"pfx-new-algorithms", "pfx-no-password"}));
  }
}

TEST_F(LintPfx, LooksForKeyAndIssuer) {
  EXPECT_EQ(found({leaf}, "secret", "secret"), (Ids{"pfx-new-algorithms", "pfx-no-chain"}));
  EXPECT_EQ(found({leaf, ca}, "secret", "secret", Pkcs12Kind::modern, false),
            (Ids{"pfx-new-algorithms", "pfx-no-key"}));
}

// No tool of ours writes a key beside a certificate of another one, but what reads the file may
// leave a certificate out.
TEST_F(LintPfx, NoticesAKeyWithoutItsCertificate) {
  const std::string path =
      folder.write("mail.pfx", certs::testing::make_pkcs12({leaf, ca}, "secret"));
  const LintInput input = read_lint_input({path}, "secret");
  ASSERT_EQ(input.entries.size(), 2U);
  for (const Entry& entry : input.entries) {
    const bool is_leaf = entry.certificate->fingerprint() == leaf.certificate->fingerprint();
    const PfxVerdict verdict = lint_pfx(input.pfx.front(), std::span(&entry, 1), kNow);
    EXPECT_EQ(verdict.findings.back().finding.id, is_leaf ? "pfx-no-chain" : "pfx-key-mismatch");
  }
}

TEST(LintInput, KnowsWhereThingsAre) {
  const TempFolder folder;
  const Identity a = make_root("CN=A");
  const Identity b = make_root("CN=B");
  folder.write("store/a.pem", "text\n" + a.certificate->pem() + b.certificate->pem());
  folder.write("store/deep/b.cer", b.certificate->der());
  folder.write("store/own.key", certs::testing::key_pem(a));
  folder.write("store/readme.txt", "nothing");
  std::filesystem::create_directory_symlink(folder.path("store"), folder.path("store/loop"));
  const LintInput input = read_lint_input({folder.path("store")}, {});
  ASSERT_EQ(input.entries.size(), 3U);
  EXPECT_EQ(input.entries[0].place.line, 2U);
  EXPECT_EQ(input.entries[1].place.entry, 2U);
  EXPECT_EQ(input.files, 3U);
  ASSERT_EQ(input.keys.size(), 1U);
  EXPECT_TRUE(input.keys[0].file.ends_with("own.key"));
  EXPECT_EQ(input.ignored, std::vector{folder.path("store/readme.txt")});
  EXPECT_TRUE(input.unreadable.empty());
  EXPECT_EQ(found(lint_root_store(input, kNow)), (Ids{"private-key", "duplicate@1"}));
}

TEST(LintInput, NamesWhatItCannotRead) {
  const TempFolder folder;
  const std::string text = folder.write("notes.txt", "Thumbprint  Subject\n");
  const LintInput input = read_lint_input({text, folder.path("missing"), "/dev/zero"}, {});
  ASSERT_EQ(input.unreadable.size(), 1U);
  EXPECT_EQ(input.unreadable[0].place.file, text);
  EXPECT_NE(input.unreadable[0].finding.fix.find("Export-Certificate"), std::string::npos);
  EXPECT_EQ(input.failures.size(), 2U);
}

}  // namespace
}  // namespace chainmend::diagnose
