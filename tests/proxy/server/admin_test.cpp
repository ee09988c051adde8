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
using ::testing::Not;
using ::testing::StartsWith;

struct AdminTest : ::testing::Test {
  AdminTest() {
    auto sockets = open_listening_sockets({"127.0.0.1", 0}, 1, Sharing::exclusive);
    port = bound_port(sockets->front().get());
    admin.emplace(
        loop, std::move(sockets->front()),
        AdminPages{[] { return "metric 1\n"; }, [] { return "{}\n"; }, [this] { return ready; },
                   [] { return "[]\n"; }, [this] { return access; },
                   [this](std::string_view path, std::string_view query) -> std::optional<Page> {
                     if (path != "/lamp") {
                       return std::nullopt;
                     }
                     lamp = query;
                     return Page{.body = "changed\n"};
                   }});
  }
  Wire connect() { return Wire::connect(port, turn_of(loop)); }
  // The answer to a request that names this host.
  std::string ask_as(const std::string& host, const std::string& request_line = "GET /metrics",
                     const std::string& more = "") {
    Wire wire = connect();
    wire.send(request_line + " HTTP/1.1\r\nHost: " + host + "\r\nConnection: close\r\n" + more +
              "\r\n");
    return wire.receive_all();
  }
  // The whole answer to one request on a connection of its own.
  std::string ask(const std::string& request_line, const std::string& more = "") {
    Wire wire = connect();
    wire.send(request_line + " HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n" + more +
              "\r\n");
    return wire.receive_all();
  }

