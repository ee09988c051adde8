#include "proxy/http/cookie.h"

#include <gtest/gtest.h>

#include <string>

#include "proxy/http/codec1.h"

namespace chainmend::http {
namespace {

std::string value_in(const std::string& fields) {
  static std::string text;  // borrowed by the head
  text = "GET / HTTP/1.1\r\nHost: a\r\n" + fields + "\r\n";
  static RequestHead head;
  head.clear();
  EXPECT_TRUE(parse_request(text, {}, head).has_value()) << fields;
  return std::string(cookie_value(head, "where"));
}

TEST(Cookie, IsFoundAmongOthersAndInAnyField) {
  EXPECT_EQ(value_in("Cookie: where=abc\r\n"), "abc");
  EXPECT_EQ(value_in("Cookie: a=b; where=abc; c=d\r\n"), "abc");
  EXPECT_EQ(value_in("Cookie: a=b;where=abc\r\n"), "abc");
  EXPECT_EQ(value_in("Cookie: a=b\r\ncookie: where=abc \r\n"), "abc");
  EXPECT_EQ(value_in("Cookie: where=first; where=second\r\n"), "first");
}

TEST(Cookie, IsNotTakenForAnother) {
  EXPECT_EQ(value_in(""), "");
  EXPECT_EQ(value_in("Cookie: somewhere=abc\r\n"), "");
  EXPECT_EQ(value_in("Cookie: where2=abc\r\n"), "");
  EXPECT_EQ(value_in("Cookie: where\r\n"), "");
  EXPECT_EQ(value_in("Cookie: where=\r\n"), "");
  EXPECT_EQ(value_in("Cookie: ;;; =; a\r\n"), "");
  EXPECT_EQ(value_in("X-Cookie: where=abc\r\n"), "");
}

TEST(Cookie, IsTakenOutFromAmongOthers) {
  struct Case {
    const char *cookies, *left;
  };
  for (const Case& one : {Case{"where=abc", ""}, Case{"a=b; where=abc; c=d", "a=b; c=d"},
                          Case{"where=1;a=b ; where=2", "a=b"}, Case{" ; where=1; ", ""},
                          Case{"somewhere=1; where=2; where2=3", "somewhere=1; where2=3"}}) {
    EXPECT_TRUE(has_cookie(one.cookies, "where")) << one.cookies;
    std::string left = "before ";
    EXPECT_EQ(append_other_cookies(one.cookies, "where", left), *one.left != '\0') << one.cookies;
    EXPECT_EQ(left, std::string("before ") + one.left) << one.cookies;
  }
  EXPECT_FALSE(has_cookie("somewhere=1; where2=3; where", "where"));
}

}  // namespace
}  // namespace chainmend::http
