#include "proxy/upstream/waiting_line.h"

#include <gmock/gmock.h>

#include <boost/asio/co_spawn.hpp>
#include <thread>

#include "tests/proxy/net/wire.h"

namespace chainmend::upstream {
namespace {

using net::testing::turn_of;
using net::testing::turn_until;
using std::chrono::milliseconds;
using std::chrono::seconds;
using ::testing::ElementsAre;

net::Task<void> stand(WaitingLine& line, net::Loop& loop, int who, milliseconds patience,
                      std::vector<int>& called) {
  WaitingLine::Place place(line, loop, 3, false);
  if (!place.given()) {
    called.push_back(-who);
    co_return;
  }
  co_await place.wait(net::Clock::now() + patience);
  called.push_back(place.leave() ? who : 100 + who);
}

struct WaitingLineTest : ::testing::Test {
  void come(int who, milliseconds patience = seconds(30)) {
    boost::asio::co_spawn(loop.io, stand(line, loop, who, patience, called),
                          [](const std::exception_ptr&) {});
    net::testing::turn(loop);
  }
  void until(std::size_t count) {
    EXPECT_TRUE(turn_until(turn_of(loop), [&] { return called.size() == count; }));
  }
  ~WaitingLineTest() override { loop.io.stop(); }

  WaitingLine line;
  net::Loop loop;
  std::vector<int> called;
};

TEST_F(WaitingLineTest, CallsWhoCameFirst) {
  come(1);
  come(2);
  EXPECT_EQ(line.size(), 2U);
  line.call_next();
  until(1);
  line.call_next();
  until(2);
  EXPECT_THAT(called, ElementsAre(1, 2));
  EXPECT_EQ(line.size(), 0U);
}

TEST_F(WaitingLineTest, HasABound) {
  for (const int who : {1, 2, 3, 4}) {
    come(who);
  }
  EXPECT_THAT(called, ElementsAre(-4));
  line.call_all();
  until(4);
  EXPECT_THAT(called, ElementsAre(-4, 1, 2, 3));
}

TEST_F(WaitingLineTest, NobodyWaitsForEver) {
  come(1, milliseconds(20));
  come(2);
  until(1);
  EXPECT_THAT(called, ElementsAre(101));
  EXPECT_EQ(line.size(), 1U);
}

TEST_F(WaitingLineTest, WhoGivesUpLeavesItsPlaceToTheNext) {
  WaitingLine::Place first(line, loop, 3, false);
  bool over = false;
  const auto wait = [&]() -> net::Task<void> {
    co_await first.wait(net::Clock::now() + seconds(30));
    over = true;
  };
  boost::asio::co_spawn(loop.io, wait(), [](const std::exception_ptr&) {});
  come(2);
  first.give_up();
  EXPECT_TRUE(turn_until(turn_of(loop), [&] { return over; }));
  EXPECT_FALSE(first.leave());
  line.call_next();
  until(1);
  EXPECT_THAT(called, ElementsAre(2));
}

TEST_F(WaitingLineTest, WhoIsCalledAgainGoesToTheFront) {
  WaitingLine::Place first(line, loop, 3, false);
  WaitingLine::Place again(line, loop, 1, true);
  EXPECT_TRUE(again.given());
  line.call_next();
  EXPECT_TRUE(again.leave());
  EXPECT_FALSE(first.leave());
}

TEST_F(WaitingLineTest, ACallThatNobodyTakesGoesToTheNext) {
  auto first = std::make_unique<WaitingLine::Place>(line, loop, 3, false);
  WaitingLine::Place second(line, loop, 3, false);
  line.call_next();
  first.reset();
  EXPECT_TRUE(second.leave());
}

TEST_F(WaitingLineTest, IsCalledFromOtherThreads) {
  for (const int who : {1, 2, 3}) {
    come(who);
  }
  std::jthread caller([&] {
    for (int i = 0; i < 3; ++i) {
      line.call_next();
    }
  });
  until(3);
  EXPECT_THAT(called, ElementsAre(1, 2, 3));
}

}  // namespace
}  // namespace chainmend::upstream
