#include "proxy/upstream/choice.h"

#include <gmock/gmock.h>

#include <map>
#include <thread>

#include "proxy/metrics/metrics.h"

namespace chainmend::upstream {
namespace {

using metrics::ServerState;
using metrics::UpstreamFailure;
using std::chrono::milliseconds;
using std::chrono::seconds;

struct ChoiceTest : ::testing::Test {
  ChoiceTest() { group.common = std::make_shared<Common>(metrics.upstream("u")); }

  Peer& add(std::uint32_t max_connections = 0) {
    const std::string name = "http://10.0.0." + std::to_string(group.peers.size() + 1) + ":80";
    Peer& peer = group.peers.emplace_back();
    peer.server =
        std::make_shared<Server>(Address{name, "10.0.0.1", 80}, metrics.upstream_server("u", name));
    peer.max_connections = max_connections;
    return peer;
  }
  // The server that a request gets, by its place; -1: none.
  int next(Scopes scopes = kWhole) {
    const Claim claim = Choice(group, {1, scopes}).next();
    return claim.peer == nullptr ? -1 : static_cast<int>(claim.peer - group.peers.data());
  }
  std::map<int, int> count(int times) {
    std::map<int, int> got;
    for (int i = 0; i < times; ++i) {
      ++got[next()];
    }
    return got;
  }
  milliseconds fail(std::size_t server, Server::Clock::time_point now = Server::Clock::now()) {
    return blame(group, group.peers[server], UpstreamFailure::connect, "refused", now);
  }

