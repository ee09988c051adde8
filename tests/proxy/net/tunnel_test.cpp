#include "proxy/net/tunnel.h"

#include <gtest/gtest.h>

#include <boost/asio/co_spawn.hpp>
#include <optional>

#include "tests/proxy/net/wire.h"

namespace chainmend::net {
namespace {

using testing::turn_of;
using testing::turn_until;
using testing::Wire;
using End = Wire::End;

// What a tap was shown; `pieces` are enough.
struct Seen {
  explicit Seen(int enough) : pieces(enough) {}
  Tap tap() {
    return {[](void* self, std::span<const std::uint8_t> part, IoError error) {
              Seen& seen = *static_cast<Seen*>(self);
              seen.bytes.append(part.begin(), part.end());
              seen.end = error;
              return --seen.pieces > 0;
            },
            this};
  }
  int pieces;
  std::string bytes;
  IoError end = IoError::none;
};

// A tunnel under way, and the wires at its two ends.
struct Tunnel {
  explicit Tunnel(Clock::duration patience = std::chrono::hours(1)) {
    auto [left, left_wire] = testing::socket_and_wire(loop);
    auto [right, right_wire] = testing::socket_and_wire(loop);
    a.emplace(std::move(left));
    b.emplace(std::move(right));
    wire_a = std::move(left_wire);
    wire_b = std::move(right_wire);
    asio::co_spawn(loop.io, tunnel(*a, *b, loop.buffers, idle, patience, up.tap(), down.tap()),
                   [this](const std::exception_ptr&, TunnelResult r) { result = r; });
  }
  bool over() {
    return turn_until(turn_of(loop), [this] { return result.has_value(); });
  }
  void cancel() {
    a->cancel();
    b->cancel();
  }

  Loop loop;
  std::optional<Stream> a, b;
  Wire wire_a, wire_b;
  Seen up{1}, down{100};
  std::optional<TunnelResult> result;
  Deadline idle{loop.deadlines, [](void* t) { static_cast<Tunnel*>(t)->cancel(); }, this};
};

TEST(Tunnel, CountsBothDirectionsAndEndsEachByItself) {
  Tunnel t;
  t.wire_b.send("greeting");
  EXPECT_EQ(t.wire_a.receive(8), "greeting");
  EXPECT_EQ(t.up.bytes, "");  // b's, not a's
  t.wire_a.send("question");
  t.wire_a.finish_writing();
  EXPECT_EQ(t.wire_b.receive_all(), "question");
  EXPECT_EQ(t.up.bytes, "question");
  t.wire_b.send("answer");
  t.wire_b.close();
  EXPECT_EQ(t.wire_a.receive_all(), "answer");
  ASSERT_TRUE(t.over());
  EXPECT_EQ(t.result->up.bytes, 8);
  EXPECT_EQ(t.result->down.bytes, 14);
  EXPECT_EQ(t.result->up.read_error, IoError::eof);
  EXPECT_EQ(t.result->down.read_error, IoError::eof);
  EXPECT_EQ(t.up.end, IoError::none);  // it had seen enough
  EXPECT_EQ(t.down.bytes, "greetinganswer");
  EXPECT_EQ(t.down.end, IoError::eof);
}

TEST(Tunnel, EndsBothDirectionsWhenOneFails) {
  Tunnel t;
  t.wire_b.reset();
  ASSERT_TRUE(t.over());
  EXPECT_EQ(t.result->down.read_error, IoError::reset);
  EXPECT_EQ(t.result->up.read_error, IoError::cancelled);
}

TEST(Tunnel, EndsWhenIdleForTooLong) {
  Tunnel t(std::chrono::milliseconds(200));
  ASSERT_TRUE(t.over());
  EXPECT_TRUE(t.idle.expired());
  EXPECT_EQ(t.result->up.read_error, IoError::cancelled);
  EXPECT_EQ(t.result->down.read_error, IoError::cancelled);
}

// The reader sets the pace: what nobody reads is not taken in either.
TEST(Tunnel, StopsReadingWhenItsReaderDoes) {
  Tunnel t;
  const std::string much(64'000'000, 'x');
  std::string_view rest = much;
  int stalled = 0;
  while (!rest.empty() && stalled < 50) {
    const int fd = t.wire_a.fd();
    const auto n = ::send(fd, rest.data(), rest.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
    stalled = n < 0 ? stalled + 1 : 0;
    rest.remove_prefix(n < 0 ? 0 : static_cast<std::size_t>(n));
    turn_of(t.loop)();
  }
  EXPECT_FALSE(rest.empty());  // all buffers of the kernel are full, and we hold one block
  EXPECT_EQ(t.wire_b.receive(much.size() - rest.size()).size(), much.size() - rest.size());
}

}  // namespace
}  // namespace chainmend::net
