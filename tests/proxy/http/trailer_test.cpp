// Trailer sections of chunked bodies (RFC 9112 7.1.2, RFC 9110 6.5).
#include <array>

#include "tests/proxy/http/support.h"

namespace chainmend::http {
namespace {

const Framing kChunked = Framing::chunked();

std::string with(const std::string& trailers) { return "1\r\nx\r\n0\r\n" + trailers + "\r\n"; }

TEST(Trailers, ArePassedOnInOrder) {
  const std::string in = with("X-A:1 \r\nx-b: two\r\nX-A: 3\r\nServer-Timing: x;dur=1\r\n");
  for (std::size_t piece = 1; piece <= in.size(); ++piece) {
    EXPECT_EQ(relay(kChunked, kChunked, in, piece).out,
              with("X-A: 1\r\nx-b: two\r\nX-A: 3\r\nServer-Timing: x;dur=1\r\n"));
    EXPECT_EQ(relay(kChunked, Framing::until_close(), in, piece).out, "x");
  }
}

TEST(Trailers, CarryNothingThatBelongsIntoAHead) {  // RFC 9110 6.5.1
  for (const char* name : {"Content-Length",
                           "Transfer-Encoding",
                           "Host",
                           "Connection",
                           "Keep-Alive",
                           "TE",
                           "Upgrade",
                           "Trailer",
                           "Expect",
                           "Max-Forwards",
                           "Cache-Control",
                           "Authorization",
                           "Proxy-Authorization",
                           "WWW-Authenticate",
                           "Set-Cookie",
                           "Cookie",
                           "Content-Type",
                           "Content-Encoding",
                           "Content-Range",
                           "Date",
                           "Location",
                           "Vary",
                           "X-Forwarded-For",
                           "X-ARR-ClientCert",
                           "Client-Cert",
                           "x_forwarded_proto",
                           "Via",
                           "Range",
                           "Age"}) {
    EXPECT_EQ(relay(kChunked, kChunked, with(std::string(name) + ": 5\r\nX-Ok: 1\r\n")).out,
              with("X-Ok: 1\r\n"))
        << name;
  }
  EXPECT_EQ(relay(kChunked, kChunked, with("Content-Length: 0\r\n")).out, with(""))
      << "the end of a dropped line is not taken for the last chunk twice";
}

TEST(Trailers, DropWhatConnectionLists) {
  const std::array<std::string_view, 2> listed = {"close", "X-Hop"};
  EXPECT_EQ(
      relay(kChunked, kChunked, with("x-hop: 1\r\nX-End: 2\r\n"), 1000, false, {}, listed).out,
      with("X-End: 2\r\n"));
}

TEST(Trailers, AreHeldToTheRulesOfHeads) {
  const std::string nul("A: \0\r\n", 6);
  for (const std::string& bad :
       {std::string("A : b\r\n"), std::string(" A: b\r\n"), std::string("A: b\r\n c\r\n"),
        std::string("A\r\n"), std::string(": b\r\n"), std::string("A(: b\r\n"),
        std::string("A: b\n"), std::string("A: b\rc\r\n"), nul, std::string("A: \x7f\r\n"),
        std::string("GET / HTTP/1.1\r\n")}) {
    for (const std::size_t piece : {1U, 1000U}) {
      EXPECT_EQ(relay(kChunked, kChunked, with(bad), piece).fault, BodyFault::bad_trailer) << bad;
    }
  }
}

TEST(Trailers, AreBounded) {
  const BodyLimits limits{.trailer_bytes = 20, .trailer_fields = 2};
  for (const std::size_t piece : {1U, 1000U}) {
    const auto fault = [&](const std::string& trailers) {
      return relay(kChunked, kChunked, with(trailers), piece, false, limits).fault;
    };
    EXPECT_FALSE(fault("A: 1\r\nB: 2\r\n").has_value());
    EXPECT_EQ(fault("A:\r\nB:\r\nC:\r\n"), BodyFault::trailer_too_big);
    EXPECT_FALSE(fault("A: " + std::string(13, 'x') + "\r\n").has_value()) << "20 with the end";
    EXPECT_EQ(fault("A: " + std::string(14, 'x') + "\r\n"), BodyFault::trailer_too_big);
    EXPECT_EQ(fault("A: " + std::string(100, 'x')), BodyFault::trailer_too_big);
  }
}

}  // namespace
}  // namespace chainmend::http
