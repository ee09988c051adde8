// The life of a client's connection: what it may send next, which link it gets, when it ends.
#include <gmock/gmock.h>

#include "tests/proxy/session/lab.h"

namespace chainmend::session::testing {
namespace {

using ::testing::AllOf;
using ::testing::EndsWith;
using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::StartsWith;

// One request and its answer, after which the link is kept; gives the server's end of it.
Wire warm_up(Lab& lab, Wire& client, const std::string& request = kGet) {
  client.send(request);
  Wire server = lab.upstream.accept();
  server.receive_head();
  server.send(kEmptyOk);
  client.receive_head();
  return server;
}

TEST(HttpSession, AnswersPipelinedRequestsInTheirOrder) {
  Lab lab;
  Gate other{turn_of(lab.worker.loop)};
  lab.add_route("/other", other);
  Wire client = lab.connect();
  client.send(post(3) + "abcGET /other/x HTTP/1.1\r\nHost: a\r\n\r\n" + kGet);
  Wire first = lab.upstream.accept();
  EXPECT_THAT(first.receive_until("\nabc"), StartsWith("POST /a"));
  EXPECT_TRUE(other.deserted());
  first.send(ok("one"));
  Wire second = other.accept();
  EXPECT_THAT(second.receive_head(), StartsWith("GET /other/x"));
  second.send(ok("two"));
  EXPECT_THAT(first.receive_head(), StartsWith("GET /a"));  // which waited in the pool meanwhile
  first.send(ok("three"));
  EXPECT_THAT(client.receive_until("three"), AllOf(HasSubstr("one"), HasSubstr("two")));
}

TEST(HttpSession, AsksAgainWhenAReusedLinkHasDied) {
  Lab lab;
  Wire client = lab.connect();
  Wire stale = warm_up(lab, client);
  client.send(kGet);
  stale.receive_head();
  stale.reset();  // as servers do whose keep-alive ran out while the request was on its way
  Wire fresh = lab.upstream.accept();
  EXPECT_THAT(fresh.receive_head(), StartsWith("GET /a"));
  fresh.reset();  // the second time it is the server's fault
  EXPECT_THAT(client.receive_head(), StartsWith("HTTP/1.1 502"));
  EXPECT_TRUE(lab.upstream.deserted());
  EXPECT_EQ(lab.failures("reset"), 1);
}

TEST(HttpSession, NeverAsksTwiceWhatMayHaveBeenDone) {
  for (const std::string& request :
       {post(0), std::string("PUT /a HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\n\r\nabc"),
        std::string("POST /a HTTP/1.1\r\nHost: a\r\n\r\n")}) {
    SCOPED_TRACE(request);
    Lab lab;
    Wire client = lab.connect();
    Wire stale = warm_up(lab, client);
    client.send(request);
    stale.receive_head();
    stale.reset();
    EXPECT_THAT(client.receive_head(), StartsWith("HTTP/1.1 502"));
    EXPECT_TRUE(lab.upstream.deserted());
  }
}

TEST(HttpSession, ConnectsAnewWhenTheLinkEndedBetweenRequests) {
  Lab lab;
  Wire client = lab.connect();
  warm_up(lab, client).close();
  EXPECT_TRUE(client.silent());
  client.send(post(3) + "abc");  // nothing was sent on the old one, so any request may go
  EXPECT_THAT(lab.upstream.accept().receive_until("\nabc"), StartsWith("POST /a"));
}

TEST(HttpSession, DropsALinkOnWhichTheServerSpokeUnasked) {
  Lab lab;
  Wire client = lab.connect();
  Wire server = warm_up(lab, client);
  server.send(ok("not yours"));
  EXPECT_TRUE(client.silent());
  client.send(kGet);
  Wire fresh = lab.upstream.accept();
  fresh.receive_head();
  fresh.send(ok("yours"));
  EXPECT_THAT(client.receive_until("yours"), Not(HasSubstr("not")));
}

const std::string kNtlmGet =
    "GET /a HTTP/1.1\r\nHost: a\r\nAuthorization: NTLM TlRMTVNTUAAB\r\n\r\n";

TEST(HttpSession, EndsWithTheLinkThatCarriesItsIdentity) {
  Lab lab;
  Wire client = lab.connect();
  warm_up(lab, client, kNtlmGet).close();
  EXPECT_TRUE(client.silent());
  client.send(kGet);
  EXPECT_EQ(client.receive_all(), "");
  EXPECT_TRUE(lab.upstream.deserted());  // nobody is asked as a stranger
}

TEST(HttpSession, AnnouncesTheEndWhenTheServerClosesAPinnedLink) {
  Lab lab;
  Wire client = lab.connect();
  client.send(kNtlmGet);
  Wire server = lab.upstream.accept();
  server.receive_head();
  server.send("HTTP/1.1 200 OK\r\nContent-Length: 0\r\nConnection: close\r\n\r\n");
  EXPECT_THAT(client.receive_all(), HasSubstr("Connection: close\r\n"));
}

TEST(HttpSession, EndsIdleConnectionsAtOnceAndBusyOnesAfterTheirAnswerWhenItDrains) {
  Lab lab;
  Wire busy = lab.connect();
  busy.send(kGet + kGet);  // the second one is not begun any more
  Wire server = lab.upstream.accept();
  server.receive_head();
  Wire idle = lab.connect();
  Wire kept = warm_up(lab, idle);
  EXPECT_TRUE(idle.silent());
  lab.worker.drain();
  EXPECT_EQ(idle.end(), End::fin);
  EXPECT_EQ(kept.end(), End::fin);
  server.send(ok("last"));
  EXPECT_THAT(busy.receive_all(), AllOf(HasSubstr("Connection: close\r\n"), EndsWith("last")));
  EXPECT_EQ(server.receive_all(), "");
  busy.close();
  EXPECT_TRUE(lab.all_over());
}

TEST(HttpSession, LetsTheFirstRequestOfANewConnectionInWhenItDrains) {
  Lab lab;
  Wire fresh = lab.connect();
  EXPECT_TRUE(fresh.silent());
  lab.worker.drain();
  EXPECT_TRUE(fresh.silent());
  fresh.send(kGet);
  Wire server = lab.upstream.accept();
  server.receive_head();
  server.send(ok("yours"));
  EXPECT_THAT(fresh.receive_all(), AllOf(HasSubstr("Connection: close\r\n"), EndsWith("yours")));
}

TEST(HttpSession, AnswersALateHeadAndLeavesASilentClientWithoutAWord) {
  Lab lab;
  lab.listener.timeouts.head = kShort;
  Wire silent = lab.connect();
  Wire slow = lab.connect();
  slow.send("GET /a HT");
  EXPECT_THAT(slow.receive_all(), StartsWith("HTTP/1.1 408"));
  EXPECT_EQ(silent.receive_all(), "");
  lab.listener.timeouts.keep_alive = kShort;
  lab.listener.timeouts.head = kLong;
  Wire idle = lab.connect();
  warm_up(lab, idle);
  EXPECT_EQ(idle.receive_all(), "");
}

TEST(HttpSession, PassesOnWhatIsAskedAboutTheServerAsAWhole) {
  Lab lab;
  Wire client = lab.connect();
  client.send("OPTIONS * HTTP/1.1\r\nHost: a\r\n\r\n");
  EXPECT_THAT(lab.upstream.accept().receive_head(), StartsWith("OPTIONS * HTTP/1.1\r\n"));
}

TEST(HttpSession, RefusesWhatItCannotParseWithoutAskingAnyone) {
  Lab lab;
  Wire client = lab.connect();
  client.send(
      "POST /a HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\nTransfer-Encoding: "
      "chunked\r\n\r\n0\r\n\r\n" +
      kGet);
  EXPECT_THAT(client.receive_all(), AllOf(StartsWith("HTTP/1.1 400"), Not(HasSubstr("200"))));
  EXPECT_TRUE(lab.upstream.deserted());
}

// The head's time is over while a dead server is tried; what follows has its own.
TEST(HttpSession, DoesNotCountConnectingAgainstTheClient) {
  Lab lab;
  lab.listener.timeouts.head = kShort;
  Gate hanging{turn_of(lab.worker.loop)};
  auto& group = *lab.groups.front();
  group.handshake_timeout = kShort * 3;
  tls::ClientSetup setup;
  setup.policy = *tls::find_builtin_policy("intermediate");
  auto dead = lab.peer(hanging);
  dead.tls = *tls::ClientContext::create(setup);  // and it never says a word
  group.peers.insert(group.peers.begin(), dead);
  Wire client = lab.connect();
  client.send(post(6) + "abc");
  Wire server = lab.upstream.accept();
  EXPECT_THAT(server.receive_until("\nabc"), EndsWith("abc"));
  EXPECT_TRUE(client.silent());
  client.send("def");
  EXPECT_EQ(server.receive(3), "def");
  server.send(ok("done"));
  EXPECT_THAT(client.receive_until("done"), StartsWith("HTTP/1.1 200"));
}

// Closing with unread bytes makes the kernel reset, and forget what the client has not fetched yet.
TEST(HttpSession, GetsItsLastWordsThroughToAClientThatHasSentMore) {
  Lab lab;
  Wire client = lab.connect(4096);
  client.send("GET /a HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n");
  Wire server = lab.upstream.accept();
  server.receive_head();
  client.send("\r\n");  // as old browsers do behind a body
  server.send(ok(std::string(500'000, 'x')));
  // All of the answer is on its way when the link is free again.
  EXPECT_TRUE(turn_until(turn_of(lab.worker.loop), [&] { return lab.worker.pool.size() == 1; }));
  EXPECT_THAT(client.receive_head(), HasSubstr("200 OK"));
  EXPECT_EQ(client.receive_all().size(), 500'000);
}

}  // namespace
}  // namespace chainmend::session::testing
