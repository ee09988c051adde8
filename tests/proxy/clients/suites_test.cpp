#include "proxy/clients/suites.h"

#include <gtest/gtest.h>

namespace chainmend::clients {
namespace {

TEST(Suites, HaveTheNamesOfTheRegistry) {
  EXPECT_EQ(suite_name(0x002f), "TLS_RSA_WITH_AES_128_CBC_SHA");
  EXPECT_EQ(suite_name(0x0004), "TLS_RSA_WITH_RC4_128_MD5");
  EXPECT_EQ(suite_name(0x000a), "TLS_RSA_WITH_3DES_EDE_CBC_SHA");
  EXPECT_EQ(suite_name(0x1301), "TLS_AES_128_GCM_SHA256");
  EXPECT_EQ(suite_name(0xc02f), "TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256");
  EXPECT_EQ(suite_name(0x00ff), "TLS_EMPTY_RENEGOTIATION_INFO_SCSV");
}

TEST(Suites, ThatNobodyNamedAreTheirNumber) {
  EXPECT_EQ(suite_name(0x0a0a), "0x0a0a");
  EXPECT_EQ(suite_name(0xfffe), "0xfffe");
}

TEST(Suites, TellKeyAndExchange) {
  struct Row {
    std::uint16_t suite;
    Authentication key;
    KeyExchangeKind exchange;
  };
  const Row rows[] = {
      {0x0005, Authentication::rsa, KeyExchangeKind::rsa},
      {0x0003, Authentication::rsa, KeyExchangeKind::rsa},
      {0x0013, Authentication::dss, KeyExchangeKind::dhe},
      {0x0016, Authentication::rsa, KeyExchangeKind::dhe},
      {0x0018, Authentication::anonymous, KeyExchangeKind::dhe},
      {0xc009, Authentication::ecdsa, KeyExchangeKind::ecdhe},
      {0xc013, Authentication::rsa, KeyExchangeKind::ecdhe},
      {0xc004, Authentication::ecdsa, KeyExchangeKind::ecdh},
      {0x1302, Authentication::any, KeyExchangeKind::any},
      {0x00ff, Authentication::unknown, KeyExchangeKind::unknown},
      {0x7777, Authentication::unknown, KeyExchangeKind::unknown},
  };
  for (const Row& row : rows) {
    EXPECT_EQ(authentication_of(row.suite), row.key) << suite_name(row.suite);
    EXPECT_EQ(key_exchange_of(row.suite), row.exchange) << suite_name(row.suite);
  }
}

}  // namespace
}  // namespace chainmend::clients
