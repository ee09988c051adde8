// load_policies() and load_certificates(): what the operator hears of policies and files.
#include <gmock/gmock.h>

#include "proxy/serving/build_chains.h"
#include "proxy/serving/load_certificates.h"
#include "proxy/serving/load_policies.h"
#include "proxy/serving/trust_store.h"
#include "tests/proxy/serving/lab.h"

namespace chainmend::serving::testing {
namespace {

using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::StartsWith;

TEST(LoadPolicies, TakesTheChangesOfTheOperatorOverTheBase) {
  Lab lab;
  const auto config = lab.parse(
      "certificates: { mail: { cert: leaf.pem } }\n"
      "tls_policies:\n"
      "  old: { base: legacy-tls10, max: 1.2, groups: [P-256], tickets: false }\n" +
      kRest);
  config::Diagnostics errors;
  const auto policies = load_policies(config, errors);
  EXPECT_THAT(lab.texts(errors), IsEmpty());
  EXPECT_EQ(policies.size(), 5);  // four are built in
  tls::TlsPolicy expected = *tls::find_builtin_policy("legacy-tls10");
  expected.name = "old";
  expected.max_version = TLS1_2_VERSION;
  expected.groups = {"P-256"};
  expected.tickets = false;
  EXPECT_EQ(tls::describe(policies.at("old")), tls::describe(expected));
}

TEST(LoadPolicies, PointsAtTheFieldThatCannotWork) {
  Lab lab;
  const auto config = lab.parse(
      "certificates: { mail: { cert: leaf.pem } }\n"
      "tls_policies:\n"
      "  one:\n"
      "    ciphers: [NO-SUCH-CIPHER]\n"
      "  two:\n"
      "    groups: [P-255]\n"
      "    min: 1.0\n" +
      kRest);
  config::Diagnostics errors;
  load_policies(config, errors);
  EXPECT_THAT(lab.texts(errors),
              ElementsAre(AllOf(StartsWith("c.yaml:4:14: TLS policy one: "), HasSubstr("NO-SUCH")),
                          AllOf(StartsWith("c.yaml:6:13: TLS policy two: "), HasSubstr("P-255"))));
}

// The certificates of a configuration with their automatic chains.
struct Loaded {
  Loaded(const config::Config& config, Findings& findings)
      : builder(config, issuers, trust, findings) {
    issuers.bundles = load_bundles(config.chain, findings);
    certificates = load_certificates(config, findings);
  }
  const CertificateChains& chains(std::size_t i) {
    return builder.chains_of(certificates.at(i), nullptr);
  }
  TrustStore trust;
  Issuers issuers;
  ChainBuilder builder;
  std::vector<LoadedCertificate> certificates;
};

TEST(LoadCertificates, CompletesTheChainFromTheBundle) {
  Lab lab;
  const auto config = lab.parse("chain: { bundles: ca.pem, " + kAiaOff +
                                " }\ncertificates: { mail: { cert: leaf.pem } }\n" + kRest);
  Findings findings;
  Loaded loaded(config, findings);
  ASSERT_EQ(loaded.certificates.size(), 1);
  const CertificateChains& chains = loaded.chains(0);
  EXPECT_THAT(lab.texts(findings.errors), IsEmpty());
  EXPECT_THAT(lab.texts(findings.warnings), IsEmpty());
  ASSERT_EQ(chains.size(), 1);
  EXPECT_TRUE(chains[0].chain.complete);
  const tls::ServerCertificate served =
      for_context(loaded.certificates[0], chains, kAutomaticChain);
  EXPECT_EQ(served.leaf->fingerprint(), lab.leaf.certificate->fingerprint());
  ASSERT_EQ(served.chain.size(), 1);  // the root is not sent
  EXPECT_EQ(served.chain[0]->fingerprint(), lab.ca.certificate->fingerprint());
}

TEST(LoadCertificates, ServesAnIncompleteChainOrRefusesItAsConfigured) {
  Lab lab;
  for (const std::string on_incomplete : {"warn", "fail"}) {
    const auto config = lab.parse("chain: { " + kAiaOff + ", on_incomplete: " + on_incomplete +
                                  " }\ncertificates:\n  mail: { cert: leaf.pem }\n" + kRest);
    Findings findings;
    Loaded loaded(config, findings);
    ASSERT_EQ(loaded.certificates.size(), 1);
    EXPECT_FALSE(loaded.chains(0).front().chain.complete);
    const auto& told = on_incomplete == "fail" ? findings.errors : findings.warnings;
    EXPECT_THAT(lab.texts(told),
                ElementsAre(AllOf(StartsWith("c.yaml:3:"),
                                  HasSubstr("certificate mail: the chain is incomplete: "),
                                  HasSubstr("Lab CA"))));
  }
}

TEST(LoadCertificates, SaysWhatIsWrongAtTheFileThatItIsWrongWith) {
  Lab lab;
  lab.write("other.key", certs::testing::key_pem(lab.ca));
  lab.write("noise.pem", "this is no certificate");
  const auto config = lab.parse("chain: { bundles: [nothing-*.pem], " + kAiaOff +
                                " }\n"
                                "certificates:\n"
                                "  mail:\n"
                                "    - { cert: missing.pem, key: other.key }\n"
                                "    - { cert: leaf.pem, key: other.key }\n"
                                "    - { cert: noise.pem }\n"
                                "    - { pfx: gone.pfx, password_file: gone.pass }\n" +
                                kRest);
  Findings findings;
  const Loaded loaded(config, findings);
  EXPECT_EQ(loaded.certificates.size(), 0);
  EXPECT_THAT(lab.texts(findings.errors),
              ElementsAre(AllOf(StartsWith("c.yaml:1:"), HasSubstr("nothing-*.pem")),
                          AllOf(StartsWith("c.yaml:4:15: "), HasSubstr("missing.pem")),
                          AllOf(StartsWith("c.yaml:5:"), HasSubstr("key")),
                          AllOf(StartsWith("c.yaml:6:15: "), HasSubstr("noise.pem")),
                          AllOf(StartsWith("c.yaml:7:"), HasSubstr("gone.pass")),
                          AllOf(StartsWith("c.yaml:7:14: "), HasSubstr("gone.pfx"))));
}

}  // namespace
}  // namespace chainmend::serving::testing
