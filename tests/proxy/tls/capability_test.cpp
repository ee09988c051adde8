#include "proxy/tls/capability.h"

#include <gtest/gtest.h>
#include <openssl/crypto.h>

#include <algorithm>

namespace chainmend::tls {
namespace {

// What any OpenSSL 3 must be able to do for chainmend to be of use; the rest differs between
// builds.
TEST(Capability, FindsWhatEveryOpenssl3Can) {
  const Capability found = probe_capability();
  EXPECT_EQ(found.library, OpenSSL_version(OPENSSL_VERSION));
  EXPECT_TRUE(found.tls1_0);
  EXPECT_TRUE(found.tls1_1);
  EXPECT_TRUE(found.tls1_2);
  EXPECT_TRUE(found.tls1_3);
  EXPECT_TRUE(found.sslv2_hello);
  EXPECT_TRUE(found.has_suite(0x002f));   // TLS_RSA_WITH_AES_128_CBC_SHA
  EXPECT_TRUE(found.has_suite(0x1301));   // TLS_AES_128_GCM_SHA256
  EXPECT_FALSE(found.has_suite(0x0003));  // an export suite
  EXPECT_TRUE(std::ranges::is_sorted(found.suites));
}

TEST(Capability, AgreesWithItselfOnWeakSuites) {
  const Capability& found = capability();
  EXPECT_EQ(found.rc4, found.has_suite(0x0004) || found.has_suite(0x0005));
  EXPECT_EQ(found.triple_des, found.has_suite(0x000a));
#ifdef OPENSSL_NO_SSL3
  EXPECT_FALSE(found.ssl3);
#endif
#ifdef OPENSSL_NO_WEAK_SSL_CIPHERS
  EXPECT_FALSE(found.rc4);
  EXPECT_FALSE(found.triple_des);
#endif
}

}  // namespace
}  // namespace chainmend::tls
