#include "proxy/upstream/source_table.h"

#include <gtest/gtest.h>

#include "proxy/upstream/balance.h"

namespace chainmend::upstream {
namespace {

using std::chrono::seconds;

constexpr seconds kTimeout{100};

TEST(SourceTable, RemembersWhereASourceWas) {
  SourceTable table(1024);
  EXPECT_EQ(table.find(mix(1), seconds(10), kTimeout), 0U);
  table.put(mix(1), 7, seconds(10));
  table.put(mix(2), 9, seconds(10));
  EXPECT_EQ(table.find(mix(1), seconds(20), kTimeout), 7U);
  EXPECT_EQ(table.find(mix(2), seconds(20), kTimeout), 9U);
  table.put(mix(1), 8, seconds(20));
  EXPECT_EQ(table.find(mix(1), seconds(20), kTimeout), 8U);
}

TEST(SourceTable, ForgetsAfterItsTimeWhichEachUseBeginsAnew) {
  SourceTable table(1024);
  table.put(mix(1), 7, seconds(0));
  EXPECT_EQ(table.find(mix(1), seconds(90), kTimeout), 7U);
  EXPECT_EQ(table.find(mix(1), seconds(180), kTimeout), 7U);
  EXPECT_EQ(table.find(mix(1), seconds(300), kTimeout), 0U);
}

TEST(SourceTable, HasABoundAndKeepsTheLatest) {
  SourceTable table(1024);
  EXPECT_EQ(table.size(), 1024U);
  for (std::uint64_t source = 0; source < 100'000; ++source) {
    table.put(mix(source), 1, seconds(source / 100));
  }
  int known = 0;
  for (std::uint64_t source = 0; source < 100'000; ++source) {
    known += table.find(mix(source), seconds(1000), seconds(10'000)) != 0 ? 1 : 0;
  }
  EXPECT_LE(known, 1024);
  int recent = 0;
  for (std::uint64_t source = 99'900; source < 100'000; ++source) {
    recent += table.find(mix(source), seconds(1000), seconds(10'000)) != 0 ? 1 : 0;
  }
  EXPECT_GE(recent, 95);
}

TEST(SourceTable, GivesServersIdsThatFit) {
  for (std::uint64_t id = 0; id < 10'000; ++id) {
    EXPECT_GE(SourceTable::short_id(mix(id)), 1U);
    EXPECT_LE(SourceTable::short_id(mix(id)), 4095U);
  }
}

}  // namespace
}  // namespace chainmend::upstream
