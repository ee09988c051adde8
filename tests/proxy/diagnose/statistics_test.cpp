#include "proxy/diagnose/measure/statistics.h"

#include <gtest/gtest.h>

namespace chainmend::diagnose {
namespace {

using std::chrono::microseconds;

// From E. B. Wilson's formula, computed apart from the code (R: binom::binom.wilson).
TEST(ConfidenceInterval, IsWilsons) {
  struct Case {
    Rate rate;
    double low, high;
  };
  for (const Case& c :
       {Case{{0, 20}, 0, 0.16113}, Case{{20, 20}, 0.83887, 1}, Case{{10, 20}, 0.29930, 0.70070},
        Case{{1, 1}, 0.20654, 1}, Case{{81, 263}, 0.25530, 0.36623}}) {
    const Interval sure = confidence_interval(c.rate);
    EXPECT_NEAR(sure.low, c.low, 5e-5) << c.rate.successes << "/" << c.rate.attempts;
    EXPECT_NEAR(sure.high, c.high, 5e-5) << c.rate.successes << "/" << c.rate.attempts;
  }
  EXPECT_EQ(confidence_interval({}).low, 0);
  EXPECT_EQ(confidence_interval({}).high, 1);
  EXPECT_FALSE(Rate().value());
}

// The examples of R. G. Newcombe's paper, table II, method 10; there it is before minus after.
TEST(DifferenceInterval, IsNewcombes) {
  struct Case {
    Rate more, less;
    double low, high;
  };
  for (const Case& c :
       {Case{{56, 70}, {48, 80}, 0.0524, 0.3339}, Case{{9, 10}, {3, 10}, 0.1705, 0.8090},
        Case{{10, 10}, {0, 10}, 0.6075, 1.0}}) {
    const Interval rise = difference_interval(c.less, c.more);
    EXPECT_NEAR(rise.low, c.low, 5e-5);
    EXPECT_NEAR(rise.high, c.high, 5e-5);
  }
}

TEST(Times, ArePercentilesByNearestRank) {
  Times times;
  EXPECT_FALSE(times.percentiles());
  for (int i = 100; i >= 1; --i) {
    times.add(microseconds(i));
  }
  EXPECT_EQ(times.percentiles()->p50, microseconds(50));
  EXPECT_EQ(times.percentiles()->p95, microseconds(95));
  EXPECT_EQ(times.percentiles()->p99, microseconds(99));
  Times one;
  one.add(microseconds(7));
  EXPECT_EQ(one.percentiles()->p50, microseconds(7));
  EXPECT_EQ(one.percentiles()->p99, microseconds(7));
}

TEST(Times, KeepAFairSampleOfMany) {
  Times times;
  constexpr int kMany = 10 * static_cast<int>(Times::kMost);
  for (int i = 1; i <= kMany; ++i) {
    times.add(microseconds(i));
  }
  EXPECT_EQ(times.count(), static_cast<std::uint64_t>(kMany));
  EXPECT_NEAR(static_cast<double>(times.percentiles()->p50.count()), kMany / 2.0, kMany * 0.02);
}

}  // namespace
}  // namespace chainmend::diagnose
