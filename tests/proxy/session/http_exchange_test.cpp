// One request and its answer, in the orders that real clients and servers seldom choose.
#include <gmock/gmock.h>

#include "tests/proxy/session/lab.h"

namespace chainmend::session::testing {
namespace {

using ::testing::AllOf;
using ::testing::EndsWith;
using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::StartsWith;

TEST(HttpExchange, BringsAnEarlyAnswerWhileTheUploadGoesOn) {
  Lab lab;
  Wire client = lab.connect();
  client.send(post(6) + "abc");
  Wire server = lab.upstream.accept();
  EXPECT_THAT(server.receive_until("\nabc"), StartsWith("POST /a HTTP/1.1\r\n"));
  server.send(ok("early"));
  EXPECT_THAT(client.receive_until("early"), StartsWith("HTTP/1.1 200"));
  client.send("def");
  EXPECT_EQ(server.receive(3), "def");
  client.send(kGet);  // both messages are whole, so both connections live on
  EXPECT_THAT(server.receive_head(), StartsWith("GET /a HTTP/1.1\r\n"));
}

const std::string kExpectingPost = post(10, "Expect: 100-continue\r\n");
const std::string kUnauthorized =
    "HTTP/1.1 401 Unauthorized\r\nWWW-Authenticate: NTLM\r\nContent-Length: 0\r\n\r\n";

TEST(HttpExchange, GoesOnWithAClientThatWithholdsTheBodyAfterAFinalAnswer) {
  for (const std::string before : {"", "HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n"}) {
    for (const std::string& next : {kGet, post(3) + "abc"}) {
      SCOPED_TRACE(before + next);
      Lab lab;
      Wire client = lab.connect();
      client.send(kExpectingPost);
      Wire server = lab.upstream.accept();
      server.receive_head();
      server.send(before + kUnauthorized);
      EXPECT_THAT(client.receive_until("401 Unauthorized\r\n") + client.receive_head(),
                  Not(HasSubstr("close")));
      client.send(next);
      // The old server may still expect the body: nothing else is sent there.
      Wire fresh = lab.upstream.accept();
      EXPECT_THAT(fresh.receive_head(), StartsWith(next.substr(0, next.find('\r'))));
      EXPECT_EQ(server.receive_all(), "");
    }
  }
}

TEST(HttpExchange, DropsTheBodyThatComesAfterAFinalAnswerAllTheSame) {
  for (const bool chunked : {false, true}) {
    SCOPED_TRACE(chunked);
    Lab lab;
    Wire client = lab.connect();
    client.send(chunked ? "POST /a HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n"
                          "Expect: 100-continue\r\n\r\n"
                        : kExpectingPost);
    Wire server = lab.upstream.accept();
    server.receive_head();
    server.send(kUnauthorized);
    client.receive_head();
    client.send((chunked ? "a\r\n0123456789\r\n0\r\n\r\n" : "0123456789") + kGet);
    Wire fresh = lab.upstream.accept();
    EXPECT_THAT(fresh.receive_head(), StartsWith("GET /a"));
    EXPECT_EQ(server.receive_all(), "");
  }
}

TEST(HttpExchange, EndsWithTheLinkWhenABodyIsWithheldInTheMidstOfAuthentication) {
  Lab lab;
  Wire client = lab.connect();
  client.send(post(10, "Expect: 100-continue\r\nAuthorization: NTLM TlRM\r\n"));
  Wire server = lab.upstream.accept();
  server.receive_head();
  server.send(kUnauthorized);
  client.send(kGet);
  EXPECT_THAT(client.receive_all(), AllOf(StartsWith("HTTP/1.1 401"), HasSubstr("close\r\n")));
  EXPECT_TRUE(lab.upstream.deserted());
}

TEST(HttpExchange, KeepsAClientWhoseExpectationItRefusesItself) {
  Lab lab;
  lab.listener.routes.front().max_body = 9;
  Wire client = lab.connect();
  client.send(kExpectingPost);
  EXPECT_THAT(client.receive_head(), AllOf(StartsWith("HTTP/1.1 413"), Not(HasSubstr("close"))));
  client.receive_until("\n");
  client.send(kGet);
  EXPECT_THAT(lab.upstream.accept().receive_head(), StartsWith("GET /a"));
}

TEST(HttpExchange, AsksForTheBodyInASilentServersSteadWhenToldSo) {
  Lab lab;
  lab.listener.routes.front().continue_after = kShort;
  Wire client = lab.connect();
  client.send(kExpectingPost);
  Wire server = lab.upstream.accept();
  server.receive_head();
  EXPECT_EQ(client.receive_head(), "HTTP/1.1 100 Continue\r\n\r\n");
  client.send("0123456789");
  EXPECT_EQ(server.receive(10), "0123456789");
  server.send("HTTP/1.1 100 Continue\r\n\r\n" + ok("done"));  // which was said already
  EXPECT_THAT(client.receive_until("done"), StartsWith("HTTP/1.1 200"));
}

// Nobody writes to that client for an hour: the death must be seen all the same.
TEST(HttpExchange, LetsGoOfTheServerWhenTheWaitingClientDies) {
  Lab lab;
  Wire client = lab.connect();
  client.send(kGet);
  Wire server = lab.upstream.accept();
  server.receive_head();
  client.reset();
  EXPECT_EQ(server.receive_all(), "");
  EXPECT_TRUE(lab.all_over());
  EXPECT_EQ(lab.failures("timeout") + lab.failures("reset"), 0);
}

TEST(HttpExchange, AnswersAClientThatHasOnlyFinishedWriting) {
  Lab lab;
  Wire client = lab.connect();
  client.send(kGet);
  client.finish_writing();
  Wire server = lab.upstream.accept();
  server.receive_head();
  lab.worker.loop.deadlines.sweep(net::Clock::now() + std::chrono::seconds(2));  // looks for it
  EXPECT_TRUE(server.silent());
  server.send(ok("for you"));
  EXPECT_THAT(client.receive_until("for you"), StartsWith("HTTP/1.1 200"));
}

TEST(HttpExchange, PassesTheWithheldBodyOnWhenTheServerAsksForIt) {
  Lab lab;
  Wire client = lab.connect();
  client.send(post(4, "Expect: 100-continue\r\n"));
  Wire server = lab.upstream.accept();
  EXPECT_THAT(server.receive_head(), HasSubstr("100-continue"));
  server.send("HTTP/1.1 100 Continue\r\n\r\n");
  EXPECT_THAT(client.receive_head(), StartsWith("HTTP/1.1 100"));
  client.send("body");
  EXPECT_EQ(server.receive(4), "body");
  server.send(ok("done"));
  EXPECT_THAT(client.receive_until("done"), Not(HasSubstr("Connection: close")));
}

TEST(HttpExchange, GivesUpOnAServerThatSendsOnlyInterimAnswers) {
  Lab lab;
  Wire client = lab.connect();
  client.send(kGet);
  Wire server = lab.upstream.accept();
  server.receive_head();
  for (int i = 0; i < 40; ++i) {
    server.send("HTTP/1.1 103 Early Hints\r\n\r\n");
  }
  EXPECT_THAT(client.receive_until("502 Bad Gateway\r\n"), EndsWith("502 Bad Gateway\r\n"));
  EXPECT_EQ(lab.failures("protocol"), 1);
}

// What a client can take for a whole answer must be one.
TEST(HttpExchange, AbortsTowardsTheClientWhenTheAnswerIsCutOff) {
  for (const std::string answer :
       {"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nabc",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\nnonsense\r\n"}) {
    SCOPED_TRACE(answer);
    Lab lab;
    Wire client = lab.connect();
    client.send(
        "GET /a HTTP/1.0\r\n\r\n");  // 1.0: the end of the body is the end of the connection
    Wire server = lab.upstream.accept();
    server.receive_head();
    server.send(answer);
    EXPECT_THAT(client.receive_until("\nabc"), EndsWith("\r\n\r\nabc"));
    server.close();
    EXPECT_EQ(client.end(), End::reset);
    EXPECT_EQ(lab.failures("reset"), 1);
  }
}

TEST(HttpExchange, TakesTheEndOfTheConnectionForTheEndOfABodyWithoutLength) {
  Lab lab;
  Wire client = lab.connect();
  client.send(kGet);
  Wire server = lab.upstream.accept();
  server.receive_head();
  server.send("HTTP/1.1 200 OK\r\n\r\nabc");
  server.close();
  EXPECT_THAT(client.receive_until("\r\n0\r\n\r\n"), EndsWith("3\r\nabc\r\n0\r\n\r\n"));
  client.send(kGet);
  EXPECT_THAT(lab.upstream.accept().receive_head(), StartsWith("GET /a"));
}

TEST(HttpExchange, Answers408WhenTheUploadStallsAnd504WhenTheServerDoes) {
  Lab lab;
  lab.be_impatient();
  Wire stalling = lab.connect();
  stalling.send(post(6) + "abc");
  Wire server = lab.upstream.accept();
  EXPECT_THAT(stalling.receive_all(), AllOf(StartsWith("HTTP/1.1 408"), HasSubstr("close\r\n")));
  EXPECT_THAT(server.receive_all(), EndsWith("abc"));
  EXPECT_EQ(lab.failures("timeout"), 0);

  Wire waiting = lab.connect();
  waiting.send(post(6) + "abcdef");
  Wire silent_server = lab.upstream.accept();
  EXPECT_THAT(waiting.receive_head(), StartsWith("HTTP/1.1 504"));
  EXPECT_EQ(lab.failures("timeout"), 1);
}

TEST(HttpExchange, Answers504WhenTheServerDoesNotTakeTheUpload) {
  Lab lab;
  lab.be_impatient();
  Wire client = lab.connect();
  constexpr std::size_t kMuch = 16'000'000;
  client.send(post(kMuch));
  Wire server = lab.upstream.accept();
  client.send(std::string(kMuch, 'x'));  // more than all buffers hold
  EXPECT_THAT(client.receive_head(), StartsWith("HTTP/1.1 504"));
}

TEST(HttpExchange, Answers400WhenTheUploadBreaksOffOrIsNonsense) {
  for (const std::string body : {"5\r\nab", "nonsense\r\n"}) {
    SCOPED_TRACE(body);
    Lab lab;
    Wire client = lab.connect();
    client.send("POST /a HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n");
    Wire server = lab.upstream.accept();
    server.receive_head();
    client.send(body);
    client.finish_writing();
    EXPECT_THAT(client.receive_all(), StartsWith("HTTP/1.1 400"));
    server.receive_all();  // and it has not been told that the body is whole:
    EXPECT_EQ(lab.failures("reset") + lab.failures("timeout"), 0);
  }
}

TEST(HttpExchange, EndsTheUpstreamRequestWhenTheClientResetsItsUpload) {
  Lab lab;
  Wire client = lab.connect();
  client.send(post(6) + "abc");
  Wire server = lab.upstream.accept();
  server.receive_until("\nabc");
  client.reset();
  EXPECT_EQ(server.receive_all(), "");
  EXPECT_TRUE(lab.all_over());
}

TEST(HttpExchange, BringsTheReasonOfAServerThatClosesDuringTheUpload) {
  Lab lab;
  Wire client = lab.connect();
  client.send(post(10) + "abc");
  Wire server = lab.upstream.accept();
  server.receive_until("\nabc");
  server.send("HTTP/1.1 413 Too Large\r\nContent-Length: 3\r\nConnection: close\r\n\r\nbig");
  server.finish_writing();
  EXPECT_THAT(client.receive_until("big"), StartsWith("HTTP/1.1 413"));
  server.close();
  client.send("defghij" + kGet);  // the rest is for nobody, but what follows it is a request again
  EXPECT_THAT(lab.upstream.accept().receive_head(), StartsWith("GET /a"));
}

}  // namespace
}  // namespace chainmend::session::testing
