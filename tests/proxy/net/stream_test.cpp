// Stream and ReadBuffer over real sockets: a Stream at one end, a Wire or another Stream at the
// other.
#include "proxy/net/stream.h"

#include <gmock/gmock.h>

#include <boost/asio/co_spawn.hpp>
#include <optional>

#include "proxy/net/read_buffer.h"
#include "tests/proxy/net/wire.h"
#include "tests/proxy/tls/fixtures.h"

namespace chainmend::net {
namespace {

using testing::turn_of;
using testing::Wire;
using End = Wire::End;

// Runs until the coroutine has its result.
template <typename T>
T run(Loop& loop, net::Task<T> coroutine) {
  std::optional<T> result;
  asio::co_spawn(loop.io, std::move(coroutine),
                 [&](const std::exception_ptr&, T value) { result = std::move(value); });
  EXPECT_TRUE(testing::turn_until(turn_of(loop), [&] { return result.has_value(); }));
  return std::move(*result);
}

// A coroutine begun now whose result is asked for later.
template <typename T>
class Begun {
 public:
  Begun(Loop& loop, net::Task<T> coroutine) : loop_(loop) {
    asio::co_spawn(loop.io, std::move(coroutine),
                   [result = result_](const std::exception_ptr&, T value) { *result = value; });
    loop.io.restart();
    loop.io.poll();
  }
  bool over() const { return result_->has_value(); }
  T result() {
    EXPECT_TRUE(testing::turn_until(turn_of(loop_), [&] { return over(); }));
    return **result_;
  }

