// Pace, with the minutes passing by the deadlines' clock, and the kernel's count of real bytes.
#include "proxy/net/pace.h"

#include <gtest/gtest.h>

#include "tests/proxy/net/wire.h"

namespace chainmend::net::testing {
namespace {

struct PaceTest : ::testing::Test {
  PaceTest() {
    auto [socket, wire] = socket_and_wire(loop, 0);
    stream.emplace(std::move(socket));
    peer = std::move(wire);
  }
  // Ends the window that the wait is in.
  void pass_window() { loop.deadlines.sweep(Clock::now() + Pace::kWindow + DeadlineSet::kTick); }
  void peer_sends(std::size_t bytes) {
    peer.send(std::string(bytes, 'x'));
    turn_until(turn_of(loop), [this] { return stream->has_input(); });
  }

  Loop loop;
  std::optional<Stream> stream;
  Wire peer;
};

TEST_F(PaceTest, LetsAPeerGoOnThatSendsFastEnough) {
  Pace pace(loop.deadlines, *stream, Pace::Peer::sends, 10);
  pace.wait_begins();
  pass_window();  // of which nothing is known yet
  for (int i = 0; i < 3; ++i) {
    peer_sends(200);
    pass_window();
    EXPECT_FALSE(pace.too_slow()) << i;
  }
  pace.wait_ends();
}

TEST_F(PaceTest, EndsTheWaitForAPeerThatSendsTooSlowly) {
  Pace pace(loop.deadlines, *stream, Pace::Peer::sends, 10);
  pace.wait_begins();
  peer_sends(10'000);  // what was sent before is no excuse
  pass_window();
  EXPECT_FALSE(pace.too_slow());
  peer_sends(199);
  pass_window();
  EXPECT_TRUE(pace.too_slow());
  pace.wait_ends();
}

TEST_F(PaceTest, CountsWhatThePeerHasTakenAndNotWhatWaitsForIt) {
  auto [socket, slow] = socket_and_wire(loop, 4096);
  Stream to(std::move(socket));
  Pace pace(loop.deadlines, to, Pace::Peer::takes, 100'000);
  pace.wait_begins();
  pass_window();
  const std::string much(1'000'000, 'x');
  boost::system::error_code ignored;
  const_cast<Socket&>(to.socket()).write_some(boost::asio::buffer(much), ignored);
  pass_window();
  EXPECT_TRUE(pace.too_slow());  // the kernel took it, the peer did not
  pace.wait_ends();
}

TEST_F(PaceTest, CountsOnlyTheTimeOfWaits) {
  Pace pace(loop.deadlines, *stream, Pace::Peer::sends, 10);
  pace.wait_begins();
  pass_window();
  pace.wait_ends();
  pass_window();
  pass_window();
  EXPECT_FALSE(pace.too_slow());
}

}  // namespace
}  // namespace chainmend::net::testing
