#include "proxy/net/deadline.h"

#include <gtest/gtest.h>

#include "tests/proxy/net/wire.h"

namespace chainmend::net {
namespace {

using std::chrono::hours;
using std::chrono::milliseconds;
using testing::turn_of;
using testing::turn_until;

void count(void* n) { ++*static_cast<int*>(n); }

TEST(Deadline, PassesOncePerSettingAndNeverEarly) {
  Loop loop;
  int passed = 0;
  Deadline deadline(loop.deadlines, count, &passed);
  const auto begun = Clock::now();
  deadline.expires_after(milliseconds(150));
  EXPECT_TRUE(turn_until(turn_of(loop), [&] { return passed != 0; }));
  EXPECT_GE(Clock::now() - begun, milliseconds(150));
  EXPECT_TRUE(deadline.expired());
  int other = 0;
  Deadline later(loop.deadlines, count, &other);
  later.expires_after(milliseconds(250));
  EXPECT_TRUE(turn_until(turn_of(loop), [&] { return other != 0; }));
  EXPECT_EQ(passed, 1);
  deadline.expires_after(milliseconds(1));
  EXPECT_FALSE(deadline.expired());  // the earlier expiry is forgotten
  EXPECT_TRUE(turn_until(turn_of(loop), [&] { return passed == 2; }));
}

TEST(Deadline, DoesNotPassWhenPushedClearedOrGone) {
  Loop loop;
  int passed = 0;
  int other = 0;
  Deadline pushed(loop.deadlines, count, &passed);
  Deadline cleared(loop.deadlines, count, &passed);
  auto gone = std::make_unique<Deadline>(loop.deadlines, count, &passed);
  Deadline last(loop.deadlines, count, &other);
  for (Deadline* d : {&pushed, &cleared, gone.get()}) {
    d->expires_after(milliseconds(50));
  }
  last.expires_after(milliseconds(350));
  pushed.expires_after(hours(1));
  cleared.clear();
  gone.reset();  // from the middle of the set
  EXPECT_TRUE(turn_until(turn_of(loop), [&] { return other == 1; }));
  EXPECT_EQ(passed, 0);
}

TEST(DeadlineSet, LetsTheLoopEndWhenThereIsNothingToWatch) {
  Loop loop;
  int passed = 0;
  {
    Deadline deadline(loop.deadlines, count, &passed);
    deadline.expires_after(milliseconds(50));
    EXPECT_TRUE(turn_until(turn_of(loop), [&] { return passed != 0; }));
  }
  loop.io.restart();
  loop.io.run_for(std::chrono::seconds(10));
  EXPECT_TRUE(loop.io.stopped());  // out of work, not out of time
}

}  // namespace
}  // namespace chainmend::net
