// Which built-in clients connect under which policies, with which keys.
#include "proxy/tls/connects.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <openssl/evp.h>

#include <string>

#include "proxy/tls/capability.h"
#include "proxy/tls/probe.h"

namespace chainmend::tls {
namespace {

using ::testing::HasSubstr;

OfferedKey offered(const Identity& identity) {
  return {identity.certificate.get(), identity.key.get()};
}

const TlsPolicy& policy(std::string_view name) { return *find_builtin_policy(name); }

Connects of(std::string_view stack, const TlsPolicy& under, const Identity& with) {
  return connects(*clients::find_client_stack(stack), under, offered(with));
}

void expect_refused(const Connects& found, Obstacle obstacle, const char* why) {
  EXPECT_EQ(to_string(found.obstacle), std::string(to_string(obstacle))) << found.why;
  EXPECT_THAT(found.why, HasSubstr(why));
  EXPECT_EQ(found.version, 0);
}

TEST(Connects, SaysWhatTheTwoAgreeOn) {
  const Connects android = of("android_11", policy("modern"), probe_ecdsa());
  EXPECT_TRUE(android) << android.why;
  EXPECT_EQ(android.version, TLS1_3_VERSION);
  EXPECT_EQ(android.suite, "TLS_AES_128_GCM_SHA256");
  EXPECT_EQ(android.group, "X25519");
  const Connects ios = of("ios_9", policy("intermediate"), probe_rsa());
  EXPECT_TRUE(ios) << ios.why;
  EXPECT_EQ(ios.version, TLS1_2_VERSION);
  EXPECT_EQ(ios.suite, "ECDHE-RSA-AES128-GCM-SHA256");
  EXPECT_EQ(ios.group, "P-256");
  const Connects phone = of("polycom_phone", policy("legacy-tls10"), probe_rsa());
  EXPECT_TRUE(phone) << phone.why;
  EXPECT_EQ(phone.version, TLS1_VERSION);
  EXPECT_EQ(phone.suite, "AES128-SHA");
  EXPECT_EQ(phone.group, "");
  EXPECT_EQ(phone.why, "");
}

TEST(Connects, ServesEveryClientThatThisOpensslCanUnderTheLegacyPolicy) {
  for (const clients::ClientStack& stack : clients::client_stacks()) {
    const Connects found = connects(stack, policy("legacy-tls10"), offered(probe_rsa()));
    if (stack.name == "windows_xp_schannel") {
      expect_refused(found, Obstacle::suite, capability().rc4 ? "policy's suites" : "RC4");
    } else {
      EXPECT_TRUE(found) << stack.name << " " << found.why;
    }
  }
}

TEST(Connects, NamesTheVersionInTheWay) {
  expect_refused(of("java_7", policy("intermediate"), probe_rsa()), Obstacle::version,
                 "speaks TLS 1.0 at most");
  const TlsPolicy old = customise(policy("legacy-tls10"), "old", {.max_version = TLS1_1_VERSION});
  expect_refused(of("firefox", old, probe_rsa()), Obstacle::version,
                 "speaks nothing as old as TLS 1.1");
}

TEST(Connects, NamesTheKeyInTheWay) {
  const Identity p521 = make_identity(certs::EvpPkeyPtr(EVP_EC_gen("P-521")));
  const Identity ed25519 =
      make_identity(certs::EvpPkeyPtr(EVP_PKEY_Q_keygen(nullptr, nullptr, "ED25519")));
  const Identity secp256k1 = make_identity(certs::EvpPkeyPtr(EVP_EC_gen("secp256k1")));
  expect_refused(of("polycom_phone", policy("legacy-tls10"), probe_ecdsa()), Obstacle::key_type,
                 "no suite in common for an ECDSA key on P-256, but with an RSA key it connects");
  expect_refused(of("chromium", policy("intermediate"), p521), Obstacle::key_type, "P-521");
  expect_refused(of("android_8", policy("intermediate"), p521), Obstacle::key_type, "P-521");
  EXPECT_TRUE(of("firefox", policy("intermediate"), p521));
  expect_refused(of("firefox", policy("intermediate"), ed25519), Obstacle::key_type, "ED25519 key");
  EXPECT_TRUE(of("openssl_3", policy("intermediate"), ed25519));
  for (const clients::ClientStack& stack : clients::client_stacks()) {
    const Connects found = connects(stack, policy("intermediate"), offered(secp256k1));
    EXPECT_EQ(found.obstacle == Obstacle::none, stack.name == "java_8") << stack.name;
  }
}

TEST(Connects, NamesTheSuitesOrGroupsInTheWay) {
  const TlsPolicy chacha =
      customise(policy("intermediate"), "chacha",
                {.max_version = TLS1_2_VERSION, .ciphers = {{"ECDHE-RSA-CHACHA20-POLY1305"}}});
  expect_refused(of("ios_9", chacha, probe_rsa()), Obstacle::suite, "none of the policy's suites");
  const TlsPolicy x448 =
      customise(policy("intermediate"), "x448",
                {.ciphers = {{"ECDHE-RSA-AES128-GCM-SHA256"}}, .groups = {{"X448"}}});
  expect_refused(of("ios_9", x448, probe_rsa()), Obstacle::group, "groups");
  expect_refused(of("firefox", x448, probe_rsa()), Obstacle::group, "groups");
}

TEST(Connects, KnowsWhatAHelloDoesNotTell) {
  const TlsPolicy dhe =
      customise(policy("legacy-tls10"), "dhe",
                {.max_version = TLS1_1_VERSION, .ciphers = {{"DHE-RSA-AES128-SHA"}}});
  expect_refused(of("java_6", dhe, probe_rsa()), Obstacle::dh_size,
                 "at most 1024 bits, not of 2048");
  TlsPolicy small = dhe;
  small.dh_bits = 1024;
  const Connects java = of("java_6", small, probe_rsa());
  EXPECT_TRUE(java) << java.why;
  EXPECT_EQ(java.group, "DH 1024");

  clients::ClientStack phone = *clients::find_client_stack("lync_phone_edition");
  phone.max_rsa_bits = 1024;
  expect_refused(connects(phone, policy("legacy-tls10"), offered(probe_rsa())), Obstacle::key_size,
                 "RSA keys of at most 1024 bits, not of 2048");
  phone.max_rsa_bits = 0;
  phone.max_digest_bits = 160;
  expect_refused(connects(phone, policy("legacy-tls10"), offered(probe_rsa())), Obstacle::digest,
                 "SHA-256");
}

TEST(Connects, LooksAtTheSignaturesOfTheWholeChain) {
  const certs::X509Ptr sha512(X509_dup(probe_rsa().certificate.get()));
  X509_sign(sha512.get(), probe_rsa().key.get(), EVP_sha512());
  X509* const chain[] = {sha512.get()};
  const OfferedKey key{probe_rsa().certificate.get(), probe_rsa().key.get(), chain};
  const auto& phone = *clients::find_client_stack("lync_phone_edition");
  expect_refused(connects(phone, policy("legacy-tls10"), key), Obstacle::digest, "SHA-512");
}

TEST(Connects, SaysSoWhenThePolicyRefusesTheCertificate) {
  const Identity weak = make_identity(certs::EvpPkeyPtr(EVP_RSA_gen(1024U)));
  expect_refused(of("firefox", policy("intermediate"), weak), Obstacle::policy,
                 "the policy refuses the certificate");
  EXPECT_TRUE(of("firefox", policy("legacy-tls10"), weak));
  const TlsPolicy none = customise(policy("intermediate"), "none", {.groups = {{"none"}}});
  expect_refused(of("firefox", none, probe_rsa()), Obstacle::policy, "policy 'none'");
}

}  // namespace
}  // namespace chainmend::tls