  metrics::Metrics metrics{{"test", "test"}};
  Upstream group;
};

TEST_F(ChoiceTest, AsksEachServerOnceForOneRequest) {
  add();
  add();
  add();
  Choice choice(group, {});
  std::set<const Peer*> asked;
  for (int i = 0; i < 3; ++i) {
    asked.insert(choice.next().peer);
  }
  EXPECT_EQ(asked.size(), 3U);
  EXPECT_EQ(asked.count(nullptr), 0U);
  EXPECT_EQ(choice.next().peer, nullptr);
}

TEST_F(ChoiceTest, FollowsTheWeights) {
  add().weight = 3;
  add();
  EXPECT_EQ(count(40), (std::map<int, int>{{0, 30}, {1, 10}}));
}

TEST_F(ChoiceTest, GivesEqualSharesAlsoToManyThreadsAtOnce) {
  for (int i = 0; i < 4; ++i) {
    add();
  }
  std::array<std::atomic<int>, 4> got{};
  {
    std::vector<std::jthread> threads;
    for (int t = 0; t < 4; ++t) {
      threads.emplace_back([&] {
        for (int i = 0; i < 1000; ++i) {
          const Claim claim = Choice(group, {}).next();
          ++got[static_cast<std::size_t>(claim.peer - group.peers.data())];
        }
      });
    }
  }
  for (const auto& one : got) {
    EXPECT_NEAR(one.load(), 1000, 8);
  }
}

TEST_F(ChoiceTest, TakesNobodyWhoDrainsIsDisabledOrAiling) {
  add();
  add();
  add();
  group.peers[0].server->set_wanted(Wanted::draining);
  group.peers[1].server->set_well(kWhole, false);
  EXPECT_EQ(count(4), (std::map<int, int>{{2, 4}}));
  group.peers[2].server->set_wanted(Wanted::disabled);
  EXPECT_EQ(next(), -1);
  group.peers[0].server->set_wanted(Wanted::enabled);
  EXPECT_EQ(next(), 0);
}

TEST_F(ChoiceTest, LetsAClientStayWhereItIsWhileThatServerDrains) {
  Peer& peer = add();
  const auto back = [&] { return Choice(group, {}).back_to(peer).peer; };
  peer.server->set_wanted(Wanted::draining);
  EXPECT_EQ(back(), &peer);
  peer.server->set_wanted(Wanted::disabled);
  EXPECT_EQ(back(), nullptr);
  peer.server->set_wanted(Wanted::enabled);
  peer.server->set_well(kWhole, false);
  EXPECT_EQ(back(), nullptr);
}

TEST_F(ChoiceTest, LeavesAServerOutForTheDirectoryThatFails) {
  add();
  add();
  const Scopes ews = scope_of(config::ExchangeDirectory::ews);
  group.peers[0].server->set_well(ews, false);
  for (int i = 0; i < 4; ++i) {
    EXPECT_EQ(next(scopes_of_path("/ews/exchange.asmx")), 1);
  }
  EXPECT_NEAR(count(10)[0], 5, 1);
  EXPECT_EQ(scopes_of_path("/ewsx"), kWhole);
  EXPECT_EQ(scopes_of_path("/ews"), kWhole | ews);
}

TEST_F(ChoiceTest, GivesAServerNoMoreConnectionsThanItMayHave) {
  add(1);
  add(2);
  Choice first(group, {});
  Choice second(group, {});
  Choice third(group, {});
  const Claim a = first.next();
  const Claim b = second.next();
  Claim c = third.next();
  EXPECT_NE(c.peer, nullptr);
  const Claim none = Choice(group, {}).next();
  EXPECT_EQ(none.peer, nullptr);
  EXPECT_TRUE(none.all_full);
  c = {};
  EXPECT_EQ(next(), 1);
}

TEST_F(ChoiceTest, NeverGivesMoreThanThatToManyThreadsAtOnce) {
  Peer& peer = add(3);
  std::atomic<int> now{0};
  std::atomic<int> most{0};
  {
    std::vector<std::jthread> threads;
    for (int t = 0; t < 4; ++t) {
      threads.emplace_back([&] {
        for (int i = 0; i < 2000; ++i) {
          const Use use = peer.server->use(3);
          if (use) {
            const int used = ++now;
            most = std::max(most.load(), used);
            --now;
          }
        }
      });
    }
  }
  EXPECT_LE(most, 3);
  EXPECT_EQ(peer.server->in_use(), 0U);
}

TEST_F(ChoiceTest, UsesTheNextPriorityWhenAllOfTheHigherOneAreFull) {
  add(1).priority = 2;
  add().priority = 1;
  Choice choice(group, {});
  const Claim held = choice.next();
  EXPECT_EQ(held.peer, &group.peers[0]);
  EXPECT_EQ(next(), 1);
}

TEST_F(ChoiceTest, AsksTheLeastBadOneWhenToldTo) {
  add();
  add();
  for (Peer& peer : group.peers) {
    peer.server->set_well(kWhole, false);
  }
  EXPECT_EQ(next(), -1);
  group.all_down = config::AllDown::least_bad;
  fail(0);
  EXPECT_EQ(next(), 1);
  group.peers[1].server->set_wanted(Wanted::disabled);
  EXPECT_EQ(next(), 0);
  group.peers[0].server->set_wanted(Wanted::draining);
  EXPECT_EQ(next(), -1);
}

TEST_F(ChoiceTest, EjectsAServerThatFailsOftenEnoughInARow) {
  add();
  add();
  group.eject = config::Eject{.failures = 3, .base = seconds(10), .longest = seconds(40)};
  EXPECT_EQ(fail(0), milliseconds(0));
  EXPECT_EQ(fail(0), milliseconds(0));
  group.peers[0].server->succeeded();
  EXPECT_EQ(fail(0), milliseconds(0));
  EXPECT_EQ(fail(0), milliseconds(0));
  EXPECT_EQ(fail(0), seconds(10));
  EXPECT_EQ(count(4), (std::map<int, int>{{1, 4}}));
  EXPECT_EQ(state_of(*group.peers[0].server, Server::Clock::now()), ServerState::ejected);
}

TEST_F(ChoiceTest, EjectsLongerEachTimeAndForgetsThatAfterACalmTime) {
  add();
  add();
  group.eject = config::Eject{.failures = 2, .base = seconds(10), .longest = seconds(40)};
  auto now = Server::Clock::now();
  fail(0, now);
  EXPECT_EQ(fail(0, now), seconds(10));
  now += seconds(11);
  EXPECT_EQ(fail(0, now), seconds(20));  // one failure is enough then
  now += seconds(21);
  EXPECT_EQ(fail(0, now), seconds(40));
  now += seconds(41);
  EXPECT_EQ(fail(0, now), seconds(40));
  now += seconds(40 + 40);
  EXPECT_EQ(fail(0, now), seconds(10));
}

TEST_F(ChoiceTest, NeverEjectsAllNorMoreThanItsPart) {
  for (int i = 0; i < 4; ++i) {
    add();
  }
  group.eject = config::Eject{.failures = 1, .at_most = 50};
  EXPECT_GT(fail(0).count(), 0);
  EXPECT_GT(fail(1).count(), 0);
  EXPECT_EQ(fail(2).count(), 0);
  group.peers.resize(1);
  group.peers[0].server->eject(Server::Clock::time_point(), 1);
  EXPECT_EQ(fail(0).count(), 0);
}

TEST_F(ChoiceTest, OneOfTwoMayBeEjectedWhateverItsPart) {
  add();
  add();
  group.eject = config::Eject{.failures = 1, .at_most = 10};
  EXPECT_GT(fail(0).count(), 0);
  EXPECT_EQ(fail(1).count(), 0);
}

TEST_F(ChoiceTest, GivesAServerThatComesBackItsShareLittleByLittle) {
  add();
  Server& server = *group.peers[0].server;
  EXPECT_EQ(server.share(Server::Clock::now(), seconds(10)), 100U);  // it was never away
  server.set_well(kWhole, false);
  server.set_well(kWhole, true);
  const auto back = Server::Clock::now();
  EXPECT_EQ(server.share(back, seconds(10)), 5U);
  EXPECT_NEAR(server.share(back + seconds(5), seconds(10)), 50, 1);
  EXPECT_EQ(server.share(back + seconds(11), seconds(10)), 100U);
  EXPECT_EQ(server.share(back, seconds(0)), 100U);
}

}  // namespace
}  // namespace chainmend::upstream
