#include "proxy/net/http_answer.h"

#include <gtest/gtest.h>

#include <string>
#include <string_view>

namespace chainmend::net {
namespace {

using certs::ErrorCode;

certs::ByteView bytes_of(std::string_view text) {
  return {reinterpret_cast<const std::uint8_t*>(text.data()), text.size()};
}

// The body as text, or the error's code in brackets. Fed in pieces of the given size, then ended.
std::string read(std::string_view wire, std::size_t piece, std::size_t limit = 16) {
  HttpAnswer answer(limit);
  const auto bracketed = [](const certs::Error& e) {
    return e.code == ErrorCode::too_big ? "[too big]" : "[" + e.text + "]";
  };
  while (!wire.empty() && !answer.done()) {
    const auto put = answer.put(bytes_of(wire.substr(0, piece)));
    if (!put) {
      return bracketed(put.error());
    }
    wire.remove_prefix(std::min(piece, wire.size()));
  }
  if (!answer.done()) {
    const auto ended = answer.end();
    if (!ended) {
      return bracketed(ended.error());
    }
  }
  const certs::Bytes body = answer.take_body();
  return {body.begin(), body.end()};
}

struct Case {
  const char* what;
  std::string wire;
  std::string expected;
};

const std::string kOk = "HTTP/1.1 200 OK\r\n";

const Case kCases[] = {
    {"length", kOk + "Content-Length: 5\r\n\r\nhello", "hello"},
    {"length, more bytes after it", kOk + "Content-Length: 5\r\n\r\nhello there", "hello"},
    {"length at the limit", kOk + "Content-Length: 16\r\n\r\n0123456789abcdef", "0123456789abcdef"},
    {"length over the limit", kOk + "Content-Length: 17\r\n\r\n", "[too big]"},
    {"huge length", kOk + "Content-Length: 18446744073709551615\r\n\r\n", "[too big]"},
    {"until close", kOk + "\r\nhello", "hello"},
    {"until close, at the limit", kOk + "\r\n0123456789abcdef", "0123456789abcdef"},
    {"until close, over the limit", kOk + "\r\n0123456789abcdefg", "[too big]"},
    {"HTTP/1.0", "HTTP/1.0 200 OK\r\n\r\nhello", "hello"},
    {"empty body", kOk + "Content-Length: 0\r\n\r\n", ""},
    {"chunked", kOk + "Transfer-Encoding: chunked\r\n\r\n3\r\nhel\r\n2\r\nlo\r\n0\r\n\r\n",
     "hello"},
    {"chunked with extension and trailer",
     kOk + "Transfer-Encoding: chunked\r\n\r\n3;a=b\r\nhel\r\n0\r\nX: y\r\n\r\n", "hel"},
    {"chunks over the limit together",
     kOk + "Transfer-Encoding: chunked\r\n\r\na\r\n0123456789\r\na\r\n0123456789\r\n0\r\n\r\n",
     "[too big]"},
    {"chunk of the size of the world",
     kOk + "Transfer-Encoding: chunked\r\n\r\nffffffffffffffff\r\n", "[too big]"},
    {"short body", kOk + "Content-Length: 5\r\n\r\nhell", "[the answer ended early]"},
    {"unfinished chunks", kOk + "Transfer-Encoding: chunked\r\n\r\n3\r\nhel\r\n",
     "[the answer ended early]"},
    {"unfinished head", "HTTP/1.1 200 OK\r\nContent-", "[the answer ended early]"},
    {"nothing", "", "[the answer ended early]"},
};

TEST(HttpAnswer, ReadsAnswersTheSameInAnyPieces) {
  for (const Case& c : kCases) {
    for (const std::size_t piece :
         {std::size_t{1}, std::size_t{2}, std::size_t{7}, c.wire.size()}) {
      EXPECT_EQ(read(c.wire, std::max<std::size_t>(piece, 1)), c.expected)
          << c.what << ", " << piece << " at a time";
    }
  }
}

TEST(HttpAnswer, RefusesWhatIsNotHttp) {
  for (const char* wire :
       {"SSH-2.0-OpenSSH_9.2\r\n", "hello\r\n\r\n", "HTTP/2.0 200 OK\r\n\r\n",
        "HTTP/1.1 2x0 OK\r\n\r\n", "HTTP/1.1 200 OK\r\nContent-Length: five\r\n\r\n",
        "HTTP/1.1 200 OK\r\nContent-Length: -1\r\n\r\n", "HTTP/1.1 200 OK\r\nno colon\r\n\r\n",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nxyz\r\n"}) {
    EXPECT_EQ(read(wire, 4096).substr(0, 30), "[the answer is not proper HTTP") << wire;
  }
}

TEST(HttpAnswer, BoundsTheHead) {
  const std::string field = "X: " + std::string(1000, 'x') + "\r\n";
  std::string wire = kOk;
  for (int i = 0; i < 20; ++i) {
    wire += field;
  }
  EXPECT_EQ(read(wire + "\r\n", 512), "[too big]");
  EXPECT_EQ(read(kOk + std::string(100'000, 'x'), 512), "[too big]");
}

TEST(HttpAnswer, BoundsChunkFraming) {
  HttpAnswer answer(1024);
  ASSERT_TRUE(answer.put(bytes_of(kOk + "Transfer-Encoding: chunked\r\n\r\n")));
  const std::string chunk = "1;" + std::string(500, 'x') + "\r\na\r\n";
  std::size_t sent = 0;
  certs::Result<void> put;
  while (put && sent < 1'000'000) {
    put = answer.put(bytes_of(chunk));
    sent += chunk.size();
  }
  ASSERT_FALSE(put);
  EXPECT_EQ(put.error().code, ErrorCode::too_big);
  EXPECT_LT(sent, 40'000U);
}

TEST(HttpAnswer, ShowsStatusAndLocationOnceTheHeadIsThere) {
  HttpAnswer answer(16);
  ASSERT_TRUE(answer.put(bytes_of("HTTP/1.1 302 Found\r\nLocation: /x")));
  EXPECT_FALSE(answer.head_done());
  ASSERT_TRUE(answer.put(bytes_of("y\r\nContent-Length: 3\r\n\r\n")));
  EXPECT_TRUE(answer.head_done());
  EXPECT_FALSE(answer.done());
  EXPECT_EQ(answer.status(), 302U);
  EXPECT_EQ(answer.location(), "/xy");
}

}  // namespace
}  // namespace chainmend::net
