#include "proxy/session/source_table.h"

#include <gtest/gtest.h>

#include <thread>
#include <vector>

#include "config/values.h"

namespace chainmend::session {
namespace {

using Answer = SourceTable::Answer;
using Held = SourceTable::Held;
using std::chrono::milliseconds;
using std::chrono::seconds;

config::Address address(std::string_view text) { return config::parse_network(text)->address; }

const net::Clock::time_point kNow = net::Clock::now();

TEST(SourceTable, CountsTheClientsOfANetworkTogether) {
  SourceTable table;
  const SourceTable::Rules rules{.open = 2};
  Held a, b, c, d, e;
  EXPECT_EQ(table.take(address("10.1.2.3"), rules, kNow, a), Answer::taken);
  EXPECT_EQ(table.take(address("10.1.2.200"), rules, kNow, b), Answer::taken);
  EXPECT_EQ(table.take(address("10.1.2.4"), rules, kNow, c), Answer::too_many_open);
  EXPECT_EQ(table.take(address("10.1.3.3"), rules, kNow, d), Answer::taken);
  EXPECT_TRUE(a.same_source(c));
  EXPECT_FALSE(a.same_source(d));
  EXPECT_FALSE(e.same_source(e));
}

TEST(SourceTable, CountsIpv6ByItsFirstHalf) {
  SourceTable table;
  const SourceTable::Rules rules{.open = 1};
  Held a, b, c;
  EXPECT_EQ(table.take(address("2001:db8::1"), rules, kNow, a), Answer::taken);
  EXPECT_EQ(table.take(address("2001:db8:0:0:ffff::2"), rules, kNow, b), Answer::too_many_open);
  EXPECT_EQ(table.take(address("2001:db8:0:1::1"), rules, kNow, c), Answer::taken);
  EXPECT_EQ(SourceTable::source_of(address("2001:db8:0:1::1"), rules).text(),
            "2001:db8:0:1:0:0:0:0/64");
  EXPECT_EQ(SourceTable::source_of(address("10.1.2.3"), rules).text(), "10.1.2.0/24");
}

TEST(SourceTable, ForgetsASourceWithItsLastConnection) {
  SourceTable table;
  const SourceTable::Rules rules{.open = 1};
  {
    Held first;
    EXPECT_EQ(table.take(address("10.1.2.3"), rules, kNow, first), Answer::taken);
    Held moved = std::move(first);
    EXPECT_EQ(table.size(), 1U);
    Held refused;
    EXPECT_EQ(table.take(address("10.1.2.3"), rules, kNow, refused), Answer::too_many_open);
  }
  EXPECT_EQ(table.size(), 0U);
  Held again;
  EXPECT_EQ(table.take(address("10.1.2.3"), rules, kNow, again), Answer::taken);
}

TEST(SourceTable, HoldsASourceToItsRate) {
  SourceTable table;
  const SourceTable::Rules rules{.per_second = 2, .burst = 3};
  const auto take = [&](net::Clock::time_point now) {
    Held held;
    return table.take(address("10.1.2.3"), rules, now, held);
  };
  for (int i = 0; i < 3; ++i) {
    EXPECT_EQ(take(kNow), Answer::taken) << i;
  }
  EXPECT_EQ(take(kNow), Answer::too_fast);
  EXPECT_EQ(take(kNow + milliseconds(400)), Answer::too_fast);
  EXPECT_EQ(take(kNow + milliseconds(500)), Answer::taken);
  EXPECT_EQ(take(kNow + milliseconds(600)), Answer::too_fast);
  for (int i = 0; i < 3; ++i) {  // it has been quiet for long, and gets no more than a burst
    EXPECT_EQ(take(kNow + seconds(100)), Answer::taken) << i;
  }
  EXPECT_EQ(take(kNow + seconds(100)), Answer::too_fast);
}

// An attacker has as many addresses as it likes.
TEST(SourceTable, StaysSmallWhateverComes) {
  SourceTable table;
  const SourceTable::Rules rules{.open = 10, .per_second = 1, .burst = 1};
  config::Address source = address("2001:db8::1");
  for (unsigned i = 0; i < 300'000; ++i) {
    source[4] = static_cast<std::uint8_t>(i);
    source[5] = static_cast<std::uint8_t>(i >> 8U);
    source[6] = static_cast<std::uint8_t>(i >> 16U);
    Held held;
    EXPECT_EQ(table.take(source, rules, kNow, held), Answer::taken);
  }
  EXPECT_LE(table.size(), 16U * 4096U);
}

TEST(SourceTable, CountsRightlyWhenAskedByManyThreads) {
  SourceTable table;
  const SourceTable::Rules rules{.open = 1000};
  std::vector<std::thread> threads;
  for (int t = 0; t < 4; ++t) {
    threads.emplace_back([&table, &rules] {
      for (int i = 0; i < 2000; ++i) {
        Held one, two;
        EXPECT_EQ(table.take(address("10.1.2.3"), rules, kNow, one), Answer::taken);
        EXPECT_EQ(table.take(address("10.1.9.3"), rules, kNow, two), Answer::taken);
      }
    });
  }
  for (std::thread& thread : threads) {
    thread.join();
  }
  EXPECT_EQ(table.size(), 0U);
}

}  // namespace
}  // namespace chainmend::session
