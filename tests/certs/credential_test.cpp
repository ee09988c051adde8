#include "certs/credential.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "certs/private_key.h"
#include "tests/certs/containers.h"
#include "tests/certs/temp_folder.h"

namespace chainmend::certs {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using testing::Identity;
using testing::in_bundle;
using ::testing::IsEmpty;
using testing::key_of;
using testing::make_ca;
using testing::make_leaf;
using testing::make_root;
using testing::TempFolder;

class CredentialTest : public ::testing::Test {
 protected:
  static std::vector<FoundCertificate> found(const std::vector<Identity>& identities) {
    std::vector<FoundCertificate> all;
    for (const Identity& one : identities) {
      all.push_back({one.certificate, "leaf.pem", 1});
    }
    return all;
  }
  static std::string pem(const std::vector<Identity>& identities) {
    std::string text;
    for (const Identity& one : identities) {
      text += one.certificate->pem();
    }
    return text;
  }

  Identity root_ = make_root("CN=Root");
  Identity ca_ = make_ca("CN=CA", root_);
  Identity leaf_ = make_leaf("mail.example", ca_);
  TempFolder folder_;
};

TEST_F(CredentialTest, FindsTheLeafByItsKey) {
  const auto credential = make_credential(found({root_, ca_, leaf_, ca_}), key_of(leaf_));
  ASSERT_TRUE(credential.has_value());
  EXPECT_EQ(credential->file.leaf, leaf_.certificate);
  EXPECT_EQ(credential->file.extras.size(), 3U);
  EXPECT_EQ(credential->file.given.size(), 4U);
  EXPECT_EQ(credential->file.extras[0].origin, Origin::leaf_file);
}

TEST_F(CredentialTest, TakesTheNewerOfTwoCertificatesForOneKey) {
  const Identity renewed = testing::issue({.subject = "CN=mail.example",
                                           .issuer = &ca_,
                                           .key = leaf_.key,
                                           .not_before = *parse_time("2024-01-01"),
                                           .basic_constraints = ""});
  for (const auto& order : {found({leaf_, renewed}), found({renewed, leaf_})}) {
    const auto credential = make_credential(order, key_of(leaf_));
    ASSERT_TRUE(credential.has_value());
    EXPECT_EQ(credential->file.leaf, renewed.certificate);
  }
}

TEST_F(CredentialTest, RefusesAKeyThatDoesNotMatchWithBothFingerprints) {
  const Identity other = make_leaf("other.example", ca_);
  const auto credential = make_credential(found({leaf_, ca_}), key_of(other));
  ASSERT_FALSE(credential.has_value());
  EXPECT_EQ(credential.error().code, ErrorCode::key_mismatch);
  EXPECT_THAT(credential.error().text, HasSubstr(hex(leaf_.certificate->spki_hash())));
  EXPECT_THAT(credential.error().text, HasSubstr(hex(other.certificate->spki_hash())));
  EXPECT_THAT(credential.error().text, HasSubstr("CN=mail.example"));
}

TEST_F(CredentialTest, LoadsFromTwoFilesOrOne) {
  const std::string certificate = folder_.write("a.pem", pem({leaf_, ca_}));
  const std::string key = folder_.write("a.key", testing::key_pem(leaf_));
  const auto two = load_credential(certificate, key, {});
  ASSERT_TRUE(two.has_value()) << two.error().describe();
  EXPECT_EQ(two->file.leaf->fingerprint(), leaf_.certificate->fingerprint());
  const std::string both = folder_.write("both.pem", testing::key_pem(leaf_) + pem({ca_, leaf_}));
  const auto one = load_credential(both, both, {});
  ASSERT_TRUE(one.has_value()) << one.error().describe();
  EXPECT_EQ(one->file.leaf->fingerprint(), leaf_.certificate->fingerprint());
}

TEST_F(CredentialTest, UsesTheRestOfAPartlyBrokenFile) {
  const std::string certificate = folder_.write(
      "a.pem", pem({leaf_}) + "-----BEGIN CERTIFICATE-----\n*\n-----END CERTIFICATE-----\n");
  const auto credential =
      load_credential(certificate, folder_.write("a.key", testing::key_pem(leaf_)), {});
  ASSERT_TRUE(credential.has_value());
  ASSERT_EQ(credential->problems.size(), 1U);
  EXPECT_EQ(credential->problems[0].where, certificate);
}

TEST_F(CredentialTest, NamesTheFileAtFault) {
  const std::string certificate = folder_.write("a.pem", pem({leaf_}));
  const std::string other_key = folder_.write("b.key", testing::key_pem(ca_));
  const auto mismatch = load_credential(certificate, other_key, {});
  ASSERT_FALSE(mismatch.has_value());
  EXPECT_EQ(mismatch.error().where, other_key);
  const auto no_key = load_credential(certificate, folder_.path("missing"), {});
  ASSERT_FALSE(no_key.has_value());
  EXPECT_EQ(no_key.error().where, folder_.path("missing"));
  const auto no_certificate = load_credential(folder_.path("missing"), other_key, {});
  ASSERT_FALSE(no_certificate.has_value());
  EXPECT_EQ(no_certificate.error().where, folder_.path("missing"));
}

TEST_F(CredentialTest, LoadsWhatWindowsExports) {
  const std::string file = folder_.write(
      "mail.pfx", testing::make_pkcs12({leaf_, ca_, root_}, "pass", testing::Pkcs12Kind::windows));
  const auto credential = load_pfx(file, "pass");
  ASSERT_TRUE(credential.has_value()) << credential.error().describe();
  EXPECT_EQ(credential->file.leaf->fingerprint(), leaf_.certificate->fingerprint());
  EXPECT_EQ(credential->file.extras.size(), 2U);
  EXPECT_EQ(spki_hash(*credential->key), leaf_.certificate->spki_hash());
}

TEST_F(CredentialTest, RefusesAPfxThatCannotServe) {
  const std::tuple<std::string, Password, ErrorCode> cases[] = {
      {folder_.path("missing.pfx"), {}, ErrorCode::cannot_read},
      {folder_.write("text.pfx", "words\n"), {}, ErrorCode::not_recognised},
      {folder_.write("a.pfx", testing::make_pkcs12({leaf_}, "pass")), "guess",
       ErrorCode::wrong_password},
      {folder_.write("b.pfx", testing::make_pkcs12({leaf_}, "pass")),
       {},
       ErrorCode::password_needed},
      {folder_.write("c.pfx",
                     testing::make_pkcs12({leaf_}, "p", testing::Pkcs12Kind::modern, false)),
       "p", ErrorCode::empty},
  };
  for (const auto& [file, password, code] : cases) {
    const auto credential = load_pfx(file, password);
    ASSERT_FALSE(credential.has_value()) << file;
    EXPECT_EQ(credential.error().code, code) << credential.error().describe();
    EXPECT_EQ(credential.error().where, file);
  }
}

TEST_F(CredentialTest, PicksALeafWithoutAKey) {
  EXPECT_EQ(pick_leaf(found({root_, ca_, leaf_})), 2U);
  EXPECT_EQ(pick_leaf(found({leaf_, ca_})), 0U);
  EXPECT_EQ(pick_leaf(found({root_, ca_})),
            1U);  // no end entity: the one that issued none of the others
  EXPECT_EQ(pick_leaf(found({root_})), 0U);
}

std::vector<Candidate> serving(const std::vector<Identity>& identities) {
  std::vector<Candidate> all;
  for (const Identity& one : identities) {
    all.push_back(in_bundle(one));
  }
  return all;
}

std::vector<std::string> repairs(const std::vector<Identity>& given,
                                 const std::vector<Identity>& served) {
  std::vector<CertificatePtr> file;
  for (const Identity& one : given) {
    file.push_back(one.certificate);
  }
  return describe_repairs(file, serving(served));
}

TEST_F(CredentialTest, TellsWhatWasPutRight) {
  const Identity stranger = make_leaf("other.example", ca_);
  EXPECT_THAT(repairs({leaf_, ca_}, {leaf_, ca_}), IsEmpty());
  EXPECT_THAT(repairs({leaf_}, {leaf_, ca_}), IsEmpty());
  EXPECT_THAT(repairs({ca_, leaf_}, {leaf_, ca_}), ElementsAre("the leaf was not first"));
  EXPECT_THAT(repairs({leaf_, root_}, {leaf_, ca_}),
              ElementsAre("the root 'CN=Root' was left off"));
  EXPECT_THAT(repairs({leaf_, leaf_}, {leaf_}),
              ElementsAre("'CN=mail.example' was there more than once"));
  EXPECT_THAT(repairs({leaf_, stranger}, {leaf_, ca_}),
              ElementsAre("'CN=other.example' is not part of the chain and was left off"));
  EXPECT_THAT(repairs({leaf_, root_, ca_}, {leaf_, ca_, root_}),
              ElementsAre("the certificates were out of order"));
}

}  // namespace
}  // namespace chainmend::certs
