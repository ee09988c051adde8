// The smallest configuration that a new user writes must leave alone what Exchange keeps open: the
// minutes pass by the deadlines' clock, not by the test's.
#include <gmock/gmock.h>

#include <algorithm>

#include "config/config.h"
#include "proxy/serving/make_route.h"
#include "tests/proxy/session/lab.h"

namespace chainmend::session::testing {
namespace {

using std::chrono::minutes;
using ::testing::HasSubstr;
using ::testing::StartsWith;

// A listener with `upstream` alone, as in the README.
const std::string kSmallest = R"(
certificates:
  mail: { pfx: mail.pfx, password_file: mail.pass }
listeners:
  - { name: exchange, listen: 0.0.0.0:443, certificates: [mail], upstream: cas }
upstreams:
  cas: { servers: [https://10.0.0.11, https://10.0.0.12] }
)";

class LongPoll : public ::testing::Test {
 protected:
  LongPoll() {
    const auto config = config::parse(kSmallest, "chainmend.yaml");
    EXPECT_TRUE(config);
    lab_.listener.routes.clear();
    for (const config::Route& from : config->listeners.front().routes) {
      serving::Route route = serving::make_route(from);
      route.upstream = lab_.groups.front().get();
      route.metrics = &lab_.metrics.route("web", from.text());
      lab_.listener.routes.push_back(std::move(route));
    }
    std::ranges::sort(lab_.listener.routes, serving::says_more);
  }

  // Nothing happens for that long, as far as deadlines can tell.
  void pass(minutes time) {
    client_.silent();  // what has been sent so far has pushed its deadline
    lab_.worker.loop.deadlines.sweep(net::Clock::now() + time);
    EXPECT_TRUE(client_.silent());
  }
  Wire begin(const std::string& request) {
    client_.send(request);
    Wire server = lab_.upstream.accept();
    server.receive_head();
    return server;
  }

  Lab lab_;
  Wire client_ = lab_.connect();
};

TEST_F(LongPoll, APingIsAnsweredAfterTenMinutes) {
  Wire server = begin(
      "POST /Microsoft-Server-ActiveSync?Cmd=Ping HTTP/1.1\r\nHost: a\r\nContent-Length: "
      "0\r\n\r\n");
  pass(minutes(10));
  server.send(ok("changes"));
  EXPECT_THAT(client_.receive_until("changes"), StartsWith("HTTP/1.1 200"));
}

// The server says something at least every few minutes (ConnectionTimeout is up to 30).
TEST_F(LongPoll, AStreamOfEventsGoesOnForThirtyFiveMinutes) {
  Wire server = begin("POST /EWS/Exchange.asmx HTTP/1.1\r\nHost: a\r\nContent-Length: 0\r\n\r\n");
  server.send("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n");
  client_.receive_head();
  for (int i = 0; i < 7; ++i) {
    pass(minutes(5));
    server.send("5\r\nevent\r\n");
    EXPECT_THAT(client_.receive_until("event\r\n"), HasSubstr("event"));
  }
}

// Both channels of Outlook Anywhere are one message each, for as long as Outlook runs; between
// packets there is at least a ping in every MinConnTimeout, 120 s and more (MS-RPCH 2.1.2.1.1).
TEST_F(LongPoll, TheChannelsOfOutlookAnywhereStayOpen) {
  Wire out =
      begin("RPC_OUT_DATA /rpc/rpcproxy.dll HTTP/1.1\r\nHost: a\r\nContent-Length: 0\r\n\r\n");
  out.send("HTTP/1.1 200 OK\r\nContent-Length: 1073741824\r\n\r\n");
  client_.receive_head();
  for (int i = 0; i < 3; ++i) {
    pass(minutes(10));
    out.send("packet");
    EXPECT_EQ(client_.receive(6), "packet");
  }
  client_ = lab_.connect();
  Wire in = begin(
      "RPC_IN_DATA /rpc/rpcproxy.dll HTTP/1.1\r\nHost: a\r\nContent-Length: 1073741824\r\n\r\n");
  for (int i = 0; i < 3; ++i) {
    pass(minutes(10));
    client_.send("packet");
    EXPECT_EQ(in.receive(6), "packet");
  }
}

}  // namespace
}  // namespace chainmend::session::testing
