// What parse_request() accepts and refuses, case by case with the clause it rests on. Every case is
// read whole and byte by byte, and must give the same answer.
#include <algorithm>

#include "tests/proxy/http/support.h"

namespace chainmend::http {
namespace {

struct Refused {
  const char* what;
  std::string text;
  HeadFault fault;
};

std::string get(const std::string& fields) {
  return "GET / HTTP/1.1\r\nHost: a\r\n" + fields + "\r\n\r\n";
}

std::string post(const std::string& fields) {
  return "POST / HTTP/1.1\r\nHost: a\r\n" + fields + "\r\n\r\n";
}

std::string line(const std::string& request_line) { return request_line + "\r\nHost: a\r\n\r\n"; }

std::string with_host(const std::string& host) {
  return "GET / HTTP/1.1\r\nHost: " + host + "\r\n\r\n";
}

void expect_refused(const std::vector<Refused>& cases) {
  for (const Refused& c : cases) {
    for (const std::size_t piece : {1U, 1000000U}) {
      const auto outcome = read_request(c.text, piece);
      ASSERT_TRUE(outcome.fault.has_value()) << c.what << ": accepted\n" << c.text;
      EXPECT_EQ(*outcome.fault, c.fault) << c.what << ": " << text_of(*outcome.fault) << "\n"
                                         << c.text;
    }
  }
}

TEST(RequestHead, RefusesABadRequestLine) {
  expect_refused({
      {"RFC 9112 3: HTTP/0.9", "GET /\r\n\r\n", HeadFault::bad_start_line},
      {"RFC 9112 3: no version but a space", line("GET / "), HeadFault::bad_version},
      {"RFC 9112 3: one word", line("GET"), HeadFault::bad_start_line},
      {"RFC 9112 3: no target", line("GET  HTTP/1.1"), HeadFault::bad_start_line},
      {"RFC 9112 3: two spaces before the target", line("GET  / HTTP/1.1"), HeadFault::bad_target},
      {"RFC 9112 3: two spaces behind it", line("GET /  HTTP/1.1"), HeadFault::bad_target},
      {"RFC 9112 3: space in the target", line("GET /a b HTTP/1.1"), HeadFault::bad_target},
      {"RFC 9112 3: tab as separator", line("GET\t/\tHTTP/1.1"), HeadFault::bad_start_line},
      {"RFC 9112 3: space at the end", line("GET / HTTP/1.1 "), HeadFault::bad_version},
      {"RFC 9112 3: space at the start", line(" GET / HTTP/1.1"), HeadFault::bad_method},
      {"RFC 9110 9.1: method is a token", line("GE(T / HTTP/1.1"), HeadFault::bad_method},
      {"RFC 9110 9.1: method in UTF-8", line("G\xc3\x89T / HTTP/1.1"), HeadFault::bad_method},
      {"leading garbage", line("\xff\xfeGET / HTTP/1.1"), HeadFault::bad_method},
      {"RFC 9112 2.3: lower case", line("GET / http/1.1"), HeadFault::bad_version},
      {"RFC 9112 2.3: mixed case", line("GET / Http/1.1"), HeadFault::bad_version},
      {"RFC 9112 2.3: two digits", line("GET / HTTP/1.10"), HeadFault::bad_version},
      {"RFC 9112 2.3: leading zero", line("GET / HTTP/01.1"), HeadFault::bad_version},
      {"RFC 9112 2.3: no minor", line("GET / HTTP/1"), HeadFault::bad_version},
      {"RFC 9112 2.3: empty minor", line("GET / HTTP/1."), HeadFault::bad_version},
      {"RFC 9112 2.3: comma", line("GET / HTTP/1,1"), HeadFault::bad_version},
      {"RFC 9112 2.3: space inside", line("GET / HTTP/ 1.1"), HeadFault::bad_version},
      {"RFC 9112 2.3: another name", line("GET / HTTPS/1.1"), HeadFault::bad_version},
      {"RFC 9112 2.3: letters", line("GET / HTTP/x.y"), HeadFault::bad_version},
      {"RFC 9110 15.6.6: HTTP/2.0", line("GET / HTTP/2.0"), HeadFault::unsupported_version},
      {"RFC 9110 15.6.6: HTTP/0.9 spelled out", line("GET / HTTP/0.9"),
       HeadFault::unsupported_version},
      {"RFC 9113 3.4: HTTP/2 preface", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
       HeadFault::unsupported_version},
      {"RFC 9110 9.3.6: CONNECT", "CONNECT a:443 HTTP/1.1\r\nHost: a:443\r\n\r\n",
       HeadFault::connect_refused},
      {"RFC 9110 9.3.6: CONNECT without port", "CONNECT a HTTP/1.1\r\nHost: a\r\n\r\n",
       HeadFault::bad_target},
      {"RFC 9112 3.2.3: CONNECT with a path", line("CONNECT / HTTP/1.1"), HeadFault::bad_target},
  });
}

TEST(RequestHead, RefusesABadFieldLine) {
  expect_refused({
      {"RFC 9112 5.1: space before the colon", get("A : b"), HeadFault::space_before_colon},
      {"RFC 9112 5.1: tab before the colon", get("A\t: b"), HeadFault::space_before_colon},
      {"RFC 9112 5.1: and on a framing field", post("Content-Length : 5"),
       HeadFault::space_before_colon},
      {"RFC 9112 5.2: obs-fold", get("A: b\r\n c"), HeadFault::folded_field},
      {"RFC 9112 5.2: obs-fold with a tab", get("A: b\r\n\tc"), HeadFault::folded_field},
      {"RFC 9112 2.2: white space before the first field", "GET / HTTP/1.1\r\n Host: a\r\n\r\n",
       HeadFault::folded_field},
      {"RFC 9112 2.2: a line of white space only", get("A: b\r\n  "), HeadFault::folded_field},
      {"RFC 9112 5: no colon", get("A"), HeadFault::bad_field_name},
      {"RFC 9112 5: no name", get(": b"), HeadFault::bad_field_name},
      {"RFC 9110 5.1: name is a token", get("A(b): c"), HeadFault::bad_field_name},
      {"RFC 9110 5.1: space inside the name", get("A b: c"), HeadFault::bad_field_name},
      {"RFC 9110 5.1: name in UTF-8", get("\xc3\x89: c"), HeadFault::bad_field_name},
  });
}

TEST(RequestHead, RefusesBadFraming) {
  const std::string te = "Transfer-Encoding: ";
  expect_refused({
      {"RFC 9112 6.1: CL and TE", post("Content-Length: 5\r\n" + te + "chunked"),
       HeadFault::length_and_chunked},
      {"RFC 9112 6.1: TE and CL", post(te + "chunked\r\nContent-Length: 5"),
       HeadFault::length_and_chunked},
      {"RFC 9112 6.1: also in other case", post("content-LENGTH: 5\r\ntransfer-ENCODING: chunked"),
       HeadFault::length_and_chunked},
      {"RFC 9112 6.1: also with an unknown coding", post("Content-Length: 5\r\n" + te + "x"),
       HeadFault::length_and_chunked},
      {"RFC 9112 6.3: two CL that differ", post("Content-Length: 5\r\nContent-Length: 6"),
       HeadFault::repeated_content_length},
      {"RFC 9112 6.3: two CL that agree", post("Content-Length: 5\r\nContent-Length: 5"),
       HeadFault::repeated_content_length},
      {"RFC 9112 6.3: a list that agrees", post("Content-Length: 5, 5"),
       HeadFault::bad_content_length},
      {"RFC 9112 6.3: a list that differs", post("Content-Length: 5,6"),
       HeadFault::bad_content_length},
      {"RFC 9110 8.6: plus", post("Content-Length: +5"), HeadFault::bad_content_length},
      {"RFC 9110 8.6: minus", post("Content-Length: -5"), HeadFault::bad_content_length},
      {"RFC 9110 8.6: minus nothing", post("Content-Length: -0"), HeadFault::bad_content_length},
      {"RFC 9110 8.6: hexadecimal", post("Content-Length: 0x5"), HeadFault::bad_content_length},
      {"RFC 9110 8.6: fraction", post("Content-Length: 5.0"), HeadFault::bad_content_length},
      {"RFC 9110 8.6: empty", post("Content-Length: "), HeadFault::bad_content_length},
      {"RFC 9110 8.6: space inside", post("Content-Length: 5 5"), HeadFault::bad_content_length},
      {"RFC 9110 8.6: quoted", post("Content-Length: \"5\""), HeadFault::bad_content_length},
      {"RFC 9110 8.6: not ASCII digits", post("Content-Length: \xd9\xa5"),
       HeadFault::bad_content_length},
      {"RFC 9110 8.6: 2^63", post("Content-Length: 9223372036854775808"),
       HeadFault::bad_content_length},
      {"RFC 9110 8.6: 2^64", post("Content-Length: 18446744073709551616"),
       HeadFault::bad_content_length},
      {"RFC 9110 8.6: 2^64 + 5", post("Content-Length: 18446744073709551621"),
       HeadFault::bad_content_length},
      {"RFC 9110 8.6: 40 digits", post("Content-Length: " + std::string(40, '1')),
       HeadFault::bad_content_length},
      {"RFC 9112 6.3: xchunked", post(te + "xchunked"), HeadFault::bad_transfer_encoding},
      {"RFC 9112 6.3: chunked is not last", post(te + "chunked, gzip"),
       HeadFault::bad_transfer_encoding},
      {"RFC 9112 6.3: over two lines", post(te + "chunked\r\n" + te + "gzip"),
       HeadFault::bad_transfer_encoding},
      {"RFC 9112 6.1: chunked twice", post(te + "chunked, chunked"),
       HeadFault::bad_transfer_encoding},
      {"RFC 9112 6.1: chunked twice, two lines", post(te + "chunked\r\n" + te + "chunked"),
       HeadFault::bad_transfer_encoding},
      {"RFC 9112 6.1: empty", post(te), HeadFault::bad_transfer_encoding},
      {"RFC 9112 6.1: empty element", post(te + ", chunked"), HeadFault::bad_transfer_encoding},
      {"RFC 9112 6.1: empty last element", post(te + "chunked,"), HeadFault::bad_transfer_encoding},
      {"RFC 9112 7: identity is gone", post(te + "identity"), HeadFault::bad_transfer_encoding},
      {"RFC 9112 7: chunked takes no parameter", post(te + "chunked;a=b"),
       HeadFault::bad_transfer_encoding},
      {"RFC 9112 7: quoted", post(te + "\"chunked\""), HeadFault::bad_transfer_encoding},
      {"RFC 9112 6.1: a coding we do not undo: 501", post(te + "gzip, chunked"),
       HeadFault::unknown_transfer_coding},
      {"RFC 9112 6.1: the same over two lines", post(te + "gzip\r\n" + te + "chunked"),
       HeadFault::unknown_transfer_coding},
      {"RFC 9112 6.1: on HTTP/1.0", "POST / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n",
       HeadFault::transfer_encoding_in_http10},
  });
}

TEST(RequestHead, RefusesABadHost) {
  std::vector<Refused> cases = {
      {"RFC 9112 3.2: missing", "GET / HTTP/1.1\r\nA: b\r\n\r\n", HeadFault::missing_host},
      {"RFC 9112 3.2: twice", "GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n",
       HeadFault::repeated_host},
      {"RFC 9112 3.2: twice the same", "GET / HTTP/1.1\r\nHost: a\r\nhost: a\r\n\r\n",
       HeadFault::repeated_host},
      {"RFC 9112 3.2: twice on HTTP/1.0", "GET / HTTP/1.0\r\nHost: a\r\nHost: a\r\n\r\n",
       HeadFault::repeated_host},
      {"RFC 9112 3.2.2: absolute-form, other host", "GET http://b/ HTTP/1.1\r\nHost: a\r\n\r\n",
       HeadFault::host_mismatch},
      {"RFC 9112 3.2.2: absolute-form, other port", "GET http://a:81/ HTTP/1.1\r\nHost: a\r\n\r\n",
       HeadFault::host_mismatch},
      {"RFC 9112 3.2: absolute-form without Host", "GET http://a/ HTTP/1.1\r\nB: c\r\n\r\n",
       HeadFault::missing_host},
  };
  for (const char* host :
       {"",        "a b",      "a@b",     "user:pass@b", "a:b",      "a:80:80",
        "a:65536", "a:0",      "a:-1",    "a:+80",       "a:080000", ":80",
        "a,b",     "a/b",      "a?b",     "a#b",         "a\\b",     "[::1",
        "::1",     "[::1]x",   "[::1]:x", "[::g]",       "[]",       "[::1%25eth0]",
        "[v1.x]",  "\xc3\xa9", "a%41",    "http://a",    "\"a\""}) {
    cases.push_back({"RFC 9110 7.2: malformed", with_host(host), HeadFault::bad_host});
  }
  expect_refused(cases);
}

TEST(RequestHead, RefusesABadTarget) {
  std::vector<Refused> cases;
  for (const char* target : {"/a#b",          "/?a#b",       "a",
                             "a/b",           "a:80",        "*",
                             "/\x80",         "/?\xc3\xa9",  "/a\\b",
                             "/a%",           "/a%4",        "/a%zz",
                             "/\"",           "/<a>",        "/{a}",
                             "ftp://a/",      "http:/a",     "http:a",
                             "http://",       "http:///a",   "http://u@a/",
                             "http://u:p@a/", "http://a:x/", "http://a:99999/",
                             "http://a#b",    "://a/",       "https:/a"}) {
    cases.push_back({"RFC 9112 3.2", "GET " + std::string(target) + " HTTP/1.1\r\nHost: a\r\n\r\n",
                     HeadFault::bad_target});
  }
  cases.push_back({"RFC 9112 3.2.4: asterisk-form is for OPTIONS", line("POST * HTTP/1.1"),
                   HeadFault::bad_target});
  cases.push_back(
      {"RFC 9112 3.2.4: and stands alone", line("OPTIONS *a HTTP/1.1"), HeadFault::bad_target});
  expect_refused(cases);
}

TEST(RequestHead, RefusesABadMaxForwards) {  // RFC 9110 7.6.2
  const auto options = [](const std::string& fields) {
    return "OPTIONS / HTTP/1.1\r\nHost: a\r\n" + fields + "\r\n\r\n";
  };
  expect_refused({
      {"not a number", options("Max-Forwards: x"), HeadFault::bad_max_forwards},
      {"negative", options("Max-Forwards: -1"), HeadFault::bad_max_forwards},
      {"twice", options("Max-Forwards: 1\r\nMax-Forwards: 1"), HeadFault::bad_max_forwards},
  });
  EXPECT_FALSE(request(get("Max-Forwards: x")).max_forwards.has_value());
  EXPECT_EQ(request(options("Max-Forwards: 0")).max_forwards, 0U);
}

TEST(RequestHead, RefusesTooManyFields) {
  const HeadLimits limits{.fields = 4};
  const std::string four = get("A: 1\r\nB: 2\r\nC: 3");
  const std::string five = get("A: 1\r\nB: 2\r\nC: 3\r\nD: 4");
  EXPECT_FALSE(read_request(four, 1, limits).fault.has_value());
  EXPECT_EQ(read_request(five, 1, limits).fault, HeadFault::too_many_fields);
  EXPECT_EQ(read_request(get("Connection: a, b, c, d, e"), 1, limits).fault,
            HeadFault::too_many_fields);
}

TEST(RequestHead, TakesLargeHeadsByDefault) {  // Kerberos tickets
  std::string fields = "Authorization: Negotiate " + std::string(60000, 'A');
  for (int i = 0; i < 126; ++i) {
    fields += "\r\nX" + std::to_string(i) + ": y";
  }
  EXPECT_EQ(request(get(fields)).fields.size(), 128U);
  EXPECT_EQ(read_request(get(fields + "\r\nOne: more")).fault, HeadFault::too_many_fields);
}

TEST(RequestHead, KnowsTheStatusForEachFault) {
  EXPECT_EQ(status_of(HeadFault::bare_lf), 400U);
  EXPECT_EQ(status_of(HeadFault::length_and_chunked), 400U);
  EXPECT_EQ(status_of(HeadFault::target_too_long), 414U);
  EXPECT_EQ(status_of(HeadFault::head_too_big), 431U);
  EXPECT_EQ(status_of(HeadFault::too_many_fields), 431U);
  EXPECT_EQ(status_of(HeadFault::unknown_transfer_coding), 501U);
  EXPECT_EQ(status_of(HeadFault::connect_refused), 501U);
  EXPECT_EQ(status_of(HeadFault::unsupported_version), 505U);
}

TEST(RequestHead, KeepsFieldsAsReceived) {
  const RequestHead head = request(
      get("X-AnchorMailbox: \t a@b.example \t\r\nempty:\r\nx-UTF: \xc3\xa9\tb\r\nempty: 2"));
  ASSERT_EQ(head.fields.size(), 5U);
  EXPECT_EQ(head.fields[1].name, "X-AnchorMailbox");
  EXPECT_EQ(head.fields[1].value, "a@b.example");
  EXPECT_EQ(head.fields[2].value, "");
  EXPECT_EQ(head.fields[3].value, "\xc3\xa9\tb");
  EXPECT_EQ(head.find("EMPTY"), &head.fields[2]);
  EXPECT_EQ(head.find(FieldId::host), &head.fields[0]);
  EXPECT_EQ(head.find("none"), nullptr);
}

TEST(RequestHead, SurvivesTheBufferItWasReadFrom) {
  RequestHead head;
  {
    std::string buffer = "GET /a?b HTTP/1.1\r\nHost: mail.example.com\r\n\r\n";
    ASSERT_TRUE(parse_request(buffer, {}, head).has_value());
    std::ranges::fill(buffer, 'x');
  }
  const RequestHead moved = std::move(head);
  EXPECT_EQ(moved.method, "GET");
  EXPECT_EQ(moved.path, "/a");
  EXPECT_EQ(moved.fields.front().value, "mail.example.com");
}

TEST(RequestHead, IsCleanWhenParsedIntoAgain) {
  RequestHead head = request(
      "POST http://a:1/p?q HTTP/1.1\r\nHost: a:1\r\nContent-Length: 5\r\n"
      "Connection: close, upgrade\r\nUpgrade: websocket\r\nExpect: 100-continue\r\n\r\n");
  ASSERT_TRUE(parse_request("GET / HTTP/1.0\r\n\r\n", {}, head).has_value());
  EXPECT_EQ(head.framing, Framing::none());
  EXPECT_TRUE(head.fields.empty() && head.connection_options.empty() && head.upgrade.empty());
  EXPECT_TRUE(head.query.empty() && head.host.empty() && head.authority.empty());
  EXPECT_FALSE(head.port || head.content_length || head.expects_continue || head.https_target);
  EXPECT_EQ(head.form, TargetForm::origin);
}

TEST(RequestHead, PassesUnknownMethods) {
  for (const char* method : {"RPC_IN_DATA", "RPC_OUT_DATA", "PROPFIND", "REPORT", "get", "M-SEARCH",
                             "!#$%&'*+-.^_`|~", "TRACE"}) {
    EXPECT_EQ(request(line(std::string(method) + " / HTTP/1.1")).method, method);
  }
}

TEST(RequestHead, TakesAHigherMinorVersionFor11) {  // RFC 9110 2.5
  EXPECT_EQ(request(line("GET / HTTP/1.2")).version, Version::http11);
  EXPECT_EQ(request(line("GET / HTTP/1.9")).version, Version::http11);
  EXPECT_EQ(request(line("GET / HTTP/1.0")).version, Version::http10);
}

TEST(RequestHead, FramesTheBody) {  // RFC 9112 6.3
  EXPECT_EQ(request(get("A: b")).framing, Framing::none());
  EXPECT_EQ(request(post("Content-Length: 0")).framing, Framing::of_length(0));
  EXPECT_EQ(request(post("Content-Length: 0005")).framing, Framing::of_length(5));
  EXPECT_EQ(request(post("Content-Length:5")).framing, Framing::of_length(5));
  EXPECT_EQ(request(post("Content-Length: 9223372036854775807")).framing,
            Framing::of_length(9223372036854775807U));
  EXPECT_EQ(request(post("Transfer-Encoding: chunked")).framing, Framing::chunked());
  EXPECT_EQ(request(post("transfer-encoding:\tCHUNKED \t")).framing, Framing::chunked());
  EXPECT_EQ(request(get("Content-Length: 3")).framing, Framing::of_length(3));
}

TEST(RequestHead, KnowsWhetherTheConnectionLivesOn) {  // RFC 9112 9.3
  const auto http10 = [](const std::string& fields) {
    return "GET / HTTP/1.0\r\n" + fields + "\r\n";
  };
  EXPECT_TRUE(request(get("A: b")).keep_alive);
  EXPECT_FALSE(request(get("Connection: close")).keep_alive);
  EXPECT_FALSE(request(get("Connection: A,\tCLOSE ,B")).keep_alive);
  EXPECT_FALSE(request(get("Connection: keep-alive\r\nConnection: close")).keep_alive);
  EXPECT_TRUE(request(get("Connection: closed")).keep_alive);
  EXPECT_FALSE(request(http10("")).keep_alive);
  EXPECT_TRUE(request(http10("Connection: Keep-Alive\r\n")).keep_alive);
  EXPECT_FALSE(request(http10("Connection: Keep-Alive, close\r\n")).keep_alive);
}

TEST(RequestHead, ReadsExpect) {  // RFC 9110 10.1.1
  EXPECT_TRUE(request(post("Content-Length: 5\r\nExpect: 100-Continue")).expects_continue);
  EXPECT_FALSE(request(post("Content-Length: 5\r\nExpect: 200-ok")).expects_continue);
  EXPECT_FALSE(request("POST / HTTP/1.0\r\nContent-Length: 5\r\nExpect: 100-continue\r\n\r\n")
                   .expects_continue);
}

TEST(RequestHead, OffersAnUpgradeOnlyWhenItIsProper) {  // RFC 9110 7.8
  EXPECT_EQ(request(get("Connection: Upgrade\r\nUpgrade: websocket")).upgrade, "websocket");
  EXPECT_EQ(request(get("Connection: x, uPGRADE\r\nUpgrade: a/1, b")).upgrade, "a/1, b");
  EXPECT_EQ(request(get("Upgrade: websocket")).upgrade, "") << "not listed in Connection";
  EXPECT_EQ(request(get("Connection: upgrade")).upgrade, "");
  EXPECT_EQ(request(get("Connection: upgrade\r\nUpgrade: h2c\r\nUpgrade: a")).upgrade, "");
  EXPECT_EQ(request("GET / HTTP/1.0\r\nConnection: upgrade\r\nUpgrade: websocket\r\n\r\n").upgrade,
            "");
  for (const char* hidden : {"h2c", "websocket, H2C", "HTTP/2.0", "TLS/1.0", "h2"}) {
    EXPECT_EQ(request(get("Connection: upgrade\r\nUpgrade: " + std::string(hidden))).upgrade, "")
        << hidden;
  }
}

}  // namespace
}  // namespace chainmend::http
