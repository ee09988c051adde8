#include "proxy/diagnose/measure/change.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace chainmend::diagnose {
namespace {

MeasuredRate rate(std::string target, std::string client, std::uint64_t good, std::uint64_t all) {
  return {std::move(target), std::move(client), "", {good, all}};
}

Direction direction(const Rate& before, const Rate& after) {
  return changes({{"a", "phone", "", before}}, {{"a", "phone", "", after}}).at(0).direction;
}

TEST(Changes, TellWhatIsBeyondChance) {
  EXPECT_EQ(direction({0, 20}, {20, 20}), Direction::better);
  EXPECT_EQ(direction({20, 20}, {0, 20}), Direction::worse);
  EXPECT_EQ(direction({20, 20}, {15, 20}), Direction::worse);
  EXPECT_EQ(direction({20, 20}, {19, 20}), Direction::perhaps_worse);
  EXPECT_EQ(direction({19, 20}, {20, 20}), Direction::perhaps_better);
  EXPECT_EQ(direction({5, 20}, {10, 40}), Direction::same);
  EXPECT_EQ(direction({5, 20}, {0, 0}), Direction::only_before);
  EXPECT_EQ(direction({0, 0}, {5, 20}), Direction::only_after);
}

TEST(Changes, OfOneTargetEachGoByClient) {
  const auto all = changes({rate("vip:443", "phone", 0, 5), rate("vip:443", "ios", 5, 5)},
                           {rate("front:443", "ios", 5, 5), rate("front:443", "java", 5, 5)});
  ASSERT_EQ(all.size(), 3U);
  EXPECT_EQ(all[0].direction, Direction::only_before);
  EXPECT_EQ(all[1].direction, Direction::same);
  EXPECT_EQ(all[1].after.target, "front:443");
  EXPECT_EQ(all[2].known().client, "java");
}

TEST(Changes, OfSeveralTargetsGoByTarget) {
  const auto all = changes({rate("a", "phone", 0, 5), rate("b", "phone", 5, 5)},
                           {rate("a", "phone", 5, 5), rate("b", "phone", 0, 5)});
  ASSERT_EQ(all.size(), 2U);
  EXPECT_EQ(all[0].direction, Direction::better);
  EXPECT_EQ(all[1].direction, Direction::worse);
}

}  // namespace
}  // namespace chainmend::diagnose
