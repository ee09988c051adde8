// Worker with its real thread: what a publication changes, and for whom.
#include "proxy/server/worker.h"

#include <gmock/gmock.h>

#include <future>
#include <latch>

#include "config/values.h"
#include "proxy/upstream/common.h"
#include "tests/proxy/metrics/scraped.h"
#include "tests/proxy/net/wire.h"

namespace chainmend::server {
namespace {

using net::testing::Gate;
using net::testing::turn_until;
using net::testing::Wire;
using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;
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
    group->common = std::make_shared<upstream::Common>(metrics.upstream("u"));
    group->connect_timeout = std::chrono::seconds(30);
    group->keep_alive.per_server = kept_per_server;
    group->peers.push_back({behind, nullptr, ""});
    auto listener = std::make_unique<serving::Listener>();
    listener->name = name;
    listener->metrics = &metrics.listener(name);
    listener->max_connections = listener_connections;
    serving::Route route{"/", group.get(), &metrics.route(name, "/")};
    route.timeouts = {{}, {}, kLong, kLong, kLong};
    listener->routes.push_back(std::move(route));
    made->upstreams["u"] = std::move(group);
    made->listeners.push_back(std::move(listener));
    made->max_connections = max_connections;
    made->limits = limits;
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
  double count(const std::string& name, const std::string& label) {
    double sum = 0;
    for (const auto& [series, value] : metrics::scrape(metrics)) {
      if (series.starts_with("chainmend_" + name + "{") && series.find(label) != series.npos) {
        sum += value;
      }
    }
    return sum;
  }
  double rejected(const std::string& reason) {
    return count("connections_rejected_total", "reason=\"" + reason + "\"");
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
  std::optional<std::size_t> listener_connections;
  config::Limits limits{.per_source = {}};
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

// What the kernel has accepted, a client takes for connected: it is served, though its listener
// goes with the publication that is already under way.
TEST_F(WorkerTest, ServesAConnectionThatComesTogetherWithTheEndOfItsListener) {
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
  ASSERT_TRUE(turn_until(let_others_work, [this] { return totals.admission.open_now() == 0; }));
  publish("web");
  held.wait();
  Wire client = connect();
  publish_closed("another");
  release.count_down();
  serve(client);
  EXPECT_EQ(accepted("web"), 2);
  EXPECT_TRUE(refused());
}

TEST_F(WorkerTest, AnswersTheFirstRequestOfAConnectionThatComesTogetherWithADrain) {
  std::latch held{1};
  std::latch release{1};
  publish_open("web", [&] {
    held.count_down();
    release.wait();
  });
  {
    Wire before = connect();
    serve(before);
  }
  ASSERT_TRUE(turn_until(let_others_work, [this] { return totals.admission.open_now() == 0; }));
  publish("web");
  held.wait();
  Wire client = connect();
  client.send(kGet);
  worker->drain();
  EXPECT_GT(totals.retiring.value(), 0);
  release.count_down();
  Wire server = upstream.accept();
  server.receive_head();
  server.send(kOk);
  EXPECT_THAT(client.receive_all(), HasSubstr("Connection: close\r\n"));
  EXPECT_TRUE(turn_until(let_others_work, [this] { return totals.retiring.value() == 0; }));
}

TEST_F(WorkerTest, SaysThatConnectionsEndBeforeItEndsThem) {
  publish_open("web");
  Wire idle = connect();
  Wire link = serve(idle);
  worker->announce_end();
  Wire young = connect();
  for (Wire* client : {&young, &idle}) {
    client->send(kGet);
    Wire server = client == &idle ? std::move(link) : upstream.accept();
    server.receive_head();
    server.send(kOk);
    EXPECT_THAT(client->receive_all(), HasSubstr("Connection: close\r\n"));
  }
}

TEST_F(WorkerTest, NamesWhatIsStillOpen) {
  publish_open("web");
  Wire busy = connect();
  busy.send("POST /EWS/Exchange.asmx?secret=1 HTTP/1.1\r\nHost: a\r\nContent-Length: 0\r\n\r\n");
  Wire server = upstream.accept();
  server.receive_head();
  std::promise<std::vector<std::string>> told;
  worker->describe_connections(
      10, [&told](std::vector<std::string> lines) { told.set_value(std::move(lines)); });
  const auto lines = told.get_future().get();
  ASSERT_EQ(lines.size(), 1);
  EXPECT_THAT(lines[0], HasSubstr("at web: POST /EWS/Exchange.asmx"));
  EXPECT_THAT(lines[0], Not(HasSubstr("secret")));
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
  EXPECT_EQ(totals.admission.open_now(), 1);
  server.send(kOk);
  EXPECT_THAT(busy.receive_all(), HasSubstr("Connection: close\r\n"));
  busy.close();
  EXPECT_TRUE(turn_until(let_others_work, [this] { return totals.admission.open_now() == 0; }));
}

TEST_F(WorkerTest, TellsWhoeverIsOverTheLimitSo) {
  max_connections = 1;
  publish_open("web");
  Wire busy = connect();
  busy.send(kGet);
  Wire server = upstream.accept();
  server.receive_head();
  Wire late = connect();
  late.send(kGet);
  EXPECT_THAT(late.receive_all(),
              AllOf(StartsWith("HTTP/1.1 503"), HasSubstr("Connection: close\r\n")));
  EXPECT_EQ(rejected("max_connections"), 1);
  server.send(kOk);
  EXPECT_THAT(busy.receive_head(), StartsWith("HTTP/1.1 200"));
  busy.close();
  late.close();
  EXPECT_TRUE(turn_until(let_others_work, [this] { return totals.admission.open_now() == 0; }));
  Wire next = connect();
  serve(next);
}

TEST_F(WorkerTest, GivesThePlaceOfTheLongestIdleConnectionToANewOne) {
  max_connections = 2;
  limits.per_source = {};
  publish_open("web");
  Wire oldest = connect();
  Wire server = serve(oldest);
  Wire younger = connect();
  Wire other = serve(younger);
  Wire newcomer = connect();
  Wire third = serve(newcomer);
  EXPECT_EQ(oldest.end(), End::fin);
  EXPECT_TRUE(younger.silent());
  EXPECT_EQ(rejected("max_connections"), 0);
  EXPECT_EQ(count("connections_cut_total", "reason=\"idle\""), 1);
}

TEST_F(WorkerTest, ServesOneSourceNoMoreThanItsShare) {
  limits.per_source = {.count = 2};
  publish_open("web");
  std::vector<Wire> busy;
  std::vector<Wire> servers;
  for (int i = 0; i < 2; ++i) {
    busy.push_back(connect());
    busy.back().send(kGet);
    servers.push_back(upstream.accept());
    servers.back().receive_head();
  }
  Wire late = connect();
  late.send(kGet);
  EXPECT_THAT(late.receive_all(), StartsWith("HTTP/1.1 503"));
  EXPECT_EQ(rejected("per_source"), 1);
  limits.exempt = {*config::parse_network("127.0.0.0/8")};
  publish("exempt");
  Wire exempt = connect();
  serve(exempt);
  EXPECT_EQ(rejected("per_source"), 1);
}

TEST_F(WorkerTest, LetsASourceOpenOnlySoManyConnectionsAtOnce) {
  limits.new_per_second = 1;
  limits.burst = 3;
  publish_open("web");
  std::vector<Wire> open;
  std::vector<Wire> servers;
  for (int i = 0; i < 3; ++i) {
    open.push_back(connect());
    servers.push_back(serve(open.back()));
  }
  Wire fourth = connect();
  fourth.send(kGet);
  EXPECT_THAT(fourth.receive_all(), StartsWith("HTTP/1.1 503"));
  EXPECT_EQ(rejected("new_per_second"), 1);
}

TEST_F(WorkerTest, KeepsAListenerToItsShare) {
  listener_connections = 1;
  publish_open("web");
  Wire busy = connect();
  busy.send(kGet);
  Wire server = upstream.accept();
  server.receive_head();
  Wire late = connect();
  late.send(kGet);
  EXPECT_THAT(late.receive_all(), StartsWith("HTTP/1.1 503"));
  EXPECT_EQ(rejected("listener_connections"), 1);
}

// A descriptor of this number means that so many are in use.
TEST_F(WorkerTest, LeavesTheLastDescriptorsToOthers) {
  publish_open("web");
  totals.admission.set_descriptor_limit(1);
  Wire late = connect();
  EXPECT_THAT(late.receive_all(), StartsWith("HTTP/1.1 503"));
  EXPECT_EQ(rejected("no_descriptors"), 1);
  totals.admission.set_descriptor_limit(0);
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
  EXPECT_EQ(totals.admission.open_now(), 0);
}

}  // namespace
}  // namespace chainmend::server
