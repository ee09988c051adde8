// Which policy would have accepted a hello.
#include "proxy/tls/shadow_policy.h"

#include <gtest/gtest.h>

namespace chainmend::tls {
namespace {

clients::ClientHello hello(std::uint16_t version, std::vector<std::uint16_t> suites) {
  clients::ClientHello out;
  out.legacy_version = version;
  out.suites = std::move(suites);
  return out;
}

bool accepted_by(std::string_view policy, const clients::ClientHello& said) {
  const auto shadow = ShadowPolicy::of(*find_builtin_policy(policy));
  EXPECT_TRUE(shadow) << policy;
  return shadow && shadow->accepts(said);
}

TEST(ShadowPolicy, AcceptsAnOldPhoneOnlyWhereTls10IsSpoken) {
  const auto phone = hello(clients::kTls10, {0x002f, 0x0035});
  EXPECT_TRUE(accepted_by("legacy-tls10", phone));
  EXPECT_FALSE(accepted_by("intermediate", phone));
  EXPECT_FALSE(accepted_by("modern", phone));
}

TEST(ShadowPolicy, AcceptsNobodyWithoutASuiteInCommon) {
  EXPECT_FALSE(accepted_by("legacy-tls10", hello(clients::kTls10, {0x0004, 0x0005, 0x000a})));
  EXPECT_FALSE(accepted_by("legacy-tls10", hello(clients::kTls10, {0x00ff})));
  // A suite of TLS 1.2 is none for TLS 1.0.
  EXPECT_FALSE(accepted_by("legacy-tls10", hello(clients::kTls10, {0xc02f, 0x009c})));
  EXPECT_TRUE(accepted_by("intermediate", hello(clients::kTls12, {0xc02f})));
}

TEST(ShadowPolicy, GoesByTheListOfVersionsWhereThereIsOne) {
  auto modern = hello(clients::kTls12, {0x1301});
  EXPECT_FALSE(accepted_by("intermediate", modern));
  modern.supported_versions = {0x1a1a, clients::kTls13};
  EXPECT_TRUE(accepted_by("intermediate", modern));
  EXPECT_TRUE(accepted_by("modern", modern));
  auto odd = hello(clients::kTls12, {0xc02f});
  odd.supported_versions = {clients::kTls13};
  EXPECT_FALSE(accepted_by("intermediate", odd));
}

}  // namespace
}  // namespace chainmend::tls
