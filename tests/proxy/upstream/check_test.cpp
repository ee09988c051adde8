#include "proxy/upstream/check.h"

#include <gmock/gmock.h>

#include <boost/asio/co_spawn.hpp>

#include "proxy/metrics/metrics.h"
#include "tests/proxy/net/wire.h"

namespace chainmend::upstream {
namespace {

using config::HealthType;
using metrics::CheckOutcome;
using net::testing::Gate;
using net::testing::turn_of;
using net::testing::turn_until;
using net::testing::Wire;
using ::testing::HasSubstr;

struct CheckTest : ::testing::Test {
  CheckTest() {
    group.health.emplace();
    group.health->timeout = std::chrono::seconds(30);
    Peer& peer = group.peers.emplace_back();
    peer.server = std::make_shared<Server>(Address{"s", "127.0.0.1", gate.port()},
                                           metrics.upstream_server("u", "s"));
    peer.server_name = "cas.test";
  }
  ~CheckTest() override { loop.io.stop(); }

  void start(Scopes scope = kWhole) {
    boost::asio::co_spawn(loop.io, check(loop, group, group.peers.front(), scope),
                          [this](const std::exception_ptr&, CheckResult r) { result = r; });
  }
  CheckResult end() {
    EXPECT_TRUE(turn_until(turn_of(loop), [&] { return result.has_value(); }));
    return *result;
  }
  // What becomes of a check whose server says this and leaves.
  CheckResult answered(const std::string& answer) {
    result.reset();
    start();
    Wire wire = gate.accept();
    if (group.health->type == HealthType::http) {
      asked = wire.receive_head();
    }
    wire.send(answer);
    wire.finish_writing();
    return end();
  }

  metrics::Metrics metrics{{"test", "test"}};
  net::Loop loop;
  Gate gate{turn_of(loop)};
  Upstream group;
  std::optional<CheckResult> result;
  std::string asked;
};

TEST_F(CheckTest, AsksForThePathAndTakesAGoodStatus) {
  group.health->path = "/up?deep=1";
  EXPECT_TRUE(answered("HTTP/1.1 204 No Content\r\n\r\n").ok());
  EXPECT_THAT(asked, HasSubstr("GET /up?deep=1 HTTP/1.1\r\nHost: cas.test\r\n"));
  EXPECT_THAT(asked, HasSubstr("Connection: close\r\n"));
  EXPECT_TRUE(answered("HTTP/1.1 302 Found\r\nContent-Length: 0\r\n\r\n").ok());
}

TEST_F(CheckTest, AsksEachDirectoryOfExchangeForItsPage) {
  group.health->host = "mail.test";
  start(scope_of(config::ExchangeDirectory::activesync));
  Wire wire = gate.accept();
  asked = wire.receive_head();
  EXPECT_THAT(asked, HasSubstr("GET /microsoft-server-activesync/healthcheck.htm HTTP/1.1\r\n"));
  EXPECT_THAT(asked, HasSubstr("Host: mail.test\r\n"));
  wire.send("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n");
  EXPECT_TRUE(end().ok());
}

TEST_F(CheckTest, SaysWhichStatusCameToWhat) {
  const CheckResult bad = answered("HTTP/1.1 503 Service Unavailable\r\nContent-Length: 0\r\n\r\n");
  EXPECT_EQ(bad.outcome, CheckOutcome::status);
  EXPECT_EQ(bad.detail, "answered 503 to GET /");
  group.health->expect.status = {{200, 200}, {500, 599}};
  EXPECT_TRUE(answered("HTTP/1.1 503 X\r\nContent-Length: 0\r\n\r\n").ok());
  EXPECT_EQ(answered("HTTP/1.1 204 X\r\n\r\n").outcome, CheckOutcome::status);
}

TEST_F(CheckTest, LooksForTheFieldAndTheBody) {
  group.health->expect.header_name = "X-State";
  group.health->expect.header_value = "up";
  EXPECT_TRUE(answered("HTTP/1.1 200 OK\r\nx-state: is up\r\nContent-Length: 0\r\n\r\n").ok());
  EXPECT_EQ(answered("HTTP/1.1 200 OK\r\nX-State: down\r\nContent-Length: 0\r\n\r\n").outcome,
            CheckOutcome::header);
  EXPECT_EQ(answered("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n").outcome, CheckOutcome::header);
  group.health->expect = {};
  group.health->expect.body = "ready";
  EXPECT_TRUE(answered("HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nall ready.").ok());
  EXPECT_TRUE(answered("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
                       "3\r\nrea\r\n2\r\ndy\r\n0\r\n\r\n")
                  .ok());
  EXPECT_TRUE(answered("HTTP/1.1 200 OK\r\n\r\nready").ok());
  EXPECT_EQ(answered("HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nbad").outcome,
            CheckOutcome::body);
}

TEST_F(CheckTest, ReadsNoEndlessBody) {
  group.health->expect.body = "ready";
  EXPECT_EQ(answered("HTTP/1.1 200 OK\r\n\r\n" + std::string(200'000, 'x') + "ready").outcome,
            CheckOutcome::body);
}

TEST_F(CheckTest, KnowsThatHeadHasNoBody) {
  group.health->method = "HEAD";
  EXPECT_TRUE(answered("HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n").ok());
}

TEST_F(CheckTest, TellsGarbageFromSilence) {
  EXPECT_EQ(answered("SSH-2.0-OpenSSH\r\n\r\n").outcome, CheckOutcome::protocol);
  EXPECT_EQ(answered("").outcome, CheckOutcome::closed);
  EXPECT_EQ(answered("HTTP/1.1 20").outcome, CheckOutcome::closed);
}

TEST_F(CheckTest, GivesUpOnAServerThatSaysNothing) {
  group.health->timeout = std::chrono::milliseconds(200);
  start();
  Wire wire = gate.accept();
  EXPECT_EQ(end().outcome, CheckOutcome::timeout);
}

TEST_F(CheckTest, SaysThatNobodyListens) {
  gate.close();
  start();
  const CheckResult bad = end();
  EXPECT_EQ(bad.outcome, CheckOutcome::connect);
  EXPECT_THAT(bad.detail, HasSubstr("refused"));
}

TEST_F(CheckTest, OfTcpIsContentWithAConnection) {
  group.health->type = HealthType::tcp;
  start();
  Wire wire = gate.accept();
  EXPECT_TRUE(end().ok());
}

TEST_F(CheckTest, OfTcpSaysItsPartAndListens) {
  group.health->type = HealthType::tcp;
  group.health->send = "PING\r\n";
  group.health->expect.body = "+PONG";
  start();
  Wire wire = gate.accept();
  EXPECT_EQ(wire.receive(6), "PING\r\n");
  wire.send("+PO");
  wire.send("NG\r\n");
  EXPECT_TRUE(end().ok());
  EXPECT_EQ(answered("-ERR\r\n").outcome, CheckOutcome::body);
}

}  // namespace
}  // namespace chainmend::upstream
