// The pairs of string and hash below are published ones (the JA3 and JA4 projects' own documents
// and samples, and lists that carry the string); hashes without their string prove nothing and are
// not used.
#include "proxy/clients/fingerprint.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <sstream>
#include <string>
#include <vector>

namespace chainmend::clients {
namespace {

std::vector<std::uint16_t> numbers(const std::string& text, char separator, int base) {
  std::vector<std::uint16_t> list;
  std::istringstream in(text);
  for (std::string item; std::getline(in, item, separator);) {
    list.push_back(static_cast<std::uint16_t>(std::stoi(item, nullptr, base)));
  }
  return list;
}

ClientHello hello_of_ja3(const std::string& text) {
  std::istringstream in(text);
  std::vector<std::string> fields;
  for (std::string field; std::getline(in, field, ',');) {
    fields.push_back(field);
  }
  fields.resize(5);
  ClientHello hello;
  hello.legacy_version = static_cast<std::uint16_t>(std::stoi(fields[0]));
  hello.suites = numbers(fields[1], '-', 10);
  hello.extensions = numbers(fields[2], '-', 10);
  hello.groups = numbers(fields[3], '-', 10);
  for (const std::uint16_t format : numbers(fields[4], '-', 10)) {
    hello.point_formats.push_back(static_cast<std::uint8_t>(format));
  }
  return hello;
}

TEST(Ja3, EqualsPublishedHashes) {
  const struct {
    const char* text;
    const char* hash;
  } rows[] = {
      {"769,47-53-5-10-49161-49162-49171-49172-50-56-19-4,0-10-11,23-24-25,0",
       "ada70206e40642a3e4461f35503241d5"},
      {"769,4-5-10-9-100-98-3-6-19-18-99,,,", "de350869b8c85de67a350c8d186f11e6"},
      {"769,53-10-47-5,,,", "9e41b6bf545347abccf0dc8fd76083a5"},
  };
  for (const auto& row : rows) {
    const ClientHello hello = hello_of_ja3(row.text);
    EXPECT_EQ(ja3_string(hello), row.text);
    EXPECT_EQ(ja3(hello), row.hash);
  }
}

TEST(Ja3, LeavesGreaseOut) {
  ClientHello hello = hello_of_ja3("771,4865-47,0-10,29-23,0");
  hello.suites.insert(hello.suites.begin(), 0xdada);
  hello.extensions.push_back(0x0a0a);
  hello.groups.insert(hello.groups.begin(), 0x8a8a);
  EXPECT_EQ(ja3_string(hello), "771,4865-47,0-10,29-23,0");
}

// From JA4's raw form, where SNI and ALPN are left out of the extensions.
ClientHello hello_of_ja4(const std::string& suites, const std::string& extensions,
                         const std::string& signatures) {
  ClientHello hello;
  hello.legacy_version = kTls12;
  hello.suites = numbers(suites, ',', 16);
  hello.extensions = numbers(extensions, ',', 16);
  hello.signature_algorithms = numbers(signatures, ',', 16);
  return hello;
}

TEST(Ja4, EqualsPublishedHashes) {
  const struct {
    const char* extensions;
    const char* expected;
  } rows[] = {
      {"0005,000a,000b,000d,0012,0015,0017,001b,0023,002b,002d,0033,4469,ff01",
       "t13d1516h2_8daaf6152771_e5627efa2ab1"},
      {"0005,000a,000b,000d,0012,0017,001b,0023,002b,002d,0033,4469,fe0d,ff01",
       "t13d1516h2_8daaf6152771_02713d6af862"},
      {"0005,000a,000b,000d,0012,0017,001b,0023,002b,002d,0033,44cd,fe0d,ff01",
       "t13d1516h2_8daaf6152771_d8a2da3f94cd"},
  };
  for (const auto& row : rows) {
    ClientHello hello =
        hello_of_ja4("c030,1302,002f,009d,c014,1301,0035,1303,009c,c013,c02b,c02c,c02f,cca8,cca9",
                     row.extensions, "0403,0804,0401,0503,0805,0501,0806,0601");
    hello.supported_versions = {0x1a1a, kTls13, kTls12};
    hello.extensions.insert(hello.extensions.begin(), {0x2a2a, 0, 16});
    hello.suites.insert(hello.suites.begin(), 0x9a9a);
    hello.alpn = {"h2", "http/1.1"};
    EXPECT_EQ(text_of(ja4(hello)), row.expected);
  }
}

TEST(Ja4, HasZerosForWhatAPhoneDoesNotSend) {
  ClientHello hello;
  hello.legacy_version = kTls10;
  hello.suites = {0x0035, 0x000a, 0x002f, 0x0005};
  EXPECT_EQ(text_of(ja4(hello)), "t10i040000_cd059950e4e9_000000000000");
  hello.suites = {};
  hello.legacy_version = kSsl2;
  EXPECT_EQ(text_of(ja4(hello)), "ts2i000000_000000000000_000000000000");
}

TEST(Ja4, TakesTheEndsOfTheFirstAlpnName) {
  // Examples of JA4's document: hex digits as soon as one end is not alphanumeric.
  const struct {
    const char* name;
    const char* ends;
  } rows[] = {{"h2", "h2"},           {"http/1.1", "h1"},    {"a", "aa"},
              {"\\xab", "ab"},        {"\\xab\\xcd", "ad"},  {"0\\xab", "3b"},
              {"01\\xab\\xcd", "3d"}, {"0\\xab\\xcd1", "01"}};
  for (const auto& row : rows) {
    ClientHello hello;
    hello.alpn = {row.name};
    EXPECT_EQ(text_of(ja4(hello)).substr(8, 2), row.ends) << row.name;
  }
}

TEST(Ja4, CountsNoFurtherThanNinetyNine) {
  ClientHello hello;
  hello.legacy_version = kTls12;
  hello.suites.assign(150, 0x002f);
  EXPECT_EQ(text_of(ja4(hello)).substr(4, 2), "99");
}

// Prints are remembered for a while: none may be that of another hello.
TEST(Ja4, IsThatOfTheHelloHoweverManyCameBefore) {
  std::vector<ClientHello> hellos;
  ClientHello hello;
  hello.legacy_version = kTls12;
  hello.suites = {1, 0x0a0a, 2};  // GREASE in the middle,
  hello.extensions = {3};
  hellos.push_back(hello);
  hello.suites = {1};
  hello.extensions = {2};
  hello.signature_algorithms = {3, 0x0a0a};  // and at the end
  hellos.push_back(hello);
  hello.suites = {1, 2};
  hello.extensions = {};
  hello.signature_algorithms = {3};
  hellos.push_back(hello);
  hello.legacy_version = kTls11;
  hellos.push_back(hello);
  hello.alpn = {"h2"};
  hellos.push_back(hello);
  for (std::uint16_t i = 0; i < 40; ++i) {
    hello.suites.push_back(static_cast<std::uint16_t>(100 + 7 * i));
    hellos.push_back(hello);
  }
  hello.suites.assign(130, 0x002f);  // more than is remembered
  hellos.push_back(hello);
  hello.suites.back() = 0x0035;
  hellos.push_back(hello);
  std::vector<Ja4> prints;
  for (const ClientHello& one : hellos) {
    prints.push_back(ja4(one));
    EXPECT_EQ(ja4(one), prints.back());
  }
  std::vector<Ja4> different = prints;
  std::ranges::sort(different);
  const auto twice = std::ranges::unique(different);
  EXPECT_TRUE(twice.empty());
  for (std::size_t i = 0; i < hellos.size(); ++i) {
    EXPECT_EQ(ja4(hellos[i]), prints[i]) << i;
  }
}

}  // namespace
}  // namespace chainmend::clients
