#include "proxy/clients/recordable_hello.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>

#include "proxy/clients/fingerprint.h"
#include "proxy/clients/make_hello.h"

namespace chainmend::clients {
namespace {

using Bytes = std::vector<std::uint8_t>;

constexpr std::size_t kRandomAt = 5 + 4 + 2;
constexpr std::uint8_t kSecret = 0xa7;

Bytes hello_of(const ClientStack& stack) { return make_hello(stack, "mail.contoso.com"); }

// Cuts the records of a hello so that each holds at most `size` bytes.
Bytes in_records_of(const Bytes& hello, std::size_t size) {
  Bytes out;
  for (std::size_t at = 5; at < hello.size(); at += size) {
    const std::size_t n = std::min(size, hello.size() - at);
    out.insert(out.end(), {hello[0], hello[1], hello[2], static_cast<std::uint8_t>(n >> 8),
                           static_cast<std::uint8_t>(n)});
    out.insert(out.end(), hello.begin() + static_cast<std::ptrdiff_t>(at),
               hello.begin() + static_cast<std::ptrdiff_t>(at + n));
  }
  return out;
}

// Appends an extension to a hello in one record.
Bytes with_extension(Bytes hello, std::uint16_t type, const Bytes& body) {
  const auto add16 = [&hello](std::size_t at, std::size_t more) {
    const std::size_t value = static_cast<std::size_t>(hello[at] << 8 | hello[at + 1]) + more;
    hello[at] = static_cast<std::uint8_t>(value >> 8);
    hello[at + 1] = static_cast<std::uint8_t>(value);
  };
  std::size_t at = kRandomAt + 32;
  at += 1 + hello[at];
  at += 2 + static_cast<std::size_t>(hello[at] << 8 | hello[at + 1]);
  at += 1 + hello[at];
  const std::size_t more = 4 + body.size();
  add16(at, more);  // the extensions
  add16(7, more);   // the message; under 64 KiB
  add16(3, more);   // the record
  hello.insert(hello.end(), {static_cast<std::uint8_t>(type >> 8), static_cast<std::uint8_t>(type),
                             static_cast<std::uint8_t>(body.size() >> 8),
                             static_cast<std::uint8_t>(body.size())});
  hello.insert(hello.end(), body.begin(), body.end());
  return hello;
}

bool holds(const Bytes& bytes, std::uint8_t value, std::size_t times) {
  return std::ranges::search_n(bytes, static_cast<std::ptrdiff_t>(times), value).size() != 0;
}

TEST(RecordableHello, SaysTheSameOfEachClient) {
  for (const ClientStack& stack : client_stacks()) {
    const Bytes hello = hello_of(stack);
    const Bytes kept = recordable_hello(hello);
    ASSERT_EQ(kept.size(), hello.size()) << stack.name;
    const FirstFlight was = parse_client_hello(hello);
    const FirstFlight is = parse_client_hello(kept);
    ASSERT_EQ(is.kind, FlightKind::hello) << stack.name;
    EXPECT_EQ(ja3(is.hello), ja3(was.hello)) << stack.name;
    EXPECT_EQ(text_of(ja4(is.hello)), text_of(ja4(was.hello))) << stack.name;
    EXPECT_EQ(is.hello.server_name, was.hello.server_name) << stack.name;
    EXPECT_EQ(is.hello.session_id_size, was.hello.session_id_size) << stack.name;
  }
}

TEST(RecordableHello, BlanksTheRandomAlsoInSeveralRecords) {
  Bytes hello = hello_of(*find_client_stack("chromium"));
  std::fill_n(hello.begin() + kRandomAt, 32, kSecret);
  for (const std::size_t size : {1U, 7U, 20U, 4000U}) {
    const Bytes kept = recordable_hello(in_records_of(hello, size));
    EXPECT_EQ(std::ranges::count(kept, kSecret), std::ranges::count(hello, kSecret) - 32) << size;
    EXPECT_EQ(parse_client_hello(kept).kind, FlightKind::hello) << size;
  }
}

TEST(RecordableHello, LeavesOutWhatFollows) {
  const Bytes hello = hello_of(*find_client_stack("java_8"));
  Bytes flight = hello;
  flight.insert(flight.end(), {0x17, 3, 3, 0, 2, kSecret, kSecret});  // early data
  EXPECT_EQ(recordable_hello(flight).size(), hello.size());
}

TEST(RecordableHello, BlanksTicketsAndPreSharedKeys) {
  const Bytes ticket(40, kSecret);
  const Bytes psk = [] {
    Bytes identity(30, kSecret);
    Bytes body{0, 36, 0, 30};
    body.insert(body.end(), identity.begin(), identity.end());
    body.insert(body.end(), {kSecret, kSecret, kSecret, kSecret, 0, 33, 32});
    body.insert(body.end(), 32, kSecret);
    return body;
  }();
  const Bytes phone = hello_of(*find_client_stack("openssl_3"));
  const Bytes kept =
      recordable_hello(with_extension(with_extension(phone, 0x1234, ticket), 41, psk));
  EXPECT_TRUE(holds(kept, kSecret, 40)) << "an extension of no concern stays";
  const Bytes blank = recordable_hello(with_extension(phone, 41, psk));
  EXPECT_FALSE(holds(blank, kSecret, 4));
  EXPECT_TRUE(parse_client_hello(blank).hello.offers_psk);
  const Bytes java = hello_of(*find_client_stack("java_7"));
  const Bytes no_ticket = recordable_hello(with_extension(java, 35, ticket));
  EXPECT_FALSE(holds(no_ticket, kSecret, 4));
  EXPECT_EQ(parse_client_hello(no_ticket).hello.ticket_size, 40U);
}

TEST(RecordableHello, BlanksTheChallengeOfAnSslv2Hello) {
  Bytes hello{0x80, 28, 1, 3, 1, 0, 3, 0, 0, 0, 16, 0, 0, 0x2f};
  hello.insert(hello.end(), 16, kSecret);
  hello.push_back(kSecret);  // of what follows
  const Bytes kept = recordable_hello(hello);
  EXPECT_EQ(kept.size(), 30U);
  EXPECT_EQ(std::ranges::count(kept, kSecret), 0);
  EXPECT_TRUE(parse_client_hello(kept).hello.offers_suite(0x2f));
}

TEST(RecordableHello, IsNothingForWhatIsNoHello) {
  EXPECT_TRUE(recordable_hello({}).empty());
  const Bytes http{'G', 'E', 'T', ' ', '/', ' '};
  EXPECT_TRUE(recordable_hello(http).empty());
}

}  // namespace
}  // namespace chainmend::clients
