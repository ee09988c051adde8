// What every IssuerSource has to hold. A source joins with a factory:
//
//   struct MyFactory {
//     // A source that knows these certificates. Children of the suite carry kContractUrl as their
//     AIA URL, for
//     // sources that fetch.
//     std::unique_ptr<IssuerSource> make(std::vector<CertificatePtr> known);
//   };
//   INSTANTIATE_TYPED_TEST_SUITE_P(MySource, IssuerSourceContract, MyFactory);
#pragma once

#include <gtest/gtest.h>

#include <algorithm>
#include <memory>
#include <vector>

#include "certs/issuer_source.h"
#include "tests/certs/test_pki.h"

namespace chainmend::certs::testing {

inline constexpr char kContractUrl[] = "http://ca.example/contract.p7c";

template <typename Factory>
class IssuerSourceContract : public ::testing::Test {
 protected:
  static Identity child_of(const Identity& issuer, const std::string& issuer_name = "") {
    return issue({.subject = "CN=child",
                  .issuer = &issuer,
                  .issuer_subject = issuer_name,
                  .basic_constraints = "",
                  .aia_urls = {kContractUrl}});
  }
  // Fingerprints of the answer, sorted, each once.
  static std::vector<Sha256> ask(IssuerSource& source, const Identity& child) {
    std::vector<Sha256> answer;
    for (const Candidate& candidate : source.issuers_of(*child.certificate)) {
      answer.push_back(candidate.certificate->fingerprint());
    }
    std::ranges::sort(answer);
    answer.erase(std::unique(answer.begin(), answer.end()), answer.end());
    return answer;
  }
  static std::vector<Sha256> sorted(std::vector<Sha256> all) {
    std::ranges::sort(all);
    return all;
  }

  Factory factory_;
  Identity root_ = make_root("CN=Root");
  Identity other_root_ = make_root("CN=Other Root");
};

TYPED_TEST_SUITE_P(IssuerSourceContract);

TYPED_TEST_P(IssuerSourceContract, GivesTheIssuer) {
  const Identity ca = make_ca("CN=CA", this->root_);
  const auto source = this->factory_.make({this->other_root_.certificate, ca.certificate});
  EXPECT_EQ(this->ask(*source, this->child_of(ca)), (std::vector{ca.certificate->fingerprint()}));
}

TYPED_TEST_P(IssuerSourceContract, GivesNothingForAStranger) {
  const auto source = this->factory_.make({this->root_.certificate});
  EXPECT_TRUE(this->ask(*source, this->child_of(make_root("CN=Nobody knows"))).empty());
}

TYPED_TEST_P(IssuerSourceContract, GivesEveryCrossCertificate) {
  const SharedKey key = make_ec_key();
  const Identity a = issue({.subject = "CN=CA", .issuer = &this->root_, .key = key});
  const Identity b = issue({.subject = "CN=CA", .issuer = &this->other_root_, .key = key});
  const auto source = this->factory_.make({a.certificate, b.certificate});
  EXPECT_EQ(this->ask(*source, this->child_of(a)),
            this->sorted({a.certificate->fingerprint(), b.certificate->fingerprint()}));
}

TYPED_TEST_P(IssuerSourceContract, ComparesNamesAndNotTheirBytes) {
  const Identity ca = make_ca("CN=Issuing CA", this->root_);
  const auto source = this->factory_.make({ca.certificate});
  EXPECT_EQ(this->ask(*source, this->child_of(ca, "CN=ISSUING  ca")).size(), 1U);
}

TYPED_TEST_P(IssuerSourceContract, AnswersTheSameAgain) {
  const Identity ca = make_ca("CN=CA", this->root_);
  const auto source = this->factory_.make({ca.certificate});
  const Identity child = this->child_of(ca);
  const auto first = this->ask(*source, child);
  EXPECT_EQ(this->ask(*source, child), first);
  EXPECT_EQ(first.size(), 1U);
}

REGISTER_TYPED_TEST_SUITE_P(IssuerSourceContract, GivesTheIssuer, GivesNothingForAStranger,
                            GivesEveryCrossCertificate, ComparesNamesAndNotTheirBytes,
                            AnswersTheSameAgain);

}  // namespace chainmend::certs::testing