 private:
  Loop& loop_;
  std::shared_ptr<std::optional<T>> result_ = std::make_shared<std::optional<T>>();
};

struct Ends {
  Stream stream;
  Wire wire;
};
Ends ends(Loop& loop) {
  auto [socket, wire] = testing::socket_and_wire(loop);
  return {Stream(std::move(socket)), std::move(wire)};
}

// Reads everything there is into text; why it ended.
net::Task<IoError> read_all(Stream& from, std::string& text) {
  std::array<std::uint8_t, 1000> block{};
  for (;;) {
    const IoResult read = co_await from.read_some(block);
    if (read.error != IoError::none) {
      co_return read.error;
    }
    text.append(reinterpret_cast<const char*>(block.data()), read.n);
  }
}

TEST(Stream, TellsAnEndFromAReset) {
  Loop loop;
  for (const bool reset : {false, true}) {
    auto [stream, wire] = ends(loop);
    wire.send("abc");
    std::string text;
    Begun<IoError> reading(loop, read_all(stream, text));
    EXPECT_EQ(text, "abc");
    reset ? wire.reset() : wire.close();
    EXPECT_EQ(reading.result(), reset ? IoError::reset : IoError::eof);
  }
}

TEST(Stream, WritesMoreThanTheKernelTakesAtOnce) {
  Loop loop;
  auto [stream, wire] = ends(loop);
  const std::string much(8'000'000, 'x');
  Begun<IoError> writing(loop, stream.write_all(much));
  EXPECT_FALSE(writing.over());
  EXPECT_EQ(wire.receive(much.size()), much);
  EXPECT_EQ(writing.result(), IoError::none);
}

TEST(Stream, EndsItsWaitsWhenCancelled) {
  Loop loop;
  auto [stream, wire] = ends(loop);
  const std::string much(8'000'000, 'x');
  std::string text;
  Begun<IoError> reading(loop, read_all(stream, text));
  Begun<IoError> writing(loop, stream.write_all(much));
  stream.cancel();
  EXPECT_EQ(reading.result(), IoError::cancelled);
  EXPECT_EQ(writing.result(), IoError::cancelled);
  // Both have seen it: what is read from now on is not concerned.
  wire.send("later");
  EXPECT_EQ(run(loop, stream.wait_readable()), IoError::none);
}

TEST(Stream, RemembersACancelThatNoWaitHasSeen) {
  Loop loop;
  auto [stream, wire] = ends(loop);
  stream.cancel();
  EXPECT_EQ(run(loop, stream.wait_readable()), IoError::cancelled);
  stream.cancel();
  stream.resume();
  Begun<IoError> waiting(loop, stream.wait_readable());
  EXPECT_FALSE(waiting.over());
  wire.send("x");
  EXPECT_EQ(waiting.result(), IoError::none);
}

TEST(Stream, IsQuietUntilThePeerSpeaksOrEnds) {
  Loop loop;
  auto [speaking, speaker] = ends(loop);
  EXPECT_TRUE(speaking.quiet());
  speaker.send("x");
  EXPECT_FALSE(speaking.quiet());
  auto [ended, ender] = ends(loop);
  ender.close();
  EXPECT_FALSE(ended.quiet());
  ended.close();
  EXPECT_FALSE(ended.quiet());
}

TEST(Stream, AbortsWithResetAndClosesWithout) {
  Loop loop;
  auto [closing, closed] = ends(loop);
  closing.close();
  EXPECT_EQ(closed.end(), End::fin);
  auto [aborting, aborted] = ends(loop);
  aborting.abort();
  EXPECT_EQ(aborted.end(), End::reset);
}

// Two Streams with TLS between them, hands shaken.
struct TlsPair {
  explicit TlsPair(Loop& loop) {
    const auto identity = tls::testing::make_identity({.names = {"mail.test"}});
    context = keys.context("web", tls::testing::policy("intermediate"),
                           {tls::testing::served(identity, "web")});
    auto [socket, wire] = testing::socket_and_wire(loop);
    net::Socket other(loop.io);
    other.assign(asio::ip::tcp::v4(), wire.release());
    server.emplace(Stream::accepted(std::move(socket), context));
    client.emplace(Stream::secured(
        Stream(std::move(other)),
        *tls::ClientContext::create({.policy = tls::testing::policy("intermediate")}),
        "mail.test"));
    Begun<IoError> accepting(loop, server->handshake());
    EXPECT_EQ(run(loop, client->handshake()), IoError::none);
    EXPECT_EQ(accepting.result(), IoError::none);
  }
  tls::testing::Server keys;
  tls::ServerContextPtr context;
  std::optional<Stream> server, client;
};

TEST(TlsStream, CarriesMuchBothWaysAtTheSameTime) {
  Loop loop;
  TlsPair pair(loop);
  const std::string up(2'000'000, 'u');
  const std::string down(2'000'000, 'd');
  const auto send = [](Stream& to, const std::string& text) -> net::Task<IoError> {
    const IoError error = co_await to.write_all(text);
    const IoError ended = co_await to.finish_writing();
    co_return error != IoError::none ? error : ended;
  };
  std::string at_server;
  std::string at_client;
  Begun<IoError> a(loop, send(*pair.client, up));
  Begun<IoError> b(loop, send(*pair.server, down));
  Begun<IoError> c(loop, read_all(*pair.server, at_server));
  Begun<IoError> d(loop, read_all(*pair.client, at_client));
  EXPECT_EQ(a.result(), IoError::none);
  EXPECT_EQ(b.result(), IoError::none);
  EXPECT_EQ(c.result(), IoError::eof);
  EXPECT_EQ(d.result(), IoError::eof);
  EXPECT_EQ(at_server, up);
  EXPECT_EQ(at_client, down);
}

TEST(TlsStream, TellsACutOffFromAnEnd) {
  Loop loop;
  for (const auto end : {Stream::End::proper, Stream::End::cut_off}) {
    TlsPair pair(loop);
    EXPECT_EQ(run(loop, pair.server->finish_writing(end)), IoError::none);
    std::string text;
    EXPECT_EQ(run(loop, read_all(*pair.client, text)),
              end == Stream::End::proper ? IoError::eof : IoError::truncated);
  }
}

TEST(TlsStream, IsQuietWhenOnlyTicketsCame) {
  Loop loop;
  TlsPair pair(loop);  // TLS 1.3: the server sends its tickets behind the handshake
  EXPECT_TRUE(pair.client->quiet());
  run(loop, pair.server->write_all("unasked"));
  EXPECT_FALSE(pair.client->quiet());
}

TEST(TlsStream, HoldsNoBlockWhileItWaits) {
  Loop loop;
  TlsPair pair(loop);
  BufferPool::Block block;
  Begun<IoResult> reading(loop, pair.client->read_some(loop.buffers, block));
  EXPECT_FALSE(block);
  run(loop, pair.server->write_all("abc"));
  EXPECT_EQ(reading.result().n, 3);
  EXPECT_TRUE(block);
}

TEST(ReadBuffer, KeepsWhatIsNotConsumedAndMakesRoomBehindIt) {
  Loop loop;
  auto [stream, wire] = ends(loop);
  ReadBuffer buffer;
  const std::string much = std::string(BufferPool::kBlockSize - 1, 'a') + 'b';
  wire.send(much);
  while (!buffer.full()) {
    ASSERT_EQ(run(loop, buffer.fill(stream, loop.buffers)), IoError::none);
  }
  EXPECT_EQ(buffer.bytes(), much);
  buffer.consume(BufferPool::kBlockSize - 1);
  wire.send("cd");
  EXPECT_EQ(run(loop, buffer.fill(stream, loop.buffers)), IoError::none);
  EXPECT_EQ(buffer.bytes(), "bcd");
  wire.close();
  EXPECT_EQ(run(loop, buffer.fill(stream, loop.buffers)), IoError::eof);
  EXPECT_EQ(buffer.bytes(), "bcd");  // the end takes nothing away
  buffer.consume(3);
  EXPECT_TRUE(buffer.empty());
}

}  // namespace
}  // namespace chainmend::net
