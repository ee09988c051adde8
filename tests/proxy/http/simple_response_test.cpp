#include "proxy/http/simple_response.h"

#include "proxy/http/date.h"
#include "proxy/http/status.h"
#include "tests/proxy/http/support.h"

namespace chainmend::http {
namespace {

TEST(SimpleResponse, IsAWholeMessage) {
  std::string out = "old";
  write_simple_response({.status = 502, .text = "the upstream refused the connection"}, out);
  EXPECT_EQ(out,
            "HTTP/1.1 502 Bad Gateway\r\nContent-Type: text/plain; charset=utf-8\r\n"
            "Content-Length: 53\r\nConnection: close\r\n\r\n"
            "502 Bad Gateway: the upstream refused the connection\n");
}

TEST(SimpleResponse, AnnouncesExactlyTheBodyItSends) {
  for (const unsigned status : {302U, 400U, 404U, 405U, 408U, 413U, 414U, 417U, 421U, 431U, 500U,
                                501U, 502U, 503U, 504U, 505U}) {
    for (const char* text : {"", "x"}) {
      std::string out;
      write_simple_response({.status = status, .text = text}, out);
      const auto read = read_response(out, request("GET / HTTP/1.1\r\nHost: a\r\n\r\n"));
      ASSERT_TRUE(read.complete && !read.fault) << out;
      EXPECT_EQ(read.head.status, status);
      EXPECT_EQ(read.head.framing, Framing::of_length(out.size() - read.bytes)) << out;
      EXPECT_NE(read.head.reason, "Unknown");
    }
  }
}

TEST(SimpleResponse, HasNoBodyForHead) {
  std::string out;
  write_simple_response({.status = 404, .body = false}, out);
  EXPECT_TRUE(out.ends_with("\r\n\r\n"));
  EXPECT_NE(out.find("Content-Length: 14\r\n"), std::string::npos) << out;
}

TEST(SimpleResponse, SaysWhetherTheConnectionLivesOn) {
  std::string out;
  write_simple_response({.status = 404, .close = false}, out);
  EXPECT_EQ(out.find("Connection"), std::string::npos);
  write_simple_response({.status = 404, .close = false, .client_version = Version::http10}, out);
  EXPECT_NE(out.find("Connection: keep-alive\r\n"), std::string::npos);
}

TEST(SimpleResponse, CarriesLocationAllowAndDate) {
  std::string out;
  write_simple_response({.status = 302, .location = "https://a/b", .allow = "GET", .date = "today"},
                        out);
  EXPECT_NE(out.find("\r\nLocation: https://a/b\r\n"), std::string::npos);
  EXPECT_NE(out.find("\r\nAllow: GET\r\n"), std::string::npos);
  EXPECT_NE(out.find("\r\nDate: today\r\n"), std::string::npos);
}

TEST(SimpleResponse, SaysWhenToComeBackWhereThatIsKnown) {
  std::string out;
  write_simple_response({.status = 503, .retry_after = 20}, out);
  EXPECT_NE(out.find("\r\nRetry-After: 20\r\n"), std::string::npos) << out;
  write_simple_response({.status = 503}, out);
  EXPECT_EQ(out.find("Retry-After"), std::string::npos) << out;
}

TEST(Date, IsWrittenAsAnImfFixdate) {  // RFC 9110 5.6.7
  struct Case {
    std::int64_t seconds;
    const char* text;
  };
  for (const Case& c :
       {Case{784111777, "Sun, 06 Nov 1994 08:49:37 GMT"}, Case{0, "Thu, 01 Jan 1970 00:00:00 GMT"},
        Case{1709164799, "Wed, 28 Feb 2024 23:59:59 GMT"},
        Case{1709164800, "Thu, 29 Feb 2024 00:00:00 GMT"},
        Case{2147483648, "Tue, 19 Jan 2038 03:14:08 GMT"}}) {
    std::string out = "Date: ";
    append_http_date(std::chrono::sys_seconds(std::chrono::seconds(c.seconds)), out);
    EXPECT_EQ(out, "Date: " + std::string(c.text));
  }
}

TEST(Method, IsIdempotentOrNot) {  // RFC 9110 9.2.2
  for (const char* method : {"GET", "HEAD", "OPTIONS", "TRACE", "PUT", "DELETE"}) {
    EXPECT_TRUE(is_idempotent(method));
  }
  for (const char* method : {"POST", "PATCH", "RPC_IN_DATA", "get", "PROPFIND", ""}) {
    EXPECT_FALSE(is_idempotent(method));
  }
}

}  // namespace
}  // namespace chainmend::http
