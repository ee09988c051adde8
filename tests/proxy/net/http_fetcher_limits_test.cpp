// What an HttpFetcher puts up with: time, size, and being stopped. Limits are short so that tests
// are; none asserts how long something took, except that it ended while the server was still at it.
#include <gtest/gtest.h>

#include <chrono>
#include <future>
#include <thread>

#include "proxy/net/http_fetcher.h"
#include "tests/proxy/net/loopback_server.h"

namespace chainmend::net {
namespace {

using namespace std::chrono_literals;
using boost::asio::ip::address;
using certs::Bytes;
using certs::ErrorCode;
using certs::FetchLimits;
using certs::Result;

constexpr std::size_t kLimit = std::size_t{64} * 1024;

FetchLimits limits_of(std::chrono::milliseconds total) {
  FetchLimits limits;
  limits.total = total;
  limits.allow_private_addresses = true;
  return limits;
}

// How the three framings of HTTP put a body on the wire.
std::string with_length(const std::string& body) { return answer("200 OK", body); }
std::string until_close(const std::string& body) { return "HTTP/1.1 200 OK\r\n\r\n" + body; }
std::string chunked(const std::string& body) {
  std::string wire = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n";
  for (std::size_t at = 0; at < body.size(); at += 16) {
    const std::string piece = body.substr(at, 16);
    wire += (piece.size() == 16 ? "10" : std::to_string(piece.size())) + "\r\n" + piece + "\r\n";
  }
  return wire + "0\r\n\r\n";
}

TEST(HttpFetcherLimits, TakesABodyAtTheLimitAndRefusesOneByteMore) {
  for (const auto framing : {&with_length, &until_close, &chunked}) {
    LoopbackServer server([framing](Peer& peer) {
      peer.send(framing(std::string(kLimit + (peer.target() == "/more" ? 1 : 0), 'x')));
    });
    const auto fits = HttpFetcher().fetch(server.url("/fits"), limits_of(10s));
    ASSERT_TRUE(fits) << fits.error().describe();
    EXPECT_EQ(fits->size(), kLimit);
    const auto more = HttpFetcher().fetch(server.url("/more"), limits_of(10s));
    ASSERT_FALSE(more);
    EXPECT_EQ(more.error().code, ErrorCode::too_big);
  }
}

TEST(HttpFetcherLimits, LeavesAnEndlessBody) {
  LoopbackServer server([](Peer& peer) {
    peer.send("HTTP/1.1 200 OK\r\n\r\n");
    while (peer.send(std::string(4096, 'x'))) {
    }
  });
  const auto body = HttpFetcher().fetch(server.url(), limits_of(10s));
  ASSERT_FALSE(body);
  EXPECT_EQ(body.error().code, ErrorCode::too_big);
}

TEST(HttpFetcherLimits, RefusesABodyThatEndsEarly) {
  LoopbackServer server(
      [](Peer& peer) { peer.send("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhell"); });
  const auto body = HttpFetcher().fetch(server.url(), limits_of(10s));
  ASSERT_FALSE(body);
  EXPECT_EQ(body.error().code, ErrorCode::network);
  EXPECT_EQ(body.error().text, "the answer ended early");
}

TEST(HttpFetcherLimits, TimesOutWhenNoAnswerComes) {
  LoopbackServer server([](Peer& peer) { peer.wait_until_gone(); });
  const auto body = HttpFetcher().fetch(server.url(), limits_of(100ms));
  ASSERT_FALSE(body);
  EXPECT_EQ(body.error().code, ErrorCode::timeout);
}

TEST(HttpFetcherLimits, TimesOutOnTheWholeAnswerWhenBytesKeepDripping) {
  LoopbackServer server([](Peer& peer) {
    peer.send("HTTP/1.1 200 OK\r\nContent-Length: 60000\r\n\r\n");
    while (peer.send("x")) {
      std::this_thread::sleep_for(5ms);
    }
  });
  const auto body = HttpFetcher().fetch(server.url(), limits_of(300ms));
  ASSERT_FALSE(body);
  EXPECT_EQ(body.error().code, ErrorCode::timeout);
}

TEST(HttpFetcherLimits, TimesOutOnTheSumOfAllRedirects) {
  LoopbackServer server([](Peer& peer) {
    std::this_thread::sleep_for(150ms);
    peer.send(redirect_to("/again"));
  });
  const auto body = HttpFetcher().fetch(server.url(), limits_of(250ms));
  ASSERT_FALSE(body);
  EXPECT_EQ(body.error().code, ErrorCode::timeout) << body.error().describe();
}

TEST(HttpFetcherLimits, TimesOutWhenNameResolutionHangs) {
  HttpFetcher::Options options;
  options.lookup = [](const std::string&, TimePoint until, const std::stop_token&) {
    std::this_thread::sleep_until(until);
    return Result<std::vector<address>>(certs::fail(ErrorCode::timeout, "no answer in time"));
  };
  const auto body = HttpFetcher(options).fetch("http://ca.example/", limits_of(50ms));
  ASSERT_FALSE(body);
  EXPECT_EQ(body.error().code, ErrorCode::timeout);
}

TEST(HttpFetcherLimits, EndsAtOnceWhenStopped) {
  std::promise<void> asked;
  LoopbackServer server([&asked](Peer& peer) {
    asked.set_value();
    peer.wait_until_gone();
  });
  HttpFetcher fetcher;
  auto fetching =
      std::async(std::launch::async, [&] { return fetcher.fetch(server.url(), limits_of(1h)); });
  asked.get_future().wait();
  fetcher.stop();
  const Result<Bytes> body = fetching.get();  // would hang for an hour
  ASSERT_FALSE(body);
  EXPECT_EQ(body.error().code, ErrorCode::network);
  // The server may have read the request before this side knows that it is sent.
  EXPECT_TRUE(body.error().text == "waiting for the answer was stopped" ||
              body.error().text == "sending was stopped")
      << body.error().text;
  EXPECT_FALSE(fetcher.fetch(server.url(), limits_of(1h))) << "stopped is for good";
  EXPECT_EQ(server.connections(), 1U);
}

TEST(HttpFetcherLimits, ServesManyThreadsAtOnce) {
  LoopbackServer server([](Peer& peer) { peer.send(answer("200 OK", peer.target())); });
  HttpFetcher fetcher;
  std::vector<std::future<Result<Bytes>>> fetches;
  fetches.reserve(8);
  for (int i = 0; i < 8; ++i) {
    fetches.push_back(std::async(std::launch::async, [&, i] {
      return fetcher.fetch(server.url("/" + std::to_string(i)), limits_of(10s));
    }));
  }
  for (int i = 0; i < 8; ++i) {
    const Result<Bytes> body = fetches[static_cast<std::size_t>(i)].get();
    ASSERT_TRUE(body) << body.error().describe();
    EXPECT_EQ(std::string(body->begin(), body->end()), "/" + std::to_string(i));
  }
}

}  // namespace
}  // namespace chainmend::net
