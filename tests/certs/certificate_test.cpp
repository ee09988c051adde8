#include "certs/certificate.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/certs/test_pki.h"

namespace chainmend::certs {
namespace {

using ::testing::ElementsAre;
using testing::Identity;
using ::testing::IsEmpty;
using testing::issue;
using testing::make_ca;
using testing::make_root;
using testing::Spec;

TEST(Certificate, KeepsTheBytesItWasReadFrom) {
  const Identity root = make_root("CN=Root");
  const auto again = Certificate::from_der(root.certificate->der());
  ASSERT_TRUE(again.has_value());
  EXPECT_EQ((*again)->fingerprint(), root.certificate->fingerprint());
  EXPECT_EQ((*again)->fingerprint(), sha256(root.certificate->der()));
  EXPECT_TRUE((*again)->pem().starts_with("-----BEGIN CERTIFICATE-----\n"));
}

TEST(Certificate, IsRefusedWithBytesLeftOver) {
  const Identity root = make_root("CN=Root");
  Bytes der(root.certificate->der().begin(), root.certificate->der().end());
  der.push_back(0);
  const auto certificate = Certificate::from_der(der);
  ASSERT_FALSE(certificate.has_value());
  EXPECT_EQ(certificate.error().code, ErrorCode::malformed);
}

TEST(Certificate, IsRefusedAtEveryTruncation) {
  const Identity root = make_root("CN=Root");
  const ByteView der = root.certificate->der();
  for (std::size_t size = 0; size < der.size(); ++size) {
    EXPECT_FALSE(Certificate::from_der(der.first(size)).has_value()) << size;
  }
}

TEST(Certificate, TellsNamesAndDates) {
  const Identity root = make_root("O=Example,CN=Root");
  const Identity leaf =
      issue({.subject = "O=Example,CN=mail.example",
             .issuer = &root,
             .not_before = *parse_time("2021-02-03"),
             .not_after = *parse_time("2022-02-03"),
             .basic_constraints = "",
             .alternative_names = "DNS:MAIL.example,DNS:*.example,IP:10.0.0.1,IP:::1"});
  const Certificate& c = *leaf.certificate;
  EXPECT_EQ(c.subject(), "CN=mail.example,O=Example");
  EXPECT_EQ(c.issuer(), "CN=Root,O=Example");
  EXPECT_EQ(c.common_name(), "mail.example");
  EXPECT_EQ(c.issuer_common_name(), "Root");
  EXPECT_EQ(c.issuer_key(), root.certificate->subject_key());
  EXPECT_THAT(c.names(), ElementsAre("mail.example", "*.example", "10.0.0.1", "::1"));
  EXPECT_TRUE(c.has_dns_names());
  EXPECT_FALSE(c.valid_at(c.not_before() - std::chrono::seconds(1)));
  EXPECT_TRUE(c.valid_at(c.not_before()));
  EXPECT_TRUE(c.valid_at(c.not_after()));
  EXPECT_FALSE(c.valid_at(c.not_after() + std::chrono::seconds(1)));
}

TEST(Certificate, FallsBackToTheCommonNameWithoutAlternativeNames) {
  const Identity leaf = issue({.subject = "CN=Mail.Example"});
  EXPECT_THAT(leaf.certificate->names(), ElementsAre("mail.example"));
  EXPECT_FALSE(leaf.certificate->has_dns_names());
}

TEST(Certificate, EscapesControlBytesInNames) {
  const Identity odd = issue({.subject = "CN=a\x1b[31mb"});
  EXPECT_EQ(odd.certificate->subject(), "CN=a\\1B[31mb");
  EXPECT_EQ(odd.certificate->common_name(), "");
}

TEST(Certificate, TellsKeyIds) {
  const Identity root = make_root("CN=Root");
  const Identity ca =
      issue({.subject = "CN=CA", .issuer = &root, .authority = {.serial_of = &root}});
  const AuthorityKeyId& authority = ca.certificate->authority();
  EXPECT_EQ(authority.key_id, root.certificate->subject_key_id());
  EXPECT_EQ(authority.serial, root.certificate->serial());
  EXPECT_EQ(authority.issuer_key, root.certificate->issuer_key());
  const Identity bare =
      issue({.issuer = &root, .subject_key_id = false, .authority = {.key_id = false}});
  EXPECT_FALSE(bare.certificate->subject_key_id().has_value());
  EXPECT_FALSE(bare.certificate->authority().key_id.has_value());
}

TEST(Certificate, IsOneEntityHoweverOftenCrossSigned) {
  const Identity a = make_root("CN=A");
  const Identity b = make_root("CN=B");
  const auto key = testing::make_ec_key();
  const Identity by_a = issue({.subject = "CN=I", .issuer = &a, .key = key});
  const Identity by_b = issue({.subject = "CN=I", .issuer = &b, .key = key});
  const Identity other_key = issue({.subject = "CN=I", .issuer = &a});
  const Identity other_names =
      issue({.subject = "CN=I", .issuer = &a, .key = key, .alternative_names = "DNS:i.example"});
  EXPECT_EQ(by_a.certificate->entity(), by_b.certificate->entity());
  EXPECT_NE(by_a.certificate->fingerprint(), by_b.certificate->fingerprint());
  EXPECT_NE(by_a.certificate->entity(), other_key.certificate->entity());
  EXPECT_NE(by_a.certificate->entity(), other_names.certificate->entity());
}

TEST(Certificate, IsSelfSignedOnlyWithASignatureOfItsOwn) {
  const Identity root = make_root("CN=Root");
  EXPECT_TRUE(root.certificate->self_signed());
  const Identity rekeyed = issue({.subject = "CN=Root", .issuer = &root});
  EXPECT_TRUE(rekeyed.certificate->self_issued());
  EXPECT_FALSE(rekeyed.certificate->self_signed());
  const Identity broken = issue({.subject = "CN=Root", .broken_signature = true});
  EXPECT_FALSE(broken.certificate->self_signed());
}

TEST(Certificate, TellsItsConstraints) {
  const Identity ca = issue({.basic_constraints = "critical,CA:TRUE,pathlen:3"});
  EXPECT_EQ(ca.certificate->ca_flag(), CaFlag::yes);
  EXPECT_EQ(ca.certificate->path_length(), 3U);
  EXPECT_EQ(ca.certificate->name_constraints(), nullptr);
  const Identity leaf =
      issue({.basic_constraints = "CA:FALSE", .name_constraints = "permitted;DNS:x"});
  EXPECT_EQ(leaf.certificate->ca_flag(), CaFlag::no);
  EXPECT_FALSE(leaf.certificate->path_length().has_value());
  EXPECT_NE(leaf.certificate->name_constraints(), nullptr);
  EXPECT_EQ(issue({.basic_constraints = ""}).certificate->ca_flag(), CaFlag::absent);
  EXPECT_TRUE(
      issue({.unknown_critical_extension = true}).certificate->has_unknown_critical_extension());
}

struct UsageCase {
  const char* key_usage;
  const char* extended;
  bool signs, serves, issues_servers;
};

TEST(Certificate, TellsWhatItMayBeUsedFor) {
  const UsageCase cases[] = {
      {"", "", true, true, true},
      {"digitalSignature", "", false, true, true},
      {"keyCertSign", "serverAuth", true, true, true},
      {"", "clientAuth", true, false, false},
      {"", "clientAuth,serverAuth", true, true, true},
      {"", "anyExtendedKeyUsage", true, true, true},
      {"", "msSGC", true, false, true},
      {"", "nsSGC", true, false, true},
  };
  for (const UsageCase& c : cases) {
    const Identity one = issue({.key_usage = c.key_usage, .extended_key_usage = c.extended});
    EXPECT_EQ(one.certificate->may_sign_certificates(), c.signs) << c.key_usage;
    EXPECT_EQ(one.certificate->may_serve(), c.serves) << c.extended;
    EXPECT_EQ(one.certificate->may_issue_servers(), c.issues_servers) << c.extended;
  }
}

TEST(Certificate, ListsIssuerUrlsThatAreUrls) {
  const Identity leaf = issue(
      {.aia_urls = {"http://a.example/ca.crt", "ldap:///cn=CA", "http://b.example/with blank"}});
  EXPECT_THAT(leaf.certificate->aia_urls(),
              ElementsAre("http://a.example/ca.crt", "ldap:///cn=CA"));
  Spec many;
  for (int i = 0; i < 40; ++i) {
    many.aia_urls.push_back("http://a.example/" + std::to_string(i));
  }
  EXPECT_EQ(issue(many).certificate->aia_urls().size(), 16U);
  EXPECT_THAT(issue({.aia_urls = {"http://a/" + std::string(3000, 'x')}}).certificate->aia_urls(),
              IsEmpty());
}

TEST(Certificate, NamesItsKeyAndItsWeakness) {
  const Identity root = make_root("CN=Root");
  EXPECT_EQ(root.certificate->key_description(), "EC P-256");
  EXPECT_EQ(root.certificate->weakness(), "");
  const Identity small = issue({.issuer = &root, .key = testing::make_rsa_key(1024)});
  EXPECT_EQ(small.certificate->key_description(), "RSA 1024");
  EXPECT_EQ(small.certificate->weakness(), "RSA key of 1024 bits");
  const Identity sha1 = issue({.issuer = &root, .digest = EVP_sha1()});
  EXPECT_EQ(sha1.certificate->weakness(), "signed with SHA-1");
  EXPECT_EQ(issue({.digest = EVP_sha1()}).certificate->weakness(), "");  // its own signature
}

TEST(Verifies, LooksAtTheKeyAlone) {
  const Identity root = make_root("CN=Root");
  const Identity twin = make_root("CN=Root");
  const Identity ca = make_ca("CN=CA", root);
  EXPECT_TRUE(verifies(*ca.certificate, *root.certificate));
  EXPECT_FALSE(verifies(*ca.certificate, *twin.certificate));
}

}  // namespace
}  // namespace chainmend::certs
