#include "proxy/http/target.h"

#include "tests/proxy/http/support.h"

namespace chainmend::http {
namespace {

TEST(Target, SplitsTheOriginForm) {  // RFC 9112 3.2.1
  const RequestHead head =
      request("GET /a/%41;b=c,d?x=/y?z HTTP/1.1\r\nHost: Mail.Example.com:8443\r\n\r\n");
  EXPECT_EQ(head.form, TargetForm::origin);
  EXPECT_EQ(head.path, "/a/%41;b=c,d");
  EXPECT_EQ(head.query, "?x=/y?z");
  EXPECT_EQ(head.authority, "Mail.Example.com:8443");
  EXPECT_EQ(head.host, "Mail.Example.com");
  EXPECT_EQ(head.port, 8443);
}

TEST(Target, SplitsTheAbsoluteForm) {  // RFC 9112 3.2.2
  struct Case {
    const char *target, *host_field, *path, *query, *authority;
    bool https;
  };
  for (const Case& c : {
           Case{"http://a/p?q", "a", "/p", "?q", "a", false},
           Case{"HTTP://A/p", "a:80", "/p", "", "A", false},
           Case{"https://a:443/p", "a", "/p", "", "a:443", true},
           Case{"http://a", "a", "/", "", "a", false},
           Case{"http://a?q", "a", "/", "?q", "a", false},
           Case{"http://[::1]:8080/", "[::1]:8080", "/", "", "[::1]:8080", false},
       }) {
    const RequestHead head =
        request("GET " + std::string(c.target) + " HTTP/1.1\r\nHost: " + c.host_field + "\r\n\r\n");
    EXPECT_EQ(head.form, TargetForm::absolute) << c.target;
    EXPECT_EQ(head.path, c.path) << c.target;
    EXPECT_EQ(head.query, c.query) << c.target;
    EXPECT_EQ(head.authority, c.authority) << c.target;
    EXPECT_EQ(head.https_target, c.https) << c.target;
  }
  EXPECT_EQ(request("GET http://a/ HTTP/1.0\r\n\r\n").host, "a") << "HTTP/1.0 needs no Host";
}

TEST(Target, KnowsTheAsteriskForm) {  // RFC 9112 3.2.4
  EXPECT_EQ(request("OPTIONS * HTTP/1.1\r\nHost: a\r\n\r\n").form, TargetForm::asterisk);
  EXPECT_EQ(request("OPTIONS http://a HTTP/1.1\r\nHost: a\r\n\r\n").path, "*");
  EXPECT_EQ(request("OPTIONS http://a/ HTTP/1.1\r\nHost: a\r\n\r\n").path, "/");
}

TEST(Target, TakesWhatPhonesAndBrowsersReallySend) {
  for (const char* target : {"/Microsoft-Server-ActiveSync?User=DOMAIN\\jo&DeviceId=1&Cmd=Ping",
                             "/rpc/rpcproxy.dll?c0ffee@example.com:6001", "/a|b[c]^d",
                             "/?a={b}|\"<c>`%", "//double", "/a/../b", "/%00", "/100%25"}) {
    EXPECT_EQ(request("GET " + std::string(target) + " HTTP/1.1\r\nHost: a\r\n\r\n").target,
              target);
  }
}

TEST(Target, SplitsAnAuthority) {
  struct Case {
    const char *text, *host;
    int port;
  };
  for (const Case& c :
       {Case{"mail.example.com", "mail.example.com", -1}, Case{"a:1", "a", 1},
        Case{"a:65535", "a", 65535}, Case{"a:00080", "a", 80}, Case{"a:", "a", -1},
        Case{"10.0.0.1:443", "10.0.0.1", 443}, Case{"[2001:db8::1]", "[2001:db8::1]", -1},
        Case{"[::ffff:1.2.3.4]:5", "[::ffff:1.2.3.4]", 5}, Case{"EX_CAS-01", "EX_CAS-01", -1}}) {
    const auto authority = parse_authority(c.text);
    ASSERT_TRUE(authority.has_value()) << c.text;
    EXPECT_EQ(authority->host, c.host);
    EXPECT_EQ(authority->port ? *authority->port : -1, c.port) << c.text;
  }
  EXPECT_FALSE(parse_authority(std::string_view("[::1\0x]", 7)).has_value());
}

TEST(Target, NormalisesAPathAsRoutesSeeIt) {
  struct Case {
    const char *path, *normal;
  };
  for (const Case& c :
       {Case{"/EWS/Exchange.asmx", "/ews/exchange.asmx"}, Case{"/", "/"}, Case{"*", "/"},
        Case{"/a/./b/../c", "/a/c"}, Case{"/owa/../ecp/", "/ecp/"}, Case{"/..", "/"},
        Case{"/../../a", "/a"}, Case{"/a/..", "/"}, Case{"/a/.", "/a/"}, Case{"//a///b", "/a/b"},
        Case{"/owa/%2e%2E/ecp", "/ecp"}, Case{"/owa%2f..%2fecp", "/ecp"}, Case{"/%65ws", "/ews"},
        Case{"/%2565ws", "/%65ws"}, Case{"/owa%5c..%5cecp", "/ecp"}, Case{"/a..b/...", "/a..b/..."},
        Case{"/a%", "/a%"}}) {
    std::string out = "old";
    normalise_path(c.path, out);
    EXPECT_EQ(out, c.normal) << c.path;
  }
}

}  // namespace
}  // namespace chainmend::http
