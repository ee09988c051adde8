#include "proxy/net/url.h"

#include <gtest/gtest.h>

namespace chainmend::net {
namespace {

using certs::ErrorCode;

struct Good {
  const char* text;
  const char* host;
  int port;
  const char* target;
  const char* authority;
};

constexpr Good kGood[] = {
    {"http://ca.example", "ca.example", 80, "/", "ca.example"},
    {"http://ca.example/", "ca.example", 80, "/", "ca.example"},
    {"HTTP://CA.Example/I2.crt", "ca.example", 80, "/I2.crt", "ca.example"},
    {"http://ca.example?x=1", "ca.example", 80, "/?x=1", "ca.example"},
    {"http://ca.example:80/a", "ca.example", 80, "/a", "ca.example"},
    {"http://ca.example:/a", "ca.example", 80, "/a", "ca.example"},
    {"http://ca.example:8080/a?b#c", "ca.example", 8080, "/a?b", "ca.example:8080"},
    {"http://ca_1.example./a", "ca_1.example.", 80, "/a", "ca_1.example."},
    {"http://10.1.2.3/a%20b", "10.1.2.3", 80, "/a%20b", "10.1.2.3"},
    {"http://[2001:DB8::1]/a", "2001:db8::1", 80, "/a", "[2001:db8::1]"},
    {"http://[::1]:81", "::1", 81, "/", "[::1]:81"},
    {"http://ca.example/a@b:c", "ca.example", 80, "/a@b:c", "ca.example"},
};

TEST(HttpUrl, TakesWellFormedUrlsApart) {
  for (const Good& c : kGood) {
    const auto url = parse_http_url(c.text);
    ASSERT_TRUE(url) << c.text << ": " << url.error().text;
    EXPECT_EQ(url->host, c.host) << c.text;
    EXPECT_EQ(url->port, c.port) << c.text;
    EXPECT_EQ(url->target, c.target) << c.text;
    EXPECT_EQ(url->authority(), c.authority) << c.text;
    EXPECT_EQ(url->text(), std::string("http://") + c.authority + c.target) << c.text;
  }
}

struct Bad {
  std::string text;
  const char* why;
};

TEST(HttpUrl, RefusesWithTheRuleThatWasBroken) {
  const Bad cases[] = {
      {"", "no scheme"},
      {"ca.example/a", "no scheme"},
      {"//ca.example/a", "no scheme"},
      {"https://ca.example/a", "not https"},
      {"ldap:///cn=a?b", "not ldap"},
      {"file:///etc/passwd", "not file"},
      {"http:ca.example", "names no host"},
      {"http:/ca.example", "names no host"},
      {"http://", "not a valid name"},
      {"http:///a", "not a valid name"},
      {"http://:80/a", "not a valid name"},
      {"http://a b/", "blanks"},
      {"http://a/\r\nX: y", "blanks"},
      {std::string("http://a/\0b", 11), "blanks"},
      {"http://a/\x7f", "blanks"},
      {"http://caf\xc3\xa9/", "blanks"},
      {"http://user@a/", "user name"},
      {"http://user:pw@a/", "user name"},
      {"http://a:0/", "port"},
      {"http://a:65536/", "port"},
      {"http://a:-1/", "port"},
      {"http://a:80x/", "port"},
      {"http://a%2e/", "not a valid name"},
      {"http://a\\b/", "not a valid name"},
      {"http://[::1/", "IPv6"},
      {"http://[fe80::1%25eth0]/", "IPv6"},
      {"http://[fe80::1%eth0]/", "IPv6"},
      {"http://[127.0.0.1]/", "IPv6"},
      {"http://[::1]x/", "other than a port"},
      {"http://" + std::string(254, 'a') + "/", "not a valid name"},
      {"http://a/" + std::string(kMaxUrlBytes, 'a'), "longer than 2048"},
      {"http://a/" + std::string(65536, 'a'), "longer than 2048"},
  };
  for (const Bad& c : cases) {
    const auto url = parse_http_url(c.text);
    ASSERT_FALSE(url) << c.text;
    EXPECT_EQ(url.error().code, ErrorCode::blocked) << c.text;
    EXPECT_NE(url.error().text.find(c.why), std::string::npos)
        << c.text << ": " << url.error().text;
  }
}

TEST(HttpUrl, TakesAUrlOfExactlyTheAllowedLength) {
  const std::string start = "http://a/";
  EXPECT_TRUE(parse_http_url(start + std::string(kMaxUrlBytes - start.size(), 'a')));
  EXPECT_FALSE(parse_http_url(start + std::string(kMaxUrlBytes - start.size() + 1, 'a')));
}

TEST(HttpUrl, ResolvesLocationsAgainstTheUrlThatSentThem) {
  const HttpUrl base{"ca.example", 8080, "/pki/old.crt?v=1/2"};
  const struct {
    const char* location;
    const char* expected;
  } cases[] = {
      {"http://other.example/x", "http://other.example/x"},
      {"//other.example/x", "http://other.example/x"},
      {"/x", "http://ca.example:8080/x"},
      {"new.crt", "http://ca.example:8080/pki/new.crt"},
      {"?v=3", "http://ca.example:8080/pki/old.crt?v=3"},
  };
  for (const auto& c : cases) {
    const auto url = resolve_location(base, c.location);
    ASSERT_TRUE(url) << c.location << ": " << url.error().text;
    EXPECT_EQ(url->text(), c.expected);
  }
}

TEST(HttpUrl, RefusesLocationsThatLeaveHttp) {
  const HttpUrl base{"ca.example", 80, "/a"};
  for (const char* location :
       {"", "https://ca.example/a", "file:///etc/passwd", "javascript:x", "//u@b/", "/a\r\nb"}) {
    EXPECT_FALSE(resolve_location(base, location)) << location;
  }
}

TEST(PrintableUrl, EscapesWhatCouldBreakALogLineAndCutsTheRest) {
  EXPECT_EQ(printable_url("http://a/b c\r\n\x1b[31m\xff"), "http://a/b%20c%0D%0A%1B[31m%FF");
  EXPECT_EQ(printable_url(std::string(201, 'a')), std::string(200, 'a') + "...");
}

}  // namespace
}  // namespace chainmend::net
