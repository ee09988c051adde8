#include "proxy/tls/policy.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <vector>

#include "proxy/tls/openssl_ssl.h"
#include "proxy/tls/policy_notes.h"

namespace chainmend::tls {
namespace {

using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::Field;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

TlsPolicy changed(const char* base, const PolicyChanges& changes) {
  return customise(*find_builtin_policy(base), "phones", changes);
}

auto problem(PolicyField field, const char* text) {
  return AllOf(Field(&PolicyProblem::field, field), Field(&PolicyProblem::text, HasSubstr(text)));
}

TEST(Policy, BuiltInOnesWorkAtEveryVersionOfTheirRange) {
  ASSERT_EQ(builtin_policies().size(), 4U);
  for (const TlsPolicy& policy : builtin_policies()) {
    for (const PolicyProblem& problem : verify_policy(policy)) {
      ADD_FAILURE() << policy.name << ": " << problem.text;
    }
  }
}

TEST(Policy, IsFoundByName) {
  EXPECT_EQ(find_builtin_policy("modern")->min_version, TLS1_3_VERSION);
  EXPECT_EQ(find_builtin_policy("intermediate")->min_version, TLS1_2_VERSION);
  EXPECT_EQ(find_builtin_policy("compatible-tls12")->min_version, TLS1_2_VERSION);
  EXPECT_EQ(find_builtin_policy("legacy-tls10")->min_version, TLS1_VERSION);
  EXPECT_EQ(find_builtin_policy("old"), nullptr);
}

// Mozilla's "Server Side TLS" 6.0, so that the names mean here what they mean elsewhere.
TEST(Policy, ModernAndIntermediateAreMozillas) {
  const TlsPolicy& modern = *find_builtin_policy("modern");
  EXPECT_EQ(modern.max_version, TLS1_3_VERSION);
  EXPECT_THAT(modern.ciphers, IsEmpty());
  EXPECT_THAT(modern.suites, ElementsAre("TLS_AES_128_GCM_SHA256", "TLS_AES_256_GCM_SHA384",
                                         "TLS_CHACHA20_POLY1305_SHA256"));
  const TlsPolicy& intermediate = *find_builtin_policy("intermediate");
  EXPECT_EQ(intermediate.suites, modern.suites);
  EXPECT_THAT(intermediate.ciphers,
              ElementsAre("ECDHE-ECDSA-AES128-GCM-SHA256", "ECDHE-RSA-AES128-GCM-SHA256",
                          "ECDHE-ECDSA-AES256-GCM-SHA384", "ECDHE-RSA-AES256-GCM-SHA384",
                          "ECDHE-ECDSA-CHACHA20-POLY1305", "ECDHE-RSA-CHACHA20-POLY1305"));
  for (const TlsPolicy* policy : {&modern, &intermediate}) {
    EXPECT_THAT(policy->groups, ElementsAre("X25519", "P-256", "P-384"));
  }
}

TEST(Policy, SpeaksStaticRsaAndCbcOnlyWhereItsNameSaysSo) {
  for (const TlsPolicy& policy : builtin_policies()) {
    const bool old = policy.name == "compatible-tls12" || policy.name == "legacy-tls10";
    for (const char* suite : {"AES128-SHA", "AES256-GCM-SHA384", "ECDHE-RSA-AES128-SHA"}) {
      EXPECT_EQ(std::ranges::count(policy.ciphers, suite), old ? 1 : 0) << policy.name << suite;
    }
  }
}

TEST(Policy, IsMadeFromTheOneBeforeIt) {
  std::string before;
  for (const TlsPolicy& policy : builtin_policies()) {
    EXPECT_EQ(policy.base, before);
    before = policy.name;
  }
}

TEST(Policy, LowersTheSecurityLevelOnlyBelowTls12) {
  EXPECT_EQ(find_builtin_policy("legacy-tls10")->security_level(), 0);
  EXPECT_EQ(changed("legacy-tls10", {.min_version = TLS1_1_VERSION}).security_level(), 0);
  EXPECT_EQ(changed("legacy-tls10", {.min_version = TLS1_2_VERSION}).security_level(), 2);
  EXPECT_EQ(find_builtin_policy("intermediate")->security_level(), 2);
}

TEST(Policy, NotesWhoIsLeftOutOfALegacyOneAllTheSame) {
  const Capability debian{};
  const TlsPolicy& legacy = *find_builtin_policy("legacy-tls10");
  EXPECT_THAT(policy_notes(legacy, debian),
              ElementsAre(HasSubstr("library_unsupported"), HasSubstr("Java 6 and 7")));
  Capability weak;
  weak.rc4 = weak.triple_des = true;
  EXPECT_THAT(policy_notes(changed("legacy-tls10", {.ciphers = {{"AES128-SHA"}}}), weak),
              IsEmpty());
  EXPECT_THAT(policy_notes(*find_builtin_policy("intermediate"), debian), IsEmpty());
  EXPECT_THAT(policy_notes(changed("legacy-tls10", {.dh_bits = 1024}), weak),
              ElementsAre(HasSubstr("Logjam")));
  EXPECT_THAT(policy_notes(changed("legacy-tls10", {.dh_bits = 4096}), weak),
              ElementsAre(HasSubstr("4096 bits; Java 6 and 7")));
}

TEST(Policy, HasSmallDiffieHellmanGroupsOnlyWhereOldVersionsAreSpoken) {
  EXPECT_THAT(
      verify_policy(changed("legacy-tls10", {.max_version = TLS1_1_VERSION, .dh_bits = 1024})),
      IsEmpty());
  EXPECT_THAT(verify_policy(changed("intermediate", {.dh_bits = 4096})), IsEmpty());
  for (const char* base : {"legacy-tls10", "intermediate"}) {
    EXPECT_THAT(verify_policy(changed(base, {.dh_bits = 1024})),
                ElementsAre(problem(PolicyField::dh_bits, "max 1.0 or 1.1")));
  }
  EXPECT_NE(describe(changed("legacy-tls10", {.dh_bits = 1024})),
            describe(changed("legacy-tls10", {})));
}

TEST(Policy, CustomiseChangesOnlyWhatIsGiven) {
  const TlsPolicy policy =
      changed("legacy-tls10", {.max_version = TLS1_VERSION, .ciphers = {{"AES128-SHA"}}});
  TlsPolicy expected = *find_builtin_policy("legacy-tls10");
  expected.name = "phones";
  expected.base = "legacy-tls10";
  expected.max_version = TLS1_VERSION;
  expected.ciphers = {"AES128-SHA"};
  EXPECT_EQ(policy, expected);
  EXPECT_THAT(verify_policy(policy), IsEmpty());
}

TEST(VerifyPolicy, NamesASuiteThatThisOpensslLacks) {
  EXPECT_THAT(
      verify_policy(
          changed("intermediate", {.ciphers = {{"ECDHE-RSA-AES128-GCM-SHA256", "AES129-SHA"}}})),
      ElementsAre(problem(PolicyField::ciphers, "'AES129-SHA' is no suite for TLS 1.2 and older")));
  EXPECT_THAT(verify_policy(changed("intermediate", {.suites = {{"TLS_AES_128_SHA"}}})),
              ElementsAre(problem(PolicyField::suites, "'TLS_AES_128_SHA' is no TLS 1.3 suite")));
  EXPECT_THAT(
      verify_policy(changed("intermediate", {.ciphers = {{"TLS_RSA_WITH_AES_128_CBC_SHA"}}})),
      ElementsAre(problem(PolicyField::ciphers, "name it as `openssl ciphers` does")));
}

TEST(VerifyPolicy, SaysWhatRc4And3desTakeWhenTheyAreMissing) {
  const SslCtxPtr context(SSL_CTX_new(TLS_method()));
  for (const char* suite : {"RC4-SHA", "DES-CBC3-SHA"}) {
    if (SSL_CTX_set_cipher_list(context.get(), (std::string(suite) + ":@SECLEVEL=0").c_str()) ==
        1) {
      GTEST_SKIP() << "this OpenSSL has " << suite;
    }
    EXPECT_THAT(verify_policy(changed("legacy-tls10", {.ciphers = {{suite}}})),
                ElementsAre(problem(PolicyField::ciphers, "openssl-weak.md")));
  }
}

TEST(VerifyPolicy, RefusesRulesWhereNamesAreMeant) {
  for (const char* rule : {"ALL", "HIGH:!aNULL", "@SECLEVEL=0", "!RC4", "ECDHE+AESGCM", "",
                           "ADH-AES128-SHA", "NULL-SHA"}) {
    EXPECT_THAT(verify_policy(changed("intermediate", {.ciphers = {{rule}}})),
                ElementsAre(problem(PolicyField::ciphers, "is no suite")))
        << rule;
  }
}

TEST(VerifyPolicy, ReportsEveryProblemInOneRun) {
  EXPECT_THAT(verify_policy(changed("intermediate", {.min_version = TLS1_3_VERSION,
                                                     .max_version = TLS1_2_VERSION,
                                                     .ciphers = {{"X"}},
                                                     .suites = {{"Y"}},
                                                     .groups = {{"Z"}}})),
              ElementsAre(problem(PolicyField::min, "min tls1.3 is above max tls1.2"),
                          problem(PolicyField::ciphers, "'X'"), problem(PolicyField::suites, "'Y'"),
                          problem(PolicyField::groups, "'Z' is no group")));
}

TEST(VerifyPolicy, NamesTheVersionThatNoSuiteServes) {
  EXPECT_THAT(
      verify_policy(changed("legacy-tls10", {.ciphers = {{"ECDHE-RSA-AES128-GCM-SHA256"}}})),
      ElementsAre(problem(PolicyField::ciphers, "no client can complete tls1.0"),
                  problem(PolicyField::ciphers, "no client can complete tls1.1")));
  EXPECT_THAT(
      verify_policy(changed("intermediate", {.max_version = TLS1_2_VERSION, .ciphers = {{}}})),
      ElementsAre(problem(PolicyField::ciphers, "no client can complete tls1.2")));
  EXPECT_THAT(
      verify_policy(changed("intermediate", {.min_version = TLS1_3_VERSION, .suites = {{}}})),
      ElementsAre(problem(PolicyField::suites, "no client can complete tls1.3")));
}

TEST(VerifyPolicy, RefusesAnEmptyOrBundledGroupList) {
  EXPECT_THAT(verify_policy(changed("intermediate", {.groups = {{}}})),
              ElementsAre(problem(PolicyField::groups, "no group is left")));
  EXPECT_THAT(verify_policy(changed("intermediate", {.groups = {{"P-256:P-384"}}})),
              ElementsAre(problem(PolicyField::groups, "'P-256:P-384' is no group")));
}

TEST(VerifyPolicy, AcceptsOneVersionWithOneSuite) {
  EXPECT_THAT(verify_policy(changed("intermediate", {.min_version = TLS1_3_VERSION,
                                                     .ciphers = {{}},
                                                     .suites = {{"TLS_AES_128_GCM_SHA256"}},
                                                     .groups = {{"P-256"}}})),
              IsEmpty());
}

TEST(Policy, DescribesEveryFieldThatMatters) {
  const TlsPolicy base = *find_builtin_policy("legacy-tls10");
  const PolicyChanges changes[] = {
      {.min_version = TLS1_1_VERSION}, {.max_version = TLS1_2_VERSION},
      {.ciphers = {{"AES128-SHA"}}},   {.suites = {{"TLS_AES_128_GCM_SHA256"}}},
      {.groups = {{"P-256"}}},         {.tickets = true}};
  for (const PolicyChanges& change : changes) {
    EXPECT_NE(describe(customise(base, base.name, change)), describe(base));
  }
  EXPECT_NE(describe(customise(base, "other", {})), describe(base));
}

}  // namespace
}  // namespace chainmend::tls
