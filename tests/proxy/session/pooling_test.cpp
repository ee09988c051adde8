// Who gets which upstream connection: shared when it is nobody's, never when it is somebody's.
#include <gmock/gmock.h>

#include "tests/proxy/session/lab.h"

namespace chainmend::session::testing {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::StartsWith;

std::string get(const std::string& fields) {
  return "GET /a HTTP/1.1\r\nHost: a\r\n" + fields + "\r\n";
}

// One request over a new link, and this answer to it; gives the server's end.
Wire serve_on_new_link(Lab& lab, Wire& client, const std::string& request,
                       const std::string& answer = kEmptyOk) {
  client.send(request);
  Wire server = lab.upstream.accept();
  server.receive_head();
  server.send(answer);
  client.receive_head();
  return server;
}

// True when the next request of a stranger comes on this link.
bool is_given_to_others(Lab& lab, Wire& server) {
  Wire stranger = lab.connect();
  stranger.send(get("X-From: stranger\r\n"));
  const bool on_it = turn_until(turn_of(lab.worker.loop),
                                [&] { return !server.silent() || !lab.upstream.deserted(); });
  EXPECT_TRUE(on_it);
  return !server.silent();
}

TEST(Pooling, LetsOthersHaveALinkThatIsNobodys) {
  for (const char* fields :
       {"", "Authorization: Basic dTpw\r\n", "Authorization: Bearer x.y\r\nCookie: a=b\r\n",
        "Authorization: Digest username=u\r\n"}) {
    SCOPED_TRACE(fields);
    Lab lab;
    Wire client = lab.connect();
    Wire server = serve_on_new_link(lab, client, get(fields));
    EXPECT_TRUE(client.silent());
    EXPECT_EQ(lab.worker.pool.size(), 1U);
    EXPECT_TRUE(is_given_to_others(lab, server));
  }
}

TEST(Pooling, KeepsALinkThatMayCarryAnIdentityForItsClient) {
  const std::pair<const char*, const char*> cases[] = {
      {"Authorization: NTLM TlRM\r\n", ""},
      {"Authorization: negotiate YII=\r\n", ""},
      {"Authorization: Kerberos YII=\r\n", ""},
      {"Proxy-Authorization: NTLM TlRM\r\n", ""},
      {"Authorization: Custom x\r\n", ""},  // who knows
      {"", "WWW-Authenticate: NTLM\r\n"},
      {"", "WWW-Authenticate: Basic realm=\"x\", Negotiate\r\n"},
      {"", "Persistent-Auth: true\r\n"},
  };
  for (const auto& [request_field, answer_field] : cases) {
    SCOPED_TRACE(std::string(request_field) + answer_field);
    Lab lab;
    Wire client = lab.connect();
    Wire server = serve_on_new_link(
        lab, client, get(request_field),
        "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n" + std::string(answer_field) + "\r\n");
    EXPECT_TRUE(client.silent());
    EXPECT_EQ(lab.worker.pool.size(), 0U);
    client.send(kGet);  // without any sign of it, and still the same link
    EXPECT_THAT(server.receive_head(), StartsWith("GET /a"));
    server.send(kEmptyOk);
    client.receive_head();
    client.close();  // and after its client nobody gets it
    EXPECT_EQ(server.end(), End::fin);
    EXPECT_EQ(lab.worker.pool.size(), 0U);
  }
}

TEST(Pooling, TakesALinkOfThePoolForItselfWhenAnIdentityComes) {
  Lab lab;
  Wire one = lab.connect();
  Wire server = serve_on_new_link(lab, one, kGet);
  EXPECT_TRUE(one.silent());
  Wire two = lab.connect();
  two.send(get("Authorization: NTLM TlRM\r\n"));
  EXPECT_THAT(server.receive_head(), HasSubstr("NTLM"));
  server.send(kEmptyOk);
  two.receive_head();
  one.send(kGet);  // which was the first to use it
  Wire fresh = lab.upstream.accept();
  EXPECT_THAT(fresh.receive_head(), StartsWith("GET /a"));
  EXPECT_TRUE(server.silent());
}

TEST(Pooling, KeepsNothingWhenToldSo) {
  Lab lab;
  lab.groups.front()->keep_alive.per_server = 0;
  Wire client = lab.connect();
  Wire server = serve_on_new_link(lab, client, kGet);
  EXPECT_TRUE(client.silent());
  EXPECT_EQ(lab.worker.pool.size(), 0U);
  client.send(kGet);  // still its own
  EXPECT_THAT(server.receive_head(), StartsWith("GET /a"));
}

TEST(Pooling, KeepsALinkThatSaysWhoseItIs) {
  Lab lab;
  lab.groups.front()->proxy_header = net::ProxyVersion::v1;
  Wire client = lab.connect();
  client.send(kGet);
  Wire server = lab.upstream.accept();
  EXPECT_THAT(server.receive_head(), AllOf(StartsWith("PROXY TCP4 192.0.2.1 127.0.0.1 50123 "),
                                           HasSubstr("\r\nGET /a HTTP/1.1\r\n")));
  server.send(kEmptyOk);
  client.receive_head();
  EXPECT_TRUE(client.silent());
  EXPECT_EQ(lab.worker.pool.size(), 0U);
}

TEST(Pooling, AsksAgainOverANewLinkWhenThePooledOneHasDied) {
  Lab lab;
  Wire one = lab.connect();
  Wire two = lab.connect();
  // Two links wait, and both are dead by the time a request is on its way.
  one.send(kGet);
  Wire first = lab.upstream.accept();
  first.receive_head();
  Wire second = serve_on_new_link(lab, two, kGet);
  first.send(kEmptyOk);
  one.receive_head();
  EXPECT_TRUE(two.silent());
  EXPECT_EQ(lab.worker.pool.size(), 2U);
  Wire client = lab.connect();
  client.send(kGet);
  first.receive_head();
  first.reset();
  Wire fresh = lab.upstream.accept();
  fresh.receive_head();
  fresh.send(ok("fresh"));
  EXPECT_THAT(client.receive_until("fresh"), StartsWith("HTTP/1.1 200"));
  EXPECT_TRUE(second.silent());
}

TEST(Pooling, ClosesTheIdleClientWhenTheLinkOfItsIdentityEnds) {
  Lab lab;
  Wire client = lab.connect();
  serve_on_new_link(lab, client, get("Authorization: NTLM TlRM\r\n")).close();
  EXPECT_EQ(client.end(), End::fin);
}

// A client that only was asked for its identity has none on the link yet; see http_exchange_test
// for what that is good for.
TEST(Pooling, ClosesTheClientWhenTheLinkOfItsIdentityBreaksDuringAnExchange) {
  Lab lab;
  Wire client = lab.connect();
  Wire server = serve_on_new_link(lab, client, get("Authorization: NTLM TlRM\r\n"));
  client.send(kGet);
  server.receive_head();
  server.reset();
  EXPECT_THAT(client.receive_all(), Not(HasSubstr("200")));
  EXPECT_TRUE(lab.upstream.deserted());
}

}  // namespace
}  // namespace chainmend::session::testing
