// Lab: a listener of one worker, its upstreams and its clients, all on the test's thread.
#pragma once

#include <gtest/gtest.h>

#include <boost/asio/co_spawn.hpp>
#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "config/values.h"
#include "proxy/session/serve.h"
#include "tests/proxy/metrics/scraped.h"
#include "tests/proxy/net/wire.h"

namespace chainmend::session::testing {

using net::testing::Gate;
using net::testing::turn_of;
using net::testing::turn_until;
using net::testing::Wire;
using End = Wire::End;

inline constexpr std::chrono::milliseconds kShort{300};
inline constexpr std::chrono::milliseconds kLong{30'000};

class Lab {
 public:
  // A route from "/" to this->upstream. What a test wants otherwise it sets before it connects.
  Lab() {
    listener.name = "web";
    listener.timeouts = {kLong, kLong, kLong, kLong, kLong, kLong, kLong};
    listener.metrics = &metrics.listener("web");
    add_route("/", upstream);
  }
  ~Lab() { worker.loop.io.stop(); }
  Lab(const Lab&) = delete;
  Lab& operator=(const Lab&) = delete;

  void add_route(const std::string& prefix, Gate& gate) {
    auto group = std::make_unique<upstream::Upstream>();
    group->name = "servers of " + prefix;
    group->common = std::make_shared<upstream::Common>(metrics.upstream(group->name));
    group->connect_timeout = group->handshake_timeout = kLong;
    group->peers.push_back(peer(gate));
    serving::Route route{prefix, group.get(), &metrics.route("web", prefix)};
    route.timeouts = {{}, {}, kLong, kLong, kLong};
    listener.routes.insert(listener.routes.begin(), std::move(route));
    groups.push_back(std::move(group));
  }
  // Of waiting for an answer and for more of either message.
  void be_impatient() {
    for (serving::Route& route : listener.routes) {
      route.timeouts = {{}, {}, kShort, kShort, kShort};
    }
  }
  upstream::Peer peer(const Gate& gate) {
    const std::string name = "http://127.0.0.1:" + std::to_string(gate.port());
    return {std::make_shared<upstream::Server>(upstream::Address{name, "127.0.0.1", gate.port()},
                                               metrics.upstream_server("u", name)),
            nullptr, ""};
  }

  // A client's connection, as a worker begins to serve it.
  Wire connect(int receive_buffer = 0) {
    auto [socket, wire] = net::testing::socket_and_wire(worker.loop, receive_buffer);
    const boost::asio::ip::tcp::endpoint peer(boost::asio::ip::make_address("192.0.2.1"), 50123);
    auto accepted =
        std::make_unique<Accepted>(Accepted{state, listener, ++last_id, std::move(socket), peer});
    boost::asio::co_spawn(worker.loop.io, serve(worker, std::move(accepted)),
                          [](std::exception_ptr error) {
                            if (error) {
                              std::rethrow_exception(error);
                            }
                          });
    return std::move(wire);
  }
  // Waits until every connection is over.
  bool all_over() {
    return turn_until(turn_of(worker.loop), [this] { return worker.connections.size() == 0; });
  }
  double failures(const std::string& reason) {
    double sum = 0;
    for (const auto& [series, value] : metrics::scrape(metrics)) {
      if (series.starts_with("chainmend_upstream_failures_total") &&
          series.find("reason=\"" + reason + "\"") != std::string::npos) {
        sum += value;
      }
    }
    return sum;
  }

  metrics::Metrics metrics{{"test", "test"}};
  logs::Log log{{.level = logs::Level::error}};
  logs::HandshakeLog handshakes{log};
  clients::KnownClients clients;
  // The routes' servers, in order of adding. Connections end with the worker, and give back theirs.
  std::vector<std::unique_ptr<upstream::Upstream>> groups;
  WorkerContext worker{{metrics, log, handshakes, clients}};
  Gate upstream{turn_of(worker.loop)};
  serving::Listener listener;
  serving::ServingStatePtr state = std::make_shared<serving::ServingState>();
  std::uint64_t last_id = 0;
};

inline std::optional<config::Network> config_network(std::string_view text) {
  return config::parse_network(text);
}

inline const std::string kGet = "GET /a HTTP/1.1\r\nHost: mail.test\r\n\r\n";
inline const std::string kEmptyOk = "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n";

inline std::string post(std::size_t length, const std::string& more = "") {
  return "POST /a HTTP/1.1\r\nHost: mail.test\r\nContent-Length: " + std::to_string(length) +
         "\r\n" + more + "\r\n";
}
inline std::string ok(const std::string& body) {
  return "HTTP/1.1 200 OK\r\nContent-Length: " + std::to_string(body.size()) + "\r\n\r\n" + body;
}

}  // namespace chainmend::session::testing
