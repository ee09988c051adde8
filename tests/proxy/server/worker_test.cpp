// Worker with its real thread: what a publication changes, and for whom.
#include "proxy/server/worker.h"

#include <gmock/gmock.h>

#include <latch>

#include "tests/proxy/metrics/scraped.h"
#include "tests/proxy/net/wire.h"

namespace chainmend::server {
namespace {

using net::testing::Gate;
using net::testing::turn_until;
using net::testing::Wire;
using ::testing::HasSubstr;
using ::testing::StartsWith;
using End = Wire::End;

const std::string kGet = "GET / HTTP/1.1\r\nHost: a\r\n\r\n";
const std::string kOk = "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n";

constexpr std::chrono::milliseconds kLong{30'000};

void let_others_work() { std::this_thread::sleep_for(std::chrono::milliseconds(2)); }

struct WorkerTest : ::testing::Test {
  WorkerTest() {
    auto sockets = open_listening_sockets({"127.0.0.1", 0}, 1, Sharing::among_ourselves);
    socket = std::move(sockets->front());
    port = bound_port(socket.get());
  }

  // A state with one plain listener of this name. on_end runs when nobody uses it any more.
  serving::ServingStatePtr state(const std::string& name, std::function<void()> on_end = [] {}) {
    auto made = std::make_unique<serving::ServingState>();
    auto group = std::make_unique<upstream::Upstream>();
    group->name = "u";
    group->connect_timeout = std::chrono::seconds(30);
    group->keep_alive.per_server = kept_per_server;
    group->peers.push_back({behind, nullptr, ""});
    auto listener = std::make_unique<serving::Listener>();
    listener->name = name;
    listener->metrics = &metrics.listener(name);
    serving::Route route{"/", group.get(), &metrics.route(name, "/")};
    route.timeouts = {{}, {}, kLong, kLong, kLong};
    listener->routes.push_back(std::move(route));
    made->upstreams["u"] = std::move(group);
    made->listeners.push_back(std::move(listener));
    made->max_connections = max_connections;
    return {made.release(), [on_end](const serving::ServingState* s) {
              delete s;
              on_end();
            }};
  }
  void publish_open(const std::string& name, std::function<void()> on_end = [] {}) {
    Publication publication;
    publication.state = state(name, std::move(on_end));
    publication.opened.push_back({"socket", std::move(socket)});
    publication.listeners["socket"] = name;
    worker->publish(std::move(publication));
  }
  void publish(const std::string& name) {
    Publication publication;
    publication.state = state(name);
    publication.listeners["socket"] = name;
    worker->publish(std::move(publication));
  }
  void publish_closed(const std::string& name) {
    Publication publication;
    publication.state = state(name);
    publication.closed.push_back("socket");
    worker->publish(std::move(publication));
  }
  Wire connect() { return Wire::connect(port, let_others_work); }
  bool refused() {
    return turn_until(let_others_work, [this] {
      boost::asio::io_context io;
      boost::asio::ip::tcp::socket probe(io);
      boost::system::error_code error;
      probe.connect({boost::asio::ip::address_v4::loopback(), port}, error);
      return error == boost::asio::error::connection_refused;
    });
  }
  // One request and its answer.
  Wire serve(Wire& client) {
    client.send(kGet);
    Wire server = upstream.accept();
    server.receive_head();
    server.send(kOk);
    EXPECT_THAT(client.receive_head(), StartsWith("HTTP/1.1 200"));
    return server;
  }
  double accepted(const std::string& listener) {
    return metrics::scrape(metrics)["chainmend_connections_total{listener=\"" + listener + "\"}"];
  }

  metrics::Metrics metrics{{"test", "test"}};
  logs::Log log{{.level = logs::Level::error}};
  logs::HandshakeLog handshakes{log};
  clients::KnownClients clients;
  Totals totals;
  Gate upstream{let_others_work};
  FileDescriptor socket;
  std::uint16_t port = 0;
  std::size_t max_connections = 100;
  std::size_t kept_per_server = 0;  // each client has a connection of its own
  std::shared_ptr<upstream::Server> behind = std::make_shared<upstream::Server>(
      upstream::Address{"u", "127.0.0.1", upstream.port()}, metrics.upstream_server("u", "u"));
  std::unique_ptr<Worker> worker =
      std::make_unique<Worker>(session::Services{metrics, log, handshakes, clients}, totals);
};

TEST_F(WorkerTest, ServesOldConnectionsByTheOldStateAndNewOnesByTheNew) {
  std::atomic<bool> gone = false;
  publish_open("before", [&] { gone = true; });
  Wire old = connect();
  Wire old_server = serve(old);
  publish("after");
  Wire young = connect();
  Wire young_server = serve(young);
  EXPECT_EQ(accepted("before"), 1);
  EXPECT_EQ(accepted("after"), 1);
  old.send(kGet);
  EXPECT_THAT(old_server.receive_head(), StartsWith("GET / "));
  EXPECT_FALSE(gone);
  old.close();
  old_server.send(kOk);
  EXPECT_TRUE(turn_until(let_others_work, [&] { return gone.load(); }));
}

TEST_F(WorkerTest, KeepsPooledConnectionsToServersThatANewStateStillNames) {
  kept_per_server = 4;
  publish_open("before");
  Wire client = connect();
  Wire pooled = serve(client);
  publish("after");
  Wire young = connect();
  young.send(kGet);
  EXPECT_THAT(pooled.receive_head(), StartsWith("GET / "));
  pooled.send(kOk);
  EXPECT_THAT(young.receive_head(), StartsWith("HTTP/1.1 200"));
  EXPECT_EQ(accepted("after"), 1);
  kept_per_server = 0;
  publish("without a pool");
  EXPECT_EQ(pooled.end(), Wire::End::fin);
}

TEST_F(WorkerTest, KeepsConnectionsWhenTheirListenerCloses) {
  publish_open("web");
  Wire client = connect();
  Wire server = serve(client);
  publish_closed("another");
  EXPECT_TRUE(refused());
  client.send(kGet);
  EXPECT_THAT(server.receive_head(), StartsWith("GET / "));
  server.send(kOk);
  EXPECT_THAT(client.receive_head(), StartsWith("HTTP/1.1 200"));
}

// A connection can be accepted for a listener that a publication, already under way, takes away.
TEST_F(WorkerTest, ClosesAConnectionThatComesTogetherWithTheEndOfItsListener) {
  std::latch held{1};
  std::latch release{1};
  publish_open("web", [&] {  // runs on the worker's thread when it lets go of this state
    held.count_down();
    release.wait();
  });
  {
    Wire before = connect();
    serve(before);
  }
  ASSERT_TRUE(turn_until(let_others_work, [this] { return totals.open_connections.value() == 0; }));
  publish("web");
  held.wait();
  Wire client = connect();
  publish_closed("another");
  release.count_down();
  EXPECT_NE(client.end(), End::none);
}

TEST_F(WorkerTest, DrainsWithoutCuttingARequestShort) {
  publish_open("web");
  Wire idle = connect();
  Wire link = serve(idle);
  Wire busy = connect();
  busy.send(kGet);
  Wire server = upstream.accept();
  server.receive_head();
  worker->drain();
  EXPECT_EQ(idle.end(), End::fin);
  EXPECT_TRUE(refused());
  EXPECT_EQ(totals.open_connections.value(), 1);
  server.send(kOk);
  EXPECT_THAT(busy.receive_all(), HasSubstr("Connection: close\r\n"));
  busy.close();
  EXPECT_TRUE(turn_until(let_others_work, [this] { return totals.open_connections.value() == 0; }));
}

TEST_F(WorkerTest, ClosesWhatIsOverTheLimitAtOnce) {
  max_connections = 1;
  publish_open("web");
  Wire first = connect();
  Wire server = serve(first);
  EXPECT_NE(connect().end(), End::none);
  EXPECT_THAT(metrics.scrape(), HasSubstr("reason=\"max_connections\"} 1"));
  first.close();
  EXPECT_TRUE(turn_until(let_others_work, [this] { return totals.open_connections.value() == 0; }));
  Wire next = connect();
  serve(next);
}

TEST_F(WorkerTest, DropsOpenConnectionsWhenItIsDestroyed) {
  publish_open("web");
  Wire client = connect();
  client.send(kGet);
  Wire server = upstream.accept();
  server.receive_head();
  worker.reset();
  EXPECT_NE(client.end(), End::none);
  EXPECT_NE(server.end(), End::none);
  EXPECT_EQ(totals.open_connections.value(), 0);
}

}  // namespace
}  // namespace chainmend::server
