// What a route does to requests and answers, and what a listener says of its clients.
#include <gmock/gmock.h>

#include "tests/proxy/session/lab.h"

namespace chainmend::session::testing {
namespace {

using ::testing::AllOf;
using ::testing::ContainsRegex;
using ::testing::EndsWith;
using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::StartsWith;
using namespace std::string_literals;

serving::Route& first_route(Lab& lab) { return lab.listener.routes.front(); }

TEST(Routes, RedirectsAndAnswersByItself) {
  Lab lab;
  serving::Route redirect{"/", nullptr, &lab.metrics.route("web", "redirect")};
  redirect.status = 302;
  redirect.redirect.emplace();
  serving::Route elsewhere = redirect;
  elsewhere.prefix = "/old";
  elsewhere.status = 308;
  elsewhere.redirect = {"http", "mail.test:81", "/new?a=b"};
  serving::Route gone = redirect;
  gone.prefix = "/gone";
  gone.redirect.reset();
  gone.status = 410;
  lab.listener.routes = {gone, elsewhere, redirect};
  Wire client = lab.connect();
  client.send("GET /x/%41?q=1 HTTP/1.1\r\nHost: a.test:8080\r\n\r\n");
  EXPECT_THAT(client.receive_head(),
              AllOf(StartsWith("HTTP/1.1 302 Found\r\n"),
                    HasSubstr("\r\nLocation: https://a.test/x/%41?q=1\r\n")));
  client.send("GET /old/x HTTP/1.1\r\nHost: a\r\n\r\n");
  EXPECT_THAT(client.receive_until("\nLocation: http://mail.test:81/new?a=b\r\n"),
              HasSubstr("HTTP/1.1 308"));
  client.send("HEAD /gone HTTP/1.1\r\nHost: a\r\n\r\n");
  EXPECT_THAT(client.receive_until("410 Gone\r\n"), EndsWith("HTTP/1.1 410 Gone\r\n"));
  client.receive_head();
  client.send("GET / HTTP/1.0\r\n\r\n");
  EXPECT_THAT(client.receive_all(), StartsWith("HTTP/1.1 400"));
  EXPECT_TRUE(lab.upstream.deserted());
}

TEST(Routes, ChangeTheFieldsOfBothHeads) {
  Lab lab;
  first_route(lab).request_changes = {{"X-Set", "ours", false}, {"X-Gone", "", true}};
  first_route(lab).response_changes = {{"Server", "", true}, {"X-Frame", "no", false}};
  Wire client = lab.connect();
  client.send("GET /a HTTP/1.1\r\nHost: a\r\nx-set: theirs\r\nX-GONE: 1\r\n\r\n");
  Wire server = lab.upstream.accept();
  EXPECT_THAT(server.receive_head(), AllOf(HasSubstr("\r\nX-Set: ours\r\n"),
                                           Not(HasSubstr("theirs")), Not(HasSubstr("X-GONE"))));
  server.send("HTTP/1.1 200 OK\r\nServer: IIS\r\nContent-Length: 0\r\n\r\n");
  EXPECT_THAT(client.receive_head(), AllOf(HasSubstr("\r\nX-Frame: no\r\n"), Not(HasSubstr("IIS")),
                                           ContainsRegex("\r\nDate: [A-Z][a-z][a-z], .* GMT\r\n")));
}

TEST(Routes, LimitBodies) {
  for (const std::string& request :
       {post(11),
        "POST /a HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n"
        "b\r\n01234567890\r\n0\r\n\r\n"s}) {
    SCOPED_TRACE(request);
    Lab lab;
    first_route(lab).max_body = 10;
    Wire client = lab.connect();
    client.send(request);
    EXPECT_THAT(client.receive_all(), AllOf(StartsWith("HTTP/1.1 413"), HasSubstr("close\r\n")));
  }
  Lab lab;
  first_route(lab).max_body = 10;
  Wire client = lab.connect();
  client.send(post(10) + "0123456789");
  EXPECT_THAT(lab.upstream.accept().receive_until("0123456789"), EndsWith("0123456789"));
}

TEST(Routes, WaitAsLongAsTheySay) {
  Lab lab;
  Gate patient{turn_of(lab.worker.loop)};
  lab.add_route("/patient", patient);
  lab.be_impatient();
  first_route(lab).timeouts.response = kLong;
  Wire waits = lab.connect();
  waits.send("GET /patient HTTP/1.1\r\nHost: a\r\n\r\n");
  Wire slow = patient.accept();
  Wire client = lab.connect();
  client.send(kGet);
  EXPECT_THAT(client.receive_head(), StartsWith("HTTP/1.1 504"));
  slow.receive_head();
  slow.send("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nab");
  EXPECT_THAT(waits.receive_until("ab"), StartsWith("HTTP/1.1 200"));
  EXPECT_EQ(waits.end(), End::reset);  // between bytes the short limit counts
}

TEST(Routes, LimitHeadsInBothDirections) {
  Lab lab;
  lab.listener.limits = {2048, 20};
  const std::string big = "X: " + std::string(2048, 'x') + "\r\n";
  std::string many;
  for (int i = 0; i < 20; ++i) {
    many += "X: 1\r\n";
  }
  for (const std::string& fields : {big, many}) {
    Wire client = lab.connect();
    client.send("GET /a HTTP/1.1\r\nHost: a\r\n" + fields + "\r\n");
    EXPECT_THAT(client.receive_all(), StartsWith("HTTP/1.1 431"));
    Wire other = lab.connect();
    other.send(kGet);
    Wire server = lab.upstream.accept();
    server.receive_head();
    server.send("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n" + fields + "X: 1\r\n\r\n");
    EXPECT_THAT(other.receive_head(), StartsWith("HTTP/1.1 502"));
  }
}

TEST(Routes, TakeHeadsOverABlockWhenAllowed) {
  Lab lab;
  lab.listener.limits = {std::size_t{300} * 1024, 128};
  const std::string big = "X: " + std::string(std::size_t{200} * 1024, 'x') + "\r\n";
  Wire client = lab.connect();
  client.send("POST /a HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\n" + big + "\r\nabc");
  Wire server = lab.upstream.accept();
  EXPECT_THAT(server.receive_until("\r\nabc"), HasSubstr(big));
  server.send("HTTP/1.1 200 OK\r\nContent-Length: 3\r\n" + big + "\r\ndef");
  EXPECT_THAT(client.receive_until("\r\ndef"), HasSubstr(big));
}

TEST(ClientFacts, AreOursUnlessTheClientIsTrusted) {
  for (const bool trusted : {false, true}) {
    SCOPED_TRACE(trusted);
    Lab lab;
    lab.listener.forwarded = true;
    if (trusted) {
      lab.listener.trusted_sources = {*config_network("192.0.2.0/24")};
    }
    Wire client = lab.connect();
    client.send(
        "GET /a HTTP/1.1\r\nHost: m.test\r\nX-Forwarded-For: 203.0.113.9\r\nX-ARR-SSL: 1\r\n"
        "X-ARR-ClientCert: MII\r\nClient-Cert: :MII=:\r\nX-Forwarded-Proto: ftp\r\n"
        "X-Request-Id: mine\r\n\r\n");
    const std::string head = lab.upstream.accept().receive_head();
    EXPECT_EQ(head.find("MII") != std::string::npos, trusted);
    EXPECT_EQ(head.find("X-ARR-SSL") != std::string::npos, trusted);
    EXPECT_THAT(head, HasSubstr(trusted ? "X-Forwarded-For: 203.0.113.9, 192.0.2.1\r\n"
                                        : "X-Forwarded-For: 192.0.2.1\r\n"));
    EXPECT_THAT(head,
                HasSubstr(trusted ? "X-Forwarded-Proto: ftp" : "X-Forwarded-Proto: http\r\n"));
    EXPECT_THAT(head, ContainsRegex("X-Forwarded-Port: [1-9][0-9]*\r\n"));
    EXPECT_THAT(head, HasSubstr("Forwarded: for=192.0.2.1;host=\"m.test\";proto=http\r\n"));
    EXPECT_THAT(head, HasSubstr("X-Request-Id: mine\r\n"));
  }
}

TEST(ClientFacts, NameEachRequest) {
  Lab lab;
  Wire client = lab.connect();
  client.send(kGet);
  Wire server = lab.upstream.accept();
  const auto id = [](const std::string& head) {
    const auto at = head.find("X-Request-Id: ");
    return head.substr(at, head.find('\r', at) - at);
  };
  const std::string first = id(server.receive_head());
  EXPECT_THAT(first, ContainsRegex("X-Request-Id: [0-9a-f]+-1$"));
  server.send(kEmptyOk);
  client.receive_head();
  client.send(kGet);
  EXPECT_NE(id(server.receive_head()), first);
}

TEST(ProxyProtocol, TellsWhoTheClientIs) {
  Lab lab;
  lab.listener.proxy_protocol = true;
  lab.listener.trusted_sources = {*config_network("192.0.2.1")};
  Wire client = lab.connect();
  client.send("PROXY TCP4 203.0.113.9 192.0.2.80 4711 8443\r\n" + kGet);
  EXPECT_THAT(lab.upstream.accept().receive_head(),
              AllOf(HasSubstr("X-Forwarded-For: 203.0.113.9\r\n"),
                    HasSubstr("X-Forwarded-Port: 8443\r\n"), Not(HasSubstr("PROXY"))));
  Wire without = lab.connect();
  without.send(kGet);
  EXPECT_EQ(without.receive_all(), "");
  EXPECT_THAT(lab.metrics.scrape(), HasSubstr("kind=\"proxy_header_missing\"} 1"));
  // Nobody else may claim to be someone: it is no HTTP then.
  lab.listener.trusted_sources = {*config_network("192.0.2.2")};
  Wire stranger = lab.connect();
  stranger.send("PROXY TCP4 203.0.113.9 192.0.2.80 4711 8443\r\n" + kGet);
  EXPECT_THAT(stranger.receive_all(), StartsWith("HTTP/1.1 400"));
  EXPECT_TRUE(lab.upstream.deserted());
}

}  // namespace
}  // namespace chainmend::session::testing
