// What lint finds in a store of roots, and which files it reads.
#include <gtest/gtest.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>

#include "certs/issuer_set.h"
#include "proxy/diagnose/lint/chain.h"
#include "proxy/diagnose/lint/pfx.h"
#include "proxy/diagnose/lint/root_store.h"
#include "tests/certs/containers.h"
#include "tests/certs/temp_folder.h"
#include "tests/certs/test_pki.h"

namespace chainmend::diagnose {
namespace {

using certs::testing::Identity;
using certs::testing::issue;
using certs::testing::make_ca;
using certs::testing::make_root;
using certs::testing::Pkcs12Kind;
using certs::testing::Spec;
using certs::testing::TempFolder;

const certs::Time kNow = *certs::parse_time("2026-06-01");

LintInput input_of(const std::vector<Identity>& identities) {
  LintInput input;
  for (const Identity& one : identities) {
    input.entries.push_back({one.certificate, {"roots.pem", input.entries.size() + 1, 0}});
  }
  return input;
}

// "not-self-signed@2", of everything but the missing roots of phones.
std::vector<std::string> found(const RootStoreVerdict& verdict) {
  std::vector<std::string> ids;
  for (const LintFinding& one : verdict.findings) {
    if (one.finding.id != "phone-root-missing") {
      ids.push_back(one.finding.id +
                    (one.place.entry > 0 ? "@" + std::to_string(one.place.entry) : ""));
    }
  }
  return ids;
}
std::vector<std::string> found(const std::vector<Identity>& identities) {
  return found(lint_root_store(input_of(identities), kNow));
}
using Ids = std::vector<std::string>;

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
