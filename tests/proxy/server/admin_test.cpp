#include "proxy/server/admin.h"

#include <gmock/gmock.h>

#include <optional>

#include "tests/proxy/net/wire.h"

namespace chainmend::server {
namespace {

using net::testing::turn_of;
using net::testing::Wire;
using ::testing::AllOf;
using ::testing::EndsWith;
using ::testing::HasSubstr;
using ::testing::StartsWith;

struct AdminTest : ::testing::Test {
  AdminTest() {
    auto sockets = open_listening_sockets({"127.0.0.1", 0}, 1, Sharing::exclusive);
    port = bound_port(sockets->front().get());
    admin.emplace(loop, std::move(sockets->front()),
                  AdminPages{[] { return "metric 1\n"; }, [] { return "{}\n"; },
                             [this] { return ready; }, [] { return "[]\n"; }});
  }
  Wire connect() { return Wire::connect(port, turn_of(loop)); }
  // The whole answer to one request on a connection of its own.
  std::string ask(const std::string& request_line, const std::string& more = "") {
    Wire wire = connect();
    wire.send(request_line + " HTTP/1.1\r\nHost: a\r\nConnection: close\r\n" + more + "\r\n");
    return wire.receive_all();
  }

  net::Loop loop;
  std::uint16_t port = 0;
  bool ready = true;
  std::optional<Admin> admin;
};

TEST_F(AdminTest, ServesItsPages) {
  EXPECT_THAT(ask("GET /metrics"),
              AllOf(StartsWith("HTTP/1.1 200 OK\r\n"),
                    HasSubstr("Content-Type: text/plain; version=0.0.4"), EndsWith("metric 1\n")));
  EXPECT_THAT(ask("GET /status?x"), AllOf(HasSubstr("application/json"), EndsWith("\r\n\r\n{}\n")));
  EXPECT_THAT(ask("GET /clients"), AllOf(HasSubstr("application/json"), EndsWith("\r\n\r\n[]\n")));
  EXPECT_THAT(ask("GET /healthz"), AllOf(StartsWith("HTTP/1.1 200"), EndsWith("ok\n")));
  EXPECT_THAT(ask("GET /etc/passwd"), StartsWith("HTTP/1.1 404"));
  EXPECT_THAT(ask("HEAD /healthz"),
              AllOf(HasSubstr("Content-Length: 3\r\n"), EndsWith("\r\n\r\n")));
}

TEST_F(AdminTest, IsReadyWhenTheServerSaysSo) {
  EXPECT_THAT(ask("GET /readyz"), StartsWith("HTTP/1.1 200"));
  ready = false;
  EXPECT_THAT(ask("GET /readyz"), StartsWith("HTTP/1.1 503"));
  EXPECT_THAT(ask("GET /healthz"), StartsWith("HTTP/1.1 200"));
}

TEST_F(AdminTest, OnlyTells) {
  EXPECT_THAT(ask("POST /status"), AllOf(StartsWith("HTTP/1.1 405"), HasSubstr("Allow: GET")));
  EXPECT_EQ(ask("POST /status", "Content-Length: 3\r\n"), "");  // no word to one who sends a body
  EXPECT_EQ(ask("nonsense"), "");
}

TEST_F(AdminTest, AnswersSeveralRequestsOnOneConnection) {
  Wire wire = connect();
  const std::string get = "GET /healthz HTTP/1.1\r\nHost: a\r\n\r\n";
  wire.send(get + get);
  wire.receive_until("ok\n");
  EXPECT_THAT(wire.receive_until("ok\n"), StartsWith("HTTP/1.1 200"));
  wire.send(get);
  EXPECT_THAT(wire.receive_until("ok\n"), StartsWith("HTTP/1.1 200"));
}

TEST_F(AdminTest, TakesOnlySoManyConnections) {
  std::vector<Wire> open;
  for (std::size_t i = 0; i < PageServer::kMaxConnections; ++i) {
    open.push_back(connect());
  }
  EXPECT_NE(connect().end(), Wire::End::none);
  open.clear();
  EXPECT_TRUE(net::testing::turn_until(
      turn_of(loop), [this] { return ask("GET /healthz").starts_with("HTTP/1.1 200"); }));
}

}  // namespace
}  // namespace chainmend::server
