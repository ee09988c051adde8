// Certificates below the policy's security level: refused with a hint, served on opt-in, and
// nothing else is let down with them.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/certs/test_pki.h"
#include "tests/proxy/tls/fixtures.h"

namespace chainmend::tls {
namespace {

using certs::testing::issue;
using certs::testing::make_rsa_key;
using ::testing::AllOf;
using testing::ClientOptions;
using testing::Connection;
using ::testing::HasSubstr;
using testing::policy;
using testing::Server;

// A 2048-bit leaf below an intermediate of 1024 bits that is signed with SHA-1: both as of 2008.
class WeakCertificate : public ::testing::Test {
 protected:
  Result<ServerContextPtr> context(const TlsPolicy& with, bool allow_weak) {
    ServerCertificate certificate;
    certificate.name = "mail";
    certificate.leaf = leaf_.certificate;
    certificate.key = key_.get();
    certificate.chain = {ca_.certificate};
    certificate.allow_weak = allow_weak;
    return ServerContext::create({"a", with, {certificate}}, server_.tickets, server_.sessions);
  }

  certs::testing::Identity root_ = certs::testing::make_root("CN=Root");
  certs::testing::Identity ca_ = issue(
      {.subject = "CN=CA", .issuer = &root_, .key = make_rsa_key(1024), .digest = EVP_sha1()});
  certs::testing::Identity leaf_ = issue({.subject = "CN=mail.example",
                                          .issuer = &ca_,
                                          .key = make_rsa_key(2048),
                                          .basic_constraints = "",
                                          .alternative_names = "DNS:mail.example"});
  certs::EvpPkeyPtr key_ = certs::testing::key_of(leaf_);
  Server server_;
};

TEST_F(WeakCertificate, IsRefusedWithAHint) {
  const auto made = context(policy("intermediate"), false);
  ASSERT_FALSE(made);
  EXPECT_THAT(made.error().text, AllOf(HasSubstr("certificate 'mail' cannot be served"),
                                       HasSubstr("\"weak: allow\" on the certificate")));
}

TEST_F(WeakCertificate, IsServedOnOptInAtEveryVersionOfThePolicy) {
  const auto made = context(policy("intermediate"), true);
  ASSERT_TRUE(made) << made.error().text;
  for (const std::uint16_t version : {clients::kTls12, clients::kTls13}) {
    Connection connection(*made, {.min_version = version, .max_version = version});
    ASSERT_TRUE(connection.shake_hands()) << version;
    EXPECT_EQ(connection.served_chain().size(), 2U);
  }
}

TEST_F(WeakCertificate, LeavesVersionsSuitesAndSignaturesToThePolicy) {
  const auto made = context(policy("intermediate"), true);
  ASSERT_TRUE(made) << made.error().text;
  const ClientOptions refused[] = {
      {.max_version = TLS1_VERSION},
      {.max_version = TLS1_2_VERSION, .ciphers = "AES128-SHA"},
      {.max_version = TLS1_2_VERSION, .signature_algorithms = "RSA+SHA1"},
  };
  for (const ClientOptions& client : refused) {
    EXPECT_FALSE(Connection(*made, client).shake_hands())
        << client.ciphers << ' ' << client.signature_algorithms;
  }
}

}  // namespace
}  // namespace chainmend::tls
