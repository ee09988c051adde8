#include "proxy/clients/client_hello.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <memory>
#include <string>
#include <vector>

#include "tests/proxy/clients/hello_bytes.h"

namespace chainmend::clients {
namespace {

using testing::append;
using testing::Bytes;
using testing::bytes_of;
using ::testing::ElementsAre;
using testing::from_hex;
using testing::HelloBytes;
using ::testing::IsEmpty;
using testing::u16s;
using testing::with_length16;
using testing::with_length8;

// Parses a copy of exactly the bytes' size, so that the address sanitizer sees a read past the end.
FirstFlight parse(const Bytes& bytes) {
  const auto exact = std::make_unique<std::uint8_t[]>(bytes.size());
  std::ranges::copy(bytes, exact.get());
  return parse_client_hello({exact.get(), bytes.size()});
}

HelloBytes modern_hello() {
  HelloBytes hello;
  hello.version = 0x0303;
  hello.session_id = Bytes(32, 7);
  hello.suites = {0x2a2a, 0x1301, 0xc02f, 0x00ff};
  hello.extensions = {
      {0x3a3a, {}},
      {0, HelloBytes::server_name("Mail.Contoso.COM")},
      {10, with_length16(u16s({0x4a4a, 29, 23}))},
      {11, with_length8({0, 1})},
      {13, with_length16(u16s({0x0403, 0x0804}))},
      {16, with_length16({2, 'h', '2', 3, 'a', 0xff, '\\'})},
      {35, Bytes(9, 1)},
      {43, with_length8(u16s({0x5a5a, 0x0304, 0x0303}))},
      {41, {}},
  };
  return hello;
}

TEST(ClientHello, ReadsEveryFactOfAModernHello) {
  const FirstFlight flight = parse(modern_hello().records());
  ASSERT_EQ(flight.kind, FlightKind::hello);
  const ClientHello& hello = flight.hello;
  EXPECT_EQ(hello.format, HelloFormat::tls);
  EXPECT_EQ(hello.record_version, kTls10);
  EXPECT_EQ(hello.legacy_version, kTls12);
  EXPECT_THAT(hello.supported_versions, ElementsAre(0x5a5a, kTls13, kTls12));
  EXPECT_EQ(hello.max_version(), kTls13);
  EXPECT_THAT(hello.suites, ElementsAre(0x2a2a, 0x1301, 0xc02f, 0x00ff));
  EXPECT_THAT(hello.extensions, ElementsAre(0x3a3a, 0, 10, 11, 13, 16, 35, 43, 41));
  EXPECT_EQ(hello.server_name, "mail.contoso.com");
  EXPECT_THAT(hello.groups, ElementsAre(0x4a4a, 29, 23));
  EXPECT_THAT(hello.point_formats, ElementsAre(0, 1));
  EXPECT_THAT(hello.signature_algorithms, ElementsAre(0x0403, 0x0804));
  EXPECT_THAT(hello.alpn, ElementsAre("h2", "a\\xff\\x5c"));
  EXPECT_EQ(hello.session_id_size, 32U);
  EXPECT_EQ(hello.ticket_size, 9U);
  EXPECT_TRUE(hello.offers_psk);
  EXPECT_TRUE(hello.offers_suite(0xc02f));
  EXPECT_FALSE(hello.offers_suite(0x002f));
  EXPECT_TRUE(hello.has_extension(16));
  EXPECT_FALSE(hello.has_extension(17));
}

TEST(ClientHello, ReadsAPhoneThatSendsNoExtensions) {
  const FirstFlight flight = parse(HelloBytes{}.records());
  ASSERT_EQ(flight.kind, FlightKind::hello);
  EXPECT_FALSE(flight.hello.has_extensions);
  EXPECT_THAT(flight.hello.extensions, IsEmpty());
  EXPECT_EQ(flight.hello.server_name, "");
  EXPECT_EQ(flight.hello.max_version(), kTls10);
}

TEST(ClientHello, ReadsSslv2Format) {
  Bytes bytes = from_hex("802b01030100120000001000002f0700c0000035010080000004000005");
  append(bytes, Bytes(16, 9));
  const FirstFlight flight = parse(bytes);
  ASSERT_EQ(flight.kind, FlightKind::hello);
  EXPECT_EQ(flight.hello.format, HelloFormat::sslv2);
  EXPECT_EQ(flight.hello.record_version, 0);
  EXPECT_EQ(flight.hello.legacy_version, kTls10);
  EXPECT_THAT(flight.hello.suites, ElementsAre(0x002f, 0x0035, 0x0004, 0x0005));
}

TEST(ClientHello, NeedsMoreAtEveryLengthShortOfTheWhole) {
  const std::vector<Bytes> flights = {modern_hello().records(), modern_hello().records(1),
                                      HelloBytes{}.records(40), HelloBytes{}.sslv2()};
  for (const Bytes& whole : flights) {
    for (std::size_t size = 0; size < whole.size(); ++size) {
      const Bytes part(whole.begin(), whole.begin() + static_cast<std::ptrdiff_t>(size));
      ASSERT_EQ(parse(part).kind, FlightKind::need_more) << size << " of " << whole.size();
    }
    EXPECT_EQ(parse(whole).kind, FlightKind::hello);
  }
}

TEST(ClientHello, IgnoresWhatFollowsTheHello) {
  Bytes bytes = modern_hello().records();
  append(bytes, bytes_of("\x17\x03\x03 early data"));
  EXPECT_EQ(parse(bytes).kind, FlightKind::hello);
}

TEST(ClientHello, JoinsAHelloOfAnyFragmentSize) {
  const Bytes whole = modern_hello().message();
  for (std::size_t fragment = 1; fragment <= whole.size(); ++fragment) {
    const FirstFlight flight = parse(modern_hello().records(fragment));
    ASSERT_EQ(flight.kind, FlightKind::hello) << fragment;
    EXPECT_EQ(flight.hello.server_name, "mail.contoso.com");
  }
}

TEST(ClientHello, TellsOtherProtocolsApart) {
  const struct {
    Bytes bytes;
    FlightKind kind;
  } rows[] = {
      {bytes_of("GET / HTTP/1.1\r\n"), FlightKind::http_request},
      {bytes_of("POST /EWS/Exchange.asmx HTTP/1.1\r\n"), FlightKind::http_request},
      {bytes_of("RPC_IN_DATA /rpc HTTP/1.1\r\n"), FlightKind::http_request},
      {bytes_of("PRI * HTTP/2.0\r\n"), FlightKind::http_request},
      {bytes_of("GE"), FlightKind::need_more},
      {bytes_of("GEX"), FlightKind::not_tls},
      {bytes_of("EHLO mail\r\n"), FlightKind::not_tls},
      {bytes_of("SSH-2.0-OpenSSH\r\n"), FlightKind::not_tls},
      {{0, 0, 0, 0}, FlightKind::not_tls},
      {{0x16, 2, 0}, FlightKind::not_tls},
      {{0x16, 3, 1, 2}, FlightKind::need_more},
      {{0x17, 3, 1, 0, 1, 9}, FlightKind::not_tls},
      {{0x80}, FlightKind::need_more},
      {{0x80, 0x2e, 2}, FlightKind::not_tls},
      {{0x80, 0x2e, 1, 7, 7}, FlightKind::not_tls},
  };
  for (const auto& row : rows) {
    EXPECT_EQ(parse(row.bytes).kind, row.kind) << ::testing::PrintToString(row.bytes);
  }
}

TEST(ClientHello, CallsABrokenHelloMalformed) {
  HelloBytes base;
  const Bytes good = base.records();
  std::vector<std::pair<const char*, Bytes>> rows;
  const auto changed = [&](const char* what, std::size_t at, std::uint8_t value) {
    Bytes bytes = good;
    bytes.at(at) = value;
    rows.emplace_back(what, bytes);
  };
  changed("a ServerHello", 5, 2);
  changed("message version 2.x", 9, 2);
  changed("session id longer than 32", 43, 33);
  changed("odd suites", 45, 3);
  rows.emplace_back("record without content", from_hex("1603010000"));
  rows.emplace_back("record over 16 KiB", from_hex("1603014001010000"));
  {
    HelloBytes none;
    none.suites = {};
    rows.emplace_back("no suites", none.records());
  }
  {
    Bytes bytes = HelloBytes{}.records(20);
    bytes.at(25) = 21;  // type of the second record
    rows.emplace_back("another record type in between", bytes);
  }
  {
    HelloBytes hello;
    hello.extensions = {{0x1234, Bytes(5, 0)}};
    Bytes bytes = hello.records();
    bytes.at(bytes.size() - 6) = 6;  // length of the extension
    rows.emplace_back("extension longer than its block", bytes);
  }
  rows.emplace_back("SSLv2 lengths that do not add up", from_hex("800c0103010003000000100000"
                                                                 "2f"));
  rows.emplace_back("SSLv2 with no suites", [] {
    HelloBytes none;
    none.suites = {};
    return none.sslv2();
  }());
  for (const auto& [what, bytes] : rows) {
    EXPECT_EQ(parse(bytes).kind, FlightKind::malformed) << what;
  }
}

TEST(ClientHello, KeepsAnExtensionWhoseBodyIsBroken) {
  HelloBytes hello;
  hello.extensions = {
      {0, {0, 99, 0, 0, 1, 'x'}}, {10, {0, 99, 1}}, {43, {5, 3}}, {16, {0, 2, 200, 'x'}}};
  const FirstFlight flight = parse(hello.records());
  ASSERT_EQ(flight.kind, FlightKind::hello);
  EXPECT_THAT(flight.hello.extensions, ElementsAre(0, 10, 43, 16));
  EXPECT_EQ(flight.hello.server_name, "");
  EXPECT_THAT(flight.hello.groups, IsEmpty());
  EXPECT_THAT(flight.hello.supported_versions, IsEmpty());
  EXPECT_THAT(flight.hello.alpn, IsEmpty());
}

TEST(ClientHello, EscapesAServerNameOfHostileBytes) {
  HelloBytes hello;
  hello.extensions = {{0, HelloBytes::server_name(std::string_view("a\0\n\xffZ", 5))}};
  EXPECT_EQ(parse(hello.records()).hello.server_name, "a\\x00\\x0a\\xffz");
}

TEST(ClientHello, GivesUpPastTheBound) {
  // One that says so at once, and one that only grows: records of one byte, never whole.
  EXPECT_EQ(parse(from_hex("16030100040100fffc")).kind, FlightKind::too_long);
  Bytes bytes;
  HelloBytes big;
  big.extensions = {{21, Bytes(16000, 0)}};
  bytes = big.records(1);
  bytes.resize(kMaxFirstFlight - 1);
  EXPECT_EQ(parse(bytes).kind, FlightKind::need_more);
  bytes.push_back(22);
  EXPECT_EQ(parse(bytes).kind, FlightKind::too_long);
  bytes.resize(4 * kMaxFirstFlight);
  EXPECT_EQ(parse(bytes).kind, FlightKind::too_long);
}

TEST(ClientHello, TakesTheLargestHelloWithinTheBound) {
  HelloBytes big;
  big.extensions = {{21, Bytes(16200, 0)}};
  EXPECT_EQ(parse(big.records()).kind, FlightKind::hello);
}

TEST(ClientHello, SkipsVersionsThatDoNotExistWhenItLooksForTheBest) {
  ClientHello hello;
  hello.legacy_version = kTls12;
  hello.supported_versions = {0xfafa, 0x7f1c, kTls11};
  EXPECT_EQ(hello.max_version(), kTls11);
  hello.supported_versions = {0xfafa};
  EXPECT_EQ(hello.max_version(), kTls12);
  hello.supported_versions = {};
  hello.legacy_version = 0x0399;  // tolerated as TLS 1.2 (RFC 8446 4.2.1)
  EXPECT_EQ(hello.max_version(), kTls12);
}

TEST(VersionLabel, NamesEachVersion) {
  EXPECT_STREQ(version_label(0x0002), "ssl2hello");
  EXPECT_STREQ(version_label(0x0300), "ssl3");
  EXPECT_STREQ(version_label(0x0301), "tls1.0");
  EXPECT_STREQ(version_label(0x0304), "tls1.3");
  EXPECT_STREQ(version_label(0), "unknown");
}

}  // namespace
}  // namespace chainmend::clients
