#include "proxy/serving/identity_fields.h"

#include <gmock/gmock.h>

#include "certs/file_text.h"
#include "tests/proxy/serving/lab.h"

namespace chainmend::serving::testing {
namespace {

using config::IdentityHeader;
using ::testing::ElementsAre;
using ::testing::IsEmpty;
using Path = std::vector<certs::CertificatePtr>;

std::vector<std::string> written(const config::IdentityHeaders& from, const Path& path) {
  std::vector<http::FieldChange> fields;
  std::vector<std::string> lines;
  for (const http::FieldChange& one : IdentityFields(from).write(path, fields)) {
    lines.push_back(one.name + ": " + one.value);
  }
  return lines;
}

std::string base64(const Identity& identity) {
  return certs::encode_base64(identity.certificate->der());
}

struct Phone {
  Identity root = far_root("Maker");
  Identity ca = far_ca("Phone CA", root);
  Identity phone = far_leaf("phone", ca);
  Path path = {phone.certificate, ca.certificate};
};

TEST(IdentityFields, WritesEachForm) {
  const Phone p;
  EXPECT_THAT(
      written(
          {{IdentityHeader::arr, IdentityHeader::client_cert, IdentityHeader::client_cert_chain},
           {}},
          p.path),
      ElementsAre("X-ARR-ClientCert: " + base64(p.phone), "Client-Cert: :" + base64(p.phone) + ":",
                  "Client-Cert-Chain: :" + base64(p.ca) + ":"));
  const auto lines = written({{IdentityHeader::xfcc, IdentityHeader::ssl_client_cert}, {}}, p.path);
  ASSERT_EQ(lines.size(), 2U);
  EXPECT_TRUE(lines[0].starts_with(
      "X-Forwarded-Client-Cert: Hash=" + certs::hex(p.phone.certificate->fingerprint()) +
      ";Cert=\"-----BEGIN%20CERTIFICATE-----%0A"))
      << lines[0];
  EXPECT_TRUE(lines[0].ends_with("-----END%20CERTIFICATE-----%0A\";Subject=\"CN=phone\""))
      << lines[0];
  EXPECT_TRUE(lines[1].starts_with("X-SSL-Client-Cert: -----BEGIN%20CERTIFICATE-----%0AMII"));
}

TEST(IdentityFields, LeavesOutTheChainThatIsNotThere) {
  const Phone p;
  EXPECT_THAT(written({{IdentityHeader::client_cert_chain}, {}}, {p.phone.certificate}), IsEmpty());
}

TEST(IdentityFields, FillsInTemplates) {
  const Phone p;
  const auto line = [&](const std::string& text, const Path& path) {
    const auto lines = written({{}, {{{"X-SSL-A", {}}, text}}}, path);
    return lines.empty() ? "" : lines.front().substr(std::string("X-SSL-A: ").size());
  };
  EXPECT_EQ(line("<{cn}>{subject},{issuer}", p.path), "<phone>CN=phone,CN=Phone CA");
  EXPECT_EQ(line("{serial} {sha1}", p.path), certs::hex(p.phone.certificate->serial()) + " " +
                                                 certs::thumbprint(p.phone.certificate->der()));
  EXPECT_EQ(line("{sha256}", p.path), certs::hex(p.phone.certificate->fingerprint()));
  EXPECT_EQ(line("{not_after} {verify}", p.path), "2120-01-01T00:00:00Z SUCCESS");
  EXPECT_EQ(line("{verify}", {}), "NONE");
  EXPECT_EQ(line("{subject}", {}), "");
  EXPECT_EQ(line("plain", {}), "plain");
}

TEST(IdentityFields, LetsNoSubjectOutOfItsField) {
  const Phone p;
  for (const std::string name : {"a\r\nX-Admin: 1", "a\"; Subject=\"CN=b", "a\x7f\x01"}) {
    const Identity odd = issue({.subject = "CN=" + name, .issuer = &p.ca, .not_after = kFarAway});
    for (const std::string& one : written(
             {{IdentityHeader::xfcc}, {{{"X-SSL-A", {}}, "{subject} {cn}"}}}, {odd.certificate})) {
      EXPECT_EQ(one.find_first_of("\r\n\x7f\x01"), std::string::npos) << one;
    }
  }
  const Identity quote = issue({.subject = "CN=a\"b", .issuer = &p.ca, .not_after = kFarAway});
  EXPECT_TRUE(written({{IdentityHeader::xfcc}, {}}, {quote.certificate})
                  .front()
                  .ends_with(";Subject=\"CN=a\\\\\\\"b\""));
}

TEST(CheckIdentity, RefusesNamesThatClientsCouldSend) {
  Findings findings;
  check_identity({{}, {{{"X-SSL-A", {}}, ""}, {{"Client_Cert_Sha1", {}}, ""}}}, findings);
  EXPECT_THAT(findings.errors, IsEmpty());
  check_identity({{}, {{{"X-Phone", {}}, ""}, {{"Host", {}}, ""}, {{"X-Forwarded-For", {}}, ""}}},
                 findings);
  EXPECT_EQ(findings.errors.size(), 3U);
}

}  // namespace
}  // namespace chainmend::serving::testing
