#include "proxy/server/memory_return.h"

#include <gtest/gtest.h>

namespace chainmend::server {
namespace {

TEST(Ebb, ComesOnceWhenLessThanHalfIsLeft) {
  Ebb ebb;
  for (const std::int64_t rising : {0, 100, 5000, 10'000, 6000}) {
    EXPECT_FALSE(ebb.has_come(rising)) << rising;
  }
  EXPECT_TRUE(ebb.has_come(4000));
  EXPECT_FALSE(ebb.has_come(4000));
  EXPECT_FALSE(ebb.has_come(2500));
  EXPECT_TRUE(ebb.has_come(0));
  EXPECT_FALSE(ebb.has_come(0));
}

TEST(Ebb, IsAfterTheNextFloodToo) {
  Ebb ebb;
  EXPECT_FALSE(ebb.has_come(1000));
  EXPECT_TRUE(ebb.has_come(0));
  EXPECT_FALSE(ebb.has_come(200));
  EXPECT_TRUE(ebb.has_come(10));
}

TEST(Ebb, DoesNotComeForAFew) {
  Ebb ebb;
  EXPECT_FALSE(ebb.has_come(Ebb::kFew - 1));
  EXPECT_FALSE(ebb.has_come(0));
  EXPECT_FALSE(ebb.has_come(Ebb::kFew));
  EXPECT_TRUE(ebb.has_come(0));
}

}  // namespace
}  // namespace chainmend::server