  net::Loop loop;
  std::uint16_t port = 0;
  bool ready = true;
  AdminAccess access;
  std::string lamp;
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

// A web site can point a name of its own at 127.0.0.1, but not an address, and not our names.
TEST_F(AdminTest, IsAskedByAddressOrByNameOfItsOwn) {
  access.hosts = {"chainmend.contoso.com", "*.lab.test"};
  for (const char* const host :
       {"127.0.0.1", "127.0.0.1:9465", "[::1]:9465", "10.0.0.5", "localhost", "LOCALHOST:80",
        "chainmend.contoso.com", "Chainmend.Contoso.com.", "a.lab.test:9465"}) {
    EXPECT_THAT(ask_as(host), StartsWith("HTTP/1.1 200")) << host;
  }
  for (const char* const host : {"evil.test", "evil.test:9465", "127.0.0.1.evil.test",
                                 "localhost.evil.test", "lab.test", "contoso.com"}) {
    EXPECT_THAT(ask_as(host), AllOf(StartsWith("HTTP/1.1 421 Misdirected Request\r\n"),
                                    HasSubstr("admin.hosts"), Not(HasSubstr("metric"))))
        << host;
  }
  Wire wire = connect();
  wire.send("GET /healthz HTTP/1.0\r\n\r\n");  // a load balancer that knows no Host
  EXPECT_THAT(wire.receive_all(), StartsWith("HTTP/1.1 200"));
}

TEST_F(AdminTest, TakesChangesFromThisMachine) {
  EXPECT_THAT(ask("POST /lamp?on"), AllOf(StartsWith("HTTP/1.1 200"), EndsWith("changed\n")));
  EXPECT_EQ(lamp, "?on");
  EXPECT_THAT(ask("POST /nowhere"), StartsWith("HTTP/1.1 404"));
  EXPECT_THAT(ask("GET /lamp?off"), StartsWith("HTTP/1.1 404"));
  EXPECT_THAT(ask("PUT /lamp?off"), StartsWith("HTTP/1.1 405"));
  EXPECT_EQ(lamp, "?on");
}

TEST_F(AdminTest, TakesNoChangesFromWebPages) {
  for (const char* const field :
       {"Origin: http://evil.test\r\n", "Origin: null\r\n", "Sec-Fetch-Site: cross-site\r\n",
        "Sec-Fetch-Site: same-site\r\n"}) {
    EXPECT_THAT(ask("POST /lamp?on", field), StartsWith("HTTP/1.1 403")) << field;
  }
  EXPECT_THAT(ask_as("evil.test", "POST /lamp?on"), StartsWith("HTTP/1.1 421"));
  EXPECT_EQ(lamp, "");
}

// The status page: whoever may look at it from this machine may not change something without a
// word.
TEST_F(AdminTest, TakesChangesFromBrowsersWithTheTokenAlone) {
  const std::string browser = "Origin: http://127.0.0.1:1\r\nSec-Fetch-Site: same-origin\r\n";
  EXPECT_THAT(ask_as("127.0.0.1:1", "POST /lamp?on", browser),
              AllOf(StartsWith("HTTP/1.1 403"), HasSubstr("admin.token_file")));
  access.token = "0123456789abcdef";
  EXPECT_THAT(ask_as("127.0.0.1:1", "POST /lamp?on", browser), StartsWith("HTTP/1.1 401"));
  EXPECT_EQ(lamp, "");
  const std::string right = "Authorization: Bearer 0123456789abcdef\r\n";
  EXPECT_THAT(ask_as("127.0.0.1:1", "POST /lamp?on", browser + right), StartsWith("HTTP/1.1 200"));
  EXPECT_THAT(ask_as("127.0.0.1:1", "POST /lamp?off", "Sec-Fetch-Site: cross-site\r\n" + right),
              StartsWith("HTTP/1.1 403"));
  EXPECT_EQ(lamp, "?on");
}

// A proxy on this machine that says for whom it asks makes a caller from elsewhere.
TEST_F(AdminTest, AsksCallersFromElsewhereForTheToken) {
  const std::string elsewhere = "X-Forwarded-For: 192.0.2.1\r\n";
  EXPECT_THAT(ask("GET /status", elsewhere), StartsWith("HTTP/1.1 200"));
  EXPECT_THAT(ask("POST /lamp?on", elsewhere),
              AllOf(StartsWith("HTTP/1.1 403"), HasSubstr("admin.token_file")));
  access.token = "0123456789abcdef";
  for (const char* const wrong :
       {"", "Authorization: Bearer 0123456789abcdeX\r\n", "Authorization: Bearer \r\n",
        "Authorization: Bearer 0123456789abcdef0\r\n",
        "Authorization: Basic 0123456789abcdef\r\n"}) {
    EXPECT_THAT(ask("GET /status", elsewhere + wrong),
                AllOf(StartsWith("HTTP/1.1 401"), HasSubstr("WWW-Authenticate: Bearer"),
                      Not(HasSubstr("{}"))))
        << wrong;
    EXPECT_THAT(ask("POST /lamp?on", elsewhere + wrong), StartsWith("HTTP/1.1 401")) << wrong;
  }
  EXPECT_EQ(lamp, "");
  EXPECT_THAT(ask("GET /healthz", elsewhere), StartsWith("HTTP/1.1 200"));
  EXPECT_THAT(ask("GET /status"), StartsWith("HTTP/1.1 200"));
  const std::string right = "Authorization: bearer 0123456789abcdef\r\n";
  EXPECT_THAT(ask("GET /status", elsewhere + right), StartsWith("HTTP/1.1 200"));
  EXPECT_THAT(ask("POST /lamp?on", elsewhere + right), StartsWith("HTTP/1.1 200"));
}

TEST_F(AdminTest, AnswersSeveralRequestsOnOneConnection) {
  Wire wire = connect();
  const std::string get = "GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n";
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
  EXPECT_THAT(connect().receive_all(), StartsWith("HTTP/1.1 503"));
  open.clear();
  EXPECT_TRUE(net::testing::turn_until(
      turn_of(loop), [this] { return ask("GET /healthz").starts_with("HTTP/1.1 200"); }));
}

}  // namespace
}  // namespace chainmend::server
