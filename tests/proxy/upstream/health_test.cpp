#include "proxy/upstream/health.h"

#include <gtest/gtest.h>

namespace chainmend::upstream {
namespace {

using Turn = HealthTrack::Turn;
using std::chrono::milliseconds;
using std::chrono::seconds;

struct HealthTest : ::testing::Test {
  config::Health terms{.interval = seconds(10), .rise = 2, .fall = 3, .jitter = 10};
  HealthTrack::TimePoint now{seconds(1000)};
  HealthTrack track{terms, now};
};

TEST_F(HealthTest, IsTakenForWellUntilTheFirstCheckWhichDecidesAlone) {
  EXPECT_TRUE(track.well());
  EXPECT_FALSE(track.known());
  EXPECT_EQ(track.ended(false), Turn::down);
  EXPECT_TRUE(track.known());
  EXPECT_FALSE(track.well());
}

TEST_F(HealthTest, FallsAfterThatManyBadOnesInARow) {
  EXPECT_EQ(track.ended(true), Turn::none);
  EXPECT_EQ(track.ended(false), Turn::none);
  EXPECT_EQ(track.ended(false), Turn::none);
  EXPECT_EQ(track.ended(true), Turn::none);
  EXPECT_EQ(track.ended(false), Turn::none);
  EXPECT_EQ(track.ended(false), Turn::none);
  EXPECT_TRUE(track.well());
  EXPECT_EQ(track.ended(false), Turn::down);
  EXPECT_FALSE(track.well());
}

TEST_F(HealthTest, RisesAfterThatManyGoodOnesInARow) {
  track.ended(false);
  EXPECT_EQ(track.ended(true), Turn::none);
  EXPECT_EQ(track.ended(false), Turn::none);
  EXPECT_EQ(track.ended(true), Turn::none);
  EXPECT_EQ(track.ended(true), Turn::up);
  EXPECT_TRUE(track.well());
  EXPECT_EQ(track.ended(true), Turn::none);
}

TEST_F(HealthTest, ChecksAtOnceAndThenAtItsIntervalMoreOrLess) {
  EXPECT_EQ(track.due(), now);
  track.begins(now, 0);
  EXPECT_EQ(track.due(), now + seconds(9));
  const auto span = std::chrono::duration_cast<net::Clock::duration>(seconds(2));
  track.begins(now, static_cast<std::uint64_t>(span.count()));
  EXPECT_EQ(track.due(), now + seconds(11));
  for (std::uint64_t random = 1; random < 1'000'000'000'000; random *= 7) {
    track.begins(now, random);
    EXPECT_GE(track.due(), now + seconds(9));
    EXPECT_LE(track.due(), now + seconds(11));
  }
}

TEST_F(HealthTest, ChecksExactlyAtItsIntervalWithoutJitter) {
  terms.jitter = 0;
  track.begins(now, 12345);
  EXPECT_EQ(track.due(), now + seconds(10));
}

TEST_F(HealthTest, GoesOnFromTheOneBefore) {
  track.begins(now, 0);
  track.ended(true);
  track.ended(false);
  track.ended(false);
  HealthTrack next(terms, now);
  next.take_over(track);
  EXPECT_EQ(next.due(), track.due());
  EXPECT_EQ(next.ended(false), Turn::down);
}

}  // namespace
}  // namespace chainmend::upstream
