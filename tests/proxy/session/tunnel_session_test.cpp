// Connections that carry bytes and not messages: after an upgrade, and in mode tcp.
#include <gmock/gmock.h>

#include "tests/proxy/session/lab.h"

namespace chainmend::session::testing {
namespace {

using ::testing::HasSubstr;

const std::string kUpgrade =
    "GET /a HTTP/1.1\r\nHost: a\r\nConnection: upgrade\r\nUpgrade: websocket\r\n\r\n";
const std::string kSwitching =
    "HTTP/1.1 101 Switching Protocols\r\nConnection: upgrade\r\nUpgrade: websocket\r\n\r\n";

TEST(Upgrade, CarriesBytesBothWaysThoseWithTheHeadsIncluded) {
  Lab lab;
  Wire client = lab.connect();
  client.send(kUpgrade + "ping");
  Wire server = lab.upstream.accept();
  EXPECT_THAT(server.receive_head(), HasSubstr("websocket"));
  server.send(kSwitching + "hello");
  EXPECT_THAT(client.receive_until("hello"), HasSubstr("101"));
  EXPECT_EQ(server.receive(4), "ping");
}

TEST(Upgrade, DeliversWhatTheServerSaysLastToASlowClient) {
  Lab lab;
  Wire client = lab.connect(4096);
  client.send(kUpgrade);
  Wire server = lab.upstream.accept();
  server.receive_head();
  server.send(kSwitching);
  client.receive_head();
  client.finish_writing();
  EXPECT_EQ(server.end(), End::fin);
  server.send(std::string(500'000, 'x'));
  server.close();
  EXPECT_TRUE(lab.all_over());  // for us it is; the kernel still has most of it
  EXPECT_EQ(client.receive_all().size(), 500'000);
  EXPECT_EQ(client.end(), End::fin);
}

TEST(TcpSession, EndsEachDirectionByItself) {
  Lab lab;
  lab.listener.mode = config::Mode::tcp;
  Wire client = lab.connect();
  Wire server = lab.upstream.accept();
  client.send("question");
  client.finish_writing();
  EXPECT_EQ(server.receive_all(), "question");
  server.send("answer");
  server.close();
  EXPECT_EQ(client.receive_all(), "answer");
  EXPECT_EQ(client.end(), End::fin);
  EXPECT_TRUE(lab.all_over());
}

TEST(TcpSession, PassesAResetOnAsOne) {
  Lab lab;
  lab.listener.mode = config::Mode::tcp;
  Wire client = lab.connect();
  Wire server = lab.upstream.accept();
  server.send("half of it");
  client.receive(10);
  server.reset();
  EXPECT_EQ(client.end(), End::reset);

  Wire leaving = lab.connect();
  Wire left = lab.upstream.accept();
  left.send("x");
  leaving.receive(1);
  leaving.reset();
  EXPECT_EQ(left.end(), End::reset);
}

TEST(TcpSession, EndsWhenNobodySpeaksForTooLong) {
  Lab lab;
  lab.listener.mode = config::Mode::tcp;
  lab.be_impatient();
  Wire client = lab.connect();
  Wire server = lab.upstream.accept();
  EXPECT_NE(client.end(), End::none);
  EXPECT_NE(server.end(), End::none);
  EXPECT_TRUE(lab.all_over());
}

}  // namespace
}  // namespace chainmend::session::testing
