// What is said of a served list: for each fault the finding that must be there, and, for all the
// others, that it is not.
#include "proxy/diagnose/served_list.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <set>

#include "certs/issuer_set.h"
#include "tests/certs/test_pki.h"

namespace chainmend::diagnose {
namespace {

using certs::testing::Identity;
using certs::testing::issue;
using certs::testing::Spec;

constexpr const char* kHost = "mail.contoso.com";

class ServedListTest : public ::testing::Test {
 protected:
  Identity root = certs::testing::make_root("CN=Root");
  Identity primary = certs::testing::make_ca("CN=Primary", root);
  Identity server_ca = certs::testing::make_ca("CN=Server CA", primary);
  Identity stranger = certs::testing::make_root("CN=Stranger");
  Identity leaf = leaf_with({});

  Identity leaf_with(Spec spec) const {
    spec.subject = spec.subject == "CN=Test" ? "CN=mail" : spec.subject;
    spec.issuer = spec.issuer == nullptr ? &server_ca : spec.issuer;
    spec.basic_constraints = {};
    if (spec.alternative_names.empty()) {
      spec.alternative_names = std::string("DNS:") + kHost;
    }
    return issue(spec);
  }

  ListVerdict judge(const std::vector<Identity>& list, bool with_bundle = true,
                    const char* at = "2025-06-01") {
    ListQuestion question;
    for (const Identity& one : list) {
      question.list.push_back(one.certificate);
    }
    question.host = kHost;
    question.trust = std::make_shared<certs::TrustProfile>("test", std::vector{root.certificate});
    certs::IssuerSetSource bundle(std::make_shared<certs::IssuerSet>(
        std::vector{certs::testing::in_bundle(primary), certs::testing::in_bundle(server_ca)}));
    if (with_bundle) {
      question.sources.push_back(&bundle);
    }
    question.now = *certs::parse_time(at);
    return judge_list(question);
  }

