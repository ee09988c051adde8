#include "certs/issuer_set.h"

#include <gtest/gtest.h>

#include "tests/certs/issuer_source_contract.h"

namespace chainmend::certs::testing {
namespace {

struct IssuerSetFactory {
  std::unique_ptr<IssuerSource> make(const std::vector<CertificatePtr>& known) {
    std::vector<Candidate> candidates;
    for (const CertificatePtr& one : known) {
      candidates.push_back({one, Origin::bundle, "bundle.pem"});
    }
    return std::make_unique<IssuerSetSource>(
        std::make_shared<const IssuerSet>(std::move(candidates)));
  }
};

INSTANTIATE_TYPED_TEST_SUITE_P(IssuerSet, IssuerSourceContract, IssuerSetFactory);

TEST(IssuerSet, KeepsTheFirstOfIdenticalCertificates) {
  const Identity root = make_root("CN=Root");
  const IssuerSet set({{root.certificate, Origin::leaf_file, "first"},
                       {root.certificate, Origin::bundle, "second"}});
  EXPECT_EQ(set.size(), 1U);
  const auto& found = set.with_subject(root.certificate->subject_key());
  ASSERT_EQ(found.size(), 1U);
  EXPECT_EQ(found[0].location, "first");
  EXPECT_EQ(found[0].origin, Origin::leaf_file);
}

TEST(IssuerSet, IsFineWhenEmpty) {
  const IssuerSet set;
  EXPECT_EQ(set.size(), 0U);
  EXPECT_TRUE(set.with_subject("anything").empty());
}

}  // namespace
}  // namespace chainmend::certs::testing
