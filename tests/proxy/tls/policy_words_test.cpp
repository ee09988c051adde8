#include "proxy/tls/policy_words.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace chainmend::tls {
namespace {

using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::StartsWith;

TEST(PolicyWords, NameEveryDifference) {
  const TlsPolicy& base = *find_builtin_policy("legacy-tls10");
  EXPECT_THAT(differences(customise(base, "other", {}), base), IsEmpty());
  const TlsPolicy changed = customise(base, "other",
                                      {.min_version = TLS1_2_VERSION,
                                       .max_version = TLS1_2_VERSION,
                                       .suites = {{"TLS_AES_128_GCM_SHA256"}},
                                       .groups = {{"P-256", "X25519", "X448"}},
                                       .tickets = true,
                                       .empty_fragments = true,
                                       .dh_bits = 3072});
  EXPECT_THAT(
      differences(changed, base),
      ElementsAre("lowest version TLS 1.2, not TLS 1.0", "highest version TLS 1.2, not TLS 1.3",
                  "lacks suites of TLS 1.3: TLS_AES_256_GCM_SHA384, TLS_CHACHA20_POLY1305_SHA256",
                  "adds groups: X448", "lacks groups: P-384, P-521",
                  "prefers groups in another order", "security level 2, not 0",
                  "session tickets on", "empty fragments on",
                  "Diffie-Hellman group of 3072 bits, not 2048"));
}

TEST(PolicyWords, SayNothingOfSuitesThatNoVersionUses) {
  const TlsPolicy& modern = *find_builtin_policy("modern");
  EXPECT_THAT(as_openssl(modern), Not(Contains(StartsWith("-cipher "))));
  EXPECT_THAT(as_nginx(modern), Not(Contains(StartsWith("ssl_ciphers"))));
  EXPECT_THAT(as_nginx(modern), Contains("ssl_protocols TLSv1.3;"));
  const TlsPolicy old = customise(*find_builtin_policy("legacy-tls10"), "old",
                                  {.max_version = TLS1_1_VERSION, .ciphers = {{"AES128-SHA"}}});
  EXPECT_THAT(
      as_openssl(old),
      ElementsAre("-min_protocol TLSv1", "-max_protocol TLSv1.1", "-cipher AES128-SHA:@SECLEVEL=0",
                  "-groups X25519:P-256:P-384:P-521", "-serverpref", "-no_ticket"));
  EXPECT_THAT(as_nginx(old), Contains("ssl_protocols TLSv1 TLSv1.1;"));
  EXPECT_THAT(as_nginx(old), Contains("ssl_session_tickets off;"));
}

}  // namespace
}  // namespace chainmend::tls
