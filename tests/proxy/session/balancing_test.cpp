// Which of an upstream's servers gets a client, and what becomes of the connections to it.
#include <gmock/gmock.h>

#include "tests/proxy/session/lab.h"

namespace chainmend::session::testing {
namespace {

using ::testing::Each;

// A listener of one or two workers on the test's thread, before some servers that answer each
// request by themselves.
class Farm {
 public:
  Farm(std::size_t servers, std::size_t workers) {
    upstream::Upstream& group = *labs_.front()->groups.front();
    group.peers.clear();
    for (std::size_t i = 0; i < servers; ++i) {
      gates_.push_back(std::make_unique<Gate>(turn()));
      group.peers.push_back(labs_.front()->peer(*gates_.back()));
    }
    while (labs_.size() < workers) {
      labs_.push_back(std::make_unique<Lab>());
      labs_.back()->listener.routes.front().upstream = &group;
    }
    served_.resize(servers);
  }

  ~Farm() {
    while (!labs_.empty()) {
      labs_.pop_back();  // the first one has what the others refer to
    }
  }
  Farm(const Farm&) = delete;
  Farm& operator=(const Farm&) = delete;

  // One request over a client connection of its own to the next worker.
  void ask() {
    Lab& lab = *labs_[asked_++ % labs_.size()];
    Wire client = lab.connect();
    client.send(kGet);
    EXPECT_TRUE(turn_until(turn(), [&] {
      serve();
      return !client.nothing_here();
    }));
    EXPECT_THAT(client.receive_head(), ::testing::StartsWith("HTTP/1.1 200"));
    client.close();
    EXPECT_TRUE(lab.all_over());
  }

  // By server.
  const std::vector<std::size_t>& served() const { return served_; }
  std::size_t connections() const { return links_.size(); }

 private:
  // All workers have a turn.
  net::testing::Turn turn() {
    return [this] {
      for (auto& lab : labs_) {
        net::testing::turn(lab->worker.loop);
      }
    };
  }
  void serve() {
    for (std::size_t i = 0; i < gates_.size(); ++i) {
      while (auto wire = gates_[i]->accept_now()) {
        links_.emplace_back(i, std::move(*wire));
      }
    }
    for (auto& [server, wire] : links_) {
      if (!wire.nothing_here()) {
        wire.receive_head();
        wire.send(kEmptyOk);
        ++served_[server];
      }
    }
  }

  std::vector<std::unique_ptr<Lab>> labs_ = [] {
    std::vector<std::unique_ptr<Lab>> one;
    one.push_back(std::make_unique<Lab>());
    return one;
  }();
  std::vector<std::unique_ptr<Gate>> gates_;
  std::vector<std::pair<std::size_t, Wire>> links_;  // with the number of their server
  std::vector<std::size_t> served_;
  std::size_t asked_ = 0;
};

TEST(Balancing, GivesEachServerTheSameShareAndUsesItsConnectionsAgain) {
  for (const std::size_t servers : {2U, 3U, 4U}) {
    for (const std::size_t workers : {1U, 2U}) {
      SCOPED_TRACE(std::to_string(servers) + " servers, " + std::to_string(workers) + " workers");
      Farm farm(servers, workers);
      const std::size_t each = 2 * workers;
      for (std::size_t i = 0; i < each * servers; ++i) {
        farm.ask();
      }
      EXPECT_THAT(farm.served(), Each(each));
      // Each worker has a pool, and with an even number of servers sees only some of them.
      EXPECT_LE(farm.connections(), servers * workers);
      EXPECT_GE(farm.connections(), servers);
      EXPECT_LT(farm.connections(), each * servers);
    }
  }
}

TEST(Balancing, KeepsAClientAtTheServerThatItHad) {
  Lab lab;
  Gate other(turn_of(lab.worker.loop));
  lab.groups.front()->peers.push_back(lab.peer(other));
  Wire client = lab.connect();
  client.send(kGet);
  Wire server = lab.upstream.accept();
  server.receive_head();
  server.send("HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 0\r\n\r\n");
  client.receive_head();
  client.send(kGet);
  Wire again = lab.upstream.accept();
  EXPECT_THAT(again.receive_head(), ::testing::StartsWith("GET /a"));
}

}  // namespace
}  // namespace chainmend::session::testing
