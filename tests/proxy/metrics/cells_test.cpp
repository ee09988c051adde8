#include "proxy/metrics/cells.h"

#include <gtest/gtest.h>

#include <thread>
#include <vector>

namespace chainmend::metrics {
namespace {

using namespace std::chrono_literals;

TEST(Held, RaisesItsGaugeForItsLifetime) {
  Gauge gauge;
  {
    const Held one(gauge);
    const Held two(gauge);
    EXPECT_EQ(gauge.value(), 2);
  }
  EXPECT_EQ(gauge.value(), 0);
}

TEST(Held, CountsOnceWhenMoved) {
  Gauge gauge;
  {
    Held one(gauge);
    const Held two(std::move(one));
    EXPECT_EQ(gauge.value(), 1);
  }
  EXPECT_EQ(gauge.value(), 0);
}

TEST(Held, MovesFromOneGaugeToAnotherOnAssignment) {
  Gauge idle;
  Gauge active;
  Held held(idle);
  held = Held(active);
  EXPECT_EQ(idle.value(), 0);
  EXPECT_EQ(active.value(), 1);
  held = Held();
  EXPECT_EQ(active.value(), 0);
}

TEST(Histogram, PutsADurationInTheFirstBucketThatHoldsIt) {
  static constexpr std::array<std::chrono::nanoseconds, 2> kBounds{10ms, 1s};
  struct Case {
    std::chrono::nanoseconds took;
    std::size_t bucket;
  };
  for (const Case& c :
       {Case{0ns, 0}, Case{10ms, 0}, Case{10ms + 1ns, 1}, Case{1s, 1}, Case{2s, 2}}) {
    Histogram histogram(kBounds);
    histogram.observe(c.took);
    for (std::size_t i = 0; i < 3; ++i) {
      EXPECT_EQ(histogram.bucket(i), i == c.bucket ? 1U : 0U) << c.took.count() << " in " << i;
    }
    EXPECT_EQ(histogram.sum(), c.took);
  }
}

TEST(Counter, LosesNothingWhenThreadsAdd) {
  Counter counter;
  std::vector<std::thread> threads;
  threads.reserve(4);
  for (int t = 0; t < 4; ++t) {
    threads.emplace_back([&counter] {
      for (int i = 0; i < 1000; ++i) {
        counter.add();
      }
    });
  }
  for (auto& thread : threads) {
    thread.join();
  }
  EXPECT_EQ(counter.value(), 4000U);
}

}  // namespace
}  // namespace chainmend::metrics