  static std::set<std::string> ids(const ListVerdict& verdict) {
    std::set<std::string> out;
    for (const Finding& finding : verdict.findings) {
      out.insert(finding.id);
    }
    return out;
  }
  using Ids = std::set<std::string>;
};

TEST_F(ServedListTest, WholeAndInOrderHasNoFinding) {
  const ListVerdict verdict = judge({leaf, server_ca, primary});
  EXPECT_EQ(ids(verdict), Ids{});
  EXPECT_TRUE(verdict.complete);
  EXPECT_TRUE(verdict.strict_order);
  EXPECT_TRUE(verdict.missing.empty());
  EXPECT_EQ(verdict.root, root.certificate);
}

TEST_F(ServedListTest, LeafAloneLacksBothIntermediates) {
  const ListVerdict verdict = judge({leaf});
  EXPECT_EQ(ids(verdict), Ids{"intermediate-missing"});
  EXPECT_FALSE(verdict.complete);
  ASSERT_EQ(verdict.missing.size(), 2);
  EXPECT_EQ(verdict.missing[0].certificate, server_ca.certificate);
  EXPECT_EQ(verdict.missing[1].certificate, primary.certificate);
  ASSERT_EQ(verdict.repaired.size(), 3);
  EXPECT_EQ(verdict.repaired[0], leaf.certificate);
}

TEST_F(ServedListTest, WithoutASourceItNamesTheIssuerThatIsMissing) {
  const ListVerdict verdict = judge({leaf}, false);
  ASSERT_EQ(ids(verdict), Ids{"intermediate-missing"});
  EXPECT_NE(verdict.findings[0].text.find("'CN=Server CA'"), std::string::npos)
      << verdict.findings[0].text;
  EXPECT_NE(verdict.findings[0].fix.find("--bundle"), std::string::npos);
  EXPECT_TRUE(verdict.repaired.empty());
}

TEST_F(ServedListTest, OutOfOrderIsCompleteForClientsThatSort) {
  const ListVerdict verdict = judge({leaf, primary, server_ca});
  EXPECT_EQ(ids(verdict), Ids{"wrong-order"});
  EXPECT_TRUE(verdict.complete);
  EXPECT_FALSE(verdict.strict_order);
}

TEST_F(ServedListTest, ExtrasAreTold) {
  EXPECT_EQ(ids(judge({leaf, server_ca, primary, root})), Ids{"root-included"});
  EXPECT_EQ(ids(judge({leaf, server_ca, server_ca, primary})), Ids{"duplicate"});
  EXPECT_EQ(ids(judge({leaf, server_ca, primary, stranger})), Ids{"unrelated"});
}

TEST_F(ServedListTest, RootInPlaceOfTheIntermediateIsUnrelatedAndTheListStops) {
  const ListVerdict verdict = judge({leaf, root});
  EXPECT_EQ(ids(verdict), (Ids{"intermediate-missing", "unrelated"}));
}

TEST_F(ServedListTest, UnknownRootIsNamed) {
  const Identity other = leaf_with({.issuer = &stranger});
  const ListVerdict verdict = judge({other, stranger});
  EXPECT_EQ(ids(verdict), (Ids{"root-included", "root-not-trusted"}));
  EXPECT_NE(verdict.findings[0].fix.find("--roots"), std::string::npos);
}

TEST_F(ServedListTest, FaultsOfTheLeaf) {
  struct Row {
    Spec spec;
    const char* id;
  };
  const Row rows[] = {
      {{.not_after = *certs::parse_time("2025-01-01")}, "expired"},
      {{.not_after = *certs::parse_time("2025-06-10")}, "expires-soon"},
      {{.not_before = *certs::parse_time("2026-01-01")}, "not-yet-valid"},
      {{.alternative_names = "DNS:www.contoso.com"}, "name-mismatch"},
      {{.digest = EVP_sha512()}, "sha512"},
      {{.digest = EVP_sha1()}, "weak"},
      {{.extended_key_usage = "clientAuth"}, "wrong-purpose"},
      {{.key = certs::testing::make_rsa_key(2048), .key_usage = "digitalSignature"},
       "no-key-encipherment"},
      {{.key = certs::testing::make_rsa_key(4104)}, "rsa-too-long"},
  };
  for (const Row& row : rows) {
    EXPECT_EQ(ids(judge({leaf_with(row.spec), server_ca, primary})), Ids{row.id}) << row.id;
  }
}

TEST_F(ServedListTest, NamesInTheCommonNameAlone) {
  Spec spec{.subject = std::string("CN=") + kHost, .issuer = &server_ca, .basic_constraints = {}};
  EXPECT_EQ(ids(judge({issue(spec), server_ca, primary})), Ids{"no-alternative-names"});
}

TEST_F(ServedListTest, ExpiredIntermediateIsTheOneThatIsNamed) {
  const Identity old = issue({.subject = "CN=Server CA",
                              .issuer = &primary,
                              .key = server_ca.key,
                              .not_after = *certs::parse_time("2024-01-01")});
  const ListVerdict verdict = judge({leaf, old, primary});
  EXPECT_TRUE(ids(verdict).contains("expired"));
  EXPECT_FALSE(verdict.complete);
  const auto& expired = *std::ranges::find(verdict.findings, "expired", &Finding::id);
  EXPECT_EQ(expired.certificate, std::size_t{1});
  ASSERT_EQ(verdict.missing.size(), 1) << "its successor is in the bundle";
  EXPECT_EQ(verdict.missing[0].certificate, server_ca.certificate);
}

TEST_F(ServedListTest, TheWorstComesFirst) {
  const ListVerdict verdict = judge({leaf_with({.digest = EVP_sha512()}), primary, root});
  ASSERT_GE(verdict.findings.size(), 2);
  EXPECT_EQ(verdict.findings.front().severity, Severity::error);
  EXPECT_TRUE(std::ranges::is_sorted(verdict.findings, std::ranges::greater(), &Finding::severity));
}

}  // namespace
}  // namespace chainmend::diagnose
