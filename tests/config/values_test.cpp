#include "config/values.h"

#include <limits>
#include <string>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

namespace chainmend::config {
namespace {

using std::chrono::hours;
using std::chrono::minutes;
using std::chrono::seconds;

TEST(Bool, IsReadFromTheWordsPeopleUse) {
  for (const char* word : {"true", "yes", "on", "True", "ON"}) {
    EXPECT_EQ(parse_bool(word), true) << word;
  }
  for (const char* word : {"false", "no", "off", "FALSE"}) {
    EXPECT_EQ(parse_bool(word), false) << word;
  }
  for (const char* word : {"", "1", "0", "y", "truee"}) {
    EXPECT_EQ(parse_bool(word), std::nullopt) << word;
  }
}

TEST(Duration, NeedsANumberAndAUnit) {
  EXPECT_EQ(parse_duration("500ms"), Milliseconds(500));
  EXPECT_EQ(parse_duration("10s"), seconds(10));
  EXPECT_EQ(parse_duration("65m"), minutes(65));
  EXPECT_EQ(parse_duration("1h"), hours(1));
  EXPECT_EQ(parse_duration("2d"), hours(48));
  EXPECT_EQ(parse_duration("0s"), seconds(0));
  for (const char* text :
       {"", "s", "10", "10 s", "-1s", "+1s", "1.5s", "10S", "10sec", "1h30m", "0x1s",
        "9223372036854775808ms", "18446744073709551615d", "99999999999999999999s"}) {
    EXPECT_EQ(parse_duration(text), std::nullopt) << text;
  }
}

TEST(Size, IsInBytesOrBinaryUnits) {
  EXPECT_EQ(parse_size("1000"), 1000U);
  EXPECT_EQ(parse_size("1000B"), 1000U);
  EXPECT_EQ(parse_size("64KiB"), 65536U);
  EXPECT_EQ(parse_size("10MiB"), 10485760U);
  EXPECT_EQ(parse_size("2GiB"), 2147483648U);
  EXPECT_EQ(parse_size("18446744073709551615"), std::numeric_limits<std::uint64_t>::max());
  for (const char* text : {"", "KiB", "64KB", "64k", "64 KiB", "-1", "1.5MiB",
                           "18446744073709551616", "18014398509481984KiB"}) {
    EXPECT_EQ(parse_size(text), std::nullopt) << text;
  }
}

TEST(TlsVersionText, IsANumberWithOrWithoutItsProtocol) {
  EXPECT_EQ(parse_tls_version("1.0"), TlsVersion::tls1_0);
  EXPECT_EQ(parse_tls_version("tls1.1"), TlsVersion::tls1_1);
  EXPECT_EQ(parse_tls_version("TLSv1.2"), TlsVersion::tls1_2);
  EXPECT_EQ(parse_tls_version("1.3"), TlsVersion::tls1_3);
  for (const char* text : {"", "1", "1.4", "ssl3", "tls", "tlstls1.0", "10"}) {
    EXPECT_EQ(parse_tls_version(text), std::nullopt) << text;
  }
}

TEST(EndpointText, IsANumericAddressAndAPort) {
  const std::vector<std::pair<const char*, Endpoint>> good = {
      {"0.0.0.0:443", {"0.0.0.0", 443}},
      {"127.0.0.1:0", {"127.0.0.1", 0}},
      {"[::]:443", {"::", 443}},
      {"[0:0::0]:65535", {"::", 65535}},
      {"[2001:DB8::1]:1", {"2001:db8::1", 1}},
  };
  for (const auto& [text, endpoint] : good) {
    EXPECT_EQ(parse_endpoint(text), endpoint) << text;
  }
  for (const char* text : {"",
                           ":",
                           "443",
                           ":443",
                           "0.0.0.0",
                           "0.0.0.0:",
                           "0.0.0.0:65536",
                           "0.0.0.0:-1",
                           "0.0.0.0:+1",
                           "0.0.0.0: 443",
                           "0.0.0.0:443 ",
                           "1.2.3:443",
                           "256.0.0.1:443",
                           "localhost:443",
                           "*:443",
                           "::1:443",
                           "[::1]",
                           "[::1]443",
                           "[0.0.0.0]:443",
                           "[::1%lo]:443",
                           "[]:443",
                           "[:443"}) {
    EXPECT_EQ(parse_endpoint(text), std::nullopt) << text;
  }
}

TEST(EndpointText, GoesBackToWhatWasRead) {
  for (const char* text : {"0.0.0.0:443", "[::]:443", "[2001:db8::1]:1"}) {
    EXPECT_EQ(parse_endpoint(text).value_or(Endpoint{}).text(), text);
  }
}

TEST(Network, HoldsTheAddressesThatBeginLikeIt) {
  struct Case {
    const char* network;
    const char* address;
    bool inside;
  };
  for (const auto& [network, address, inside] :
       {Case{"10.20.0.0/16", "10.20.255.255", true}, Case{"10.20.0.0/16", "10.21.0.0", false},
        Case{"10.20.0.128/25", "10.20.0.127", false}, Case{"10.20.0.128/25", "10.20.0.200", true},
        Case{"10.20.30.40/12", "10.31.0.1", true}, Case{"10.20.30.40", "10.20.30.40", true},
        Case{"10.20.30.40", "10.20.30.41", false}, Case{"0.0.0.0/0", "255.1.2.3", true},
        Case{"0.0.0.0/0", "2001:db8::1", false}, Case{"::/0", "10.0.0.1", true},
        Case{"2001:db8::/33", "2001:db8:7fff::1", true},
        Case{"2001:db8::/33", "2001:db8:8000::1", false}, Case{"::1/128", "::1", true},
        Case{"::ffff:10.0.0.0/104", "10.1.2.3", true}}) {
    const auto parsed = parse_network(network);
    const auto one = parse_network(address);
    ASSERT_TRUE(parsed && one) << network << ' ' << address;
    EXPECT_EQ(parsed->contains(one->address), inside) << network << ' ' << address;
  }
  for (const char* text : {"", "/", "10.0.0.0/", "10.0.0.0/33", "10.0.0.0/-1", "10.0.0/8", "::/129",
                           "a/8", "10.0.0.0/8/8", "10.0.0.0 /8", "[::1]", "fe80::1%lo"}) {
    EXPECT_EQ(parse_network(text), std::nullopt) << text;
  }
}

TEST(Decimal, HasDigitsAndAtMostOnePoint) {
  EXPECT_EQ(parse_decimal("1"), 1.0);
  EXPECT_EQ(parse_decimal("0.25"), 0.25);
  for (const char* text : {"", ".", "-1", "+1", "1e3", "inf", "nan", "1.2.3", " 1", "0x1"}) {
    EXPECT_EQ(parse_decimal(text), std::nullopt) << text;
  }
}

TEST(TlsNumber, IsHexadecimalOrDecimal) {
  EXPECT_EQ(parse_tls_number("0x002f"), 47U);
  EXPECT_EQ(parse_tls_number("0XC02F"), 0xc02fU);
  EXPECT_EQ(parse_tls_number("65535"), 65535U);
  EXPECT_EQ(parse_tls_number("0"), 0U);
  for (const char* text : {"", "0x", "0x-1", "-1", "65536", "0x10000", "002f", "0x2g", "c02f"}) {
    EXPECT_EQ(parse_tls_number(text), std::nullopt) << text;
  }
}

TEST(Host, IsADnsNameOrAnIpv4Address) {
  for (const char* text :
       {"a", "mail.contoso.com", "10.0.0.1", "my_host", "x-1", "3com.com", "1.a"}) {
    EXPECT_TRUE(is_host(text)) << text;
  }
  const std::string long_label(64, 'a');
  std::string long_name = "a";
  while (long_name.size() < 254) {
    long_name += ".a";
  }
  for (const std::string& text : std::vector<std::string>{
           "", ".", "a.", ".a", "a..b", "a b", "a/b", "*.contoso.com", "::1", "10.0.0",
           "10.0.0.256", "443", "m\xC3\xBCller.de", long_label, long_name}) {
    EXPECT_FALSE(is_host(text)) << text;
  }
}

}  // namespace
}  // namespace chainmend::config
