#include "proxy/upstream/balance.h"

#include <gmock/gmock.h>

#include <map>
#include <vector>

namespace chainmend::upstream {
namespace {

using ::testing::Each;
using ::testing::ElementsAre;

std::vector<Standing> servers_of(std::initializer_list<std::uint32_t> weights) {
  std::vector<Standing> servers;
  for (const std::uint32_t weight : weights) {
    Standing& server = servers.emplace_back();
    server.open = true;
    server.weight = weight * 100;
    server.id = mix(servers.size());
  }
  return servers;
}

// Takes turns as Choice does.
std::vector<std::size_t> turns(std::vector<Standing>& servers, std::size_t count,
                               std::uint64_t& now) {
  std::vector<std::size_t> taken;
  for (std::size_t i = 0; i < count; ++i) {
    const std::size_t one = by_turn(servers, now);
    now = tag_of(servers[one], now);
    servers[one].tag = now + step_of(servers[one]);
    taken.push_back(one);
  }
  return taken;
}

TEST(RoundRobin, GivesEachOfEqualServersItsTurn) {
  auto servers = servers_of({1, 1, 1});
  std::uint64_t now = 0;
  EXPECT_THAT(turns(servers, 6, now), ElementsAre(0, 1, 2, 0, 1, 2));
}

TEST(RoundRobin, SpreadsTheTurnsOfAHeavyServer) {
  auto servers = servers_of({5, 1, 1});
  std::uint64_t now = 0;
  EXPECT_THAT(turns(servers, 7, now), ElementsAre(0, 0, 0, 1, 2, 0, 0));
}

TEST(RoundRobin, KeepsToTheWeightsOverManyTurns) {
  auto servers = servers_of({7, 2, 1});
  std::uint64_t now = 0;
  std::map<std::size_t, int> count;
  for (const std::size_t one : turns(servers, 1000, now)) {
    ++count[one];
  }
  EXPECT_NEAR(count[0], 700, 1);
  EXPECT_NEAR(count[1], 200, 1);
  EXPECT_NEAR(count[2], 100, 1);
}

TEST(RoundRobin, LetsNobodyMakeUpForWhatHeMissed) {
  auto servers = servers_of({1, 1});
  std::uint64_t now = 0;
  servers[1].open = false;
  EXPECT_THAT(turns(servers, 50, now), Each(0));
  servers[1].open = true;
  const auto after = turns(servers, 10, now);
  EXPECT_LE(std::ranges::count(after, 1), 6);
}

TEST(RoundRobin, GivesNobodyATurnWhenNoneIsOpen) {
  auto servers = servers_of({1, 1});
  servers[0].open = servers[1].open = false;
  EXPECT_EQ(by_turn(servers, 0), kNobody);
  EXPECT_EQ(by_load(servers, 1), kNobody);
  EXPECT_EQ(by_source(servers, 1), kNobody);
  EXPECT_EQ(by_turn({}, 0), kNobody);
}

TEST(LeastConnections, TakesTheEmptierOfTwo) {
  auto servers = servers_of({1, 1});
  servers[0].in_use = 10;
  servers[1].in_use = 9;
  for (std::uint64_t random = 0; random < 100; random += 2) {
    EXPECT_EQ(by_load(servers, random), 1U);
  }
}

TEST(LeastConnections, CountsConnectionsForWhatAServerCanDo) {
  auto servers = servers_of({3, 1});
  servers[0].in_use = 5;  // (5 + 1) / 3 = 2
  servers[1].in_use = 2;  // (2 + 1) / 1 = 3
  for (std::uint64_t random = 0; random < 100; random += 2) {
    EXPECT_EQ(by_load(servers, random), 0U);
  }
}

TEST(LeastConnections, NeverTakesTheFullestOfManyAndTakesAllOthers) {
  auto servers = servers_of({1, 1, 1, 1});
  servers[2].in_use = 100;
  std::map<std::size_t, int> count;
  for (std::uint64_t random = 0; random < 4000; random += 2) {
    ++count[by_load(servers, random)];
  }
  EXPECT_EQ(count.count(2), 0U);
  EXPECT_EQ(count.size(), 3U);
  EXPECT_GT(count[3], 400);
}

TEST(LeastConnections, TakesTheOnlyOneThatIsOpen) {
  auto servers = servers_of({1, 1, 1});
  servers[0].open = servers[2].open = false;
  EXPECT_EQ(by_load(servers, 7), 1U);
}

TEST(Source, StaysAtItsServerWhenAnotherGoes) {
  auto servers = servers_of({1, 1, 1, 1, 1});
  std::map<std::uint64_t, std::size_t> before;
  std::map<std::size_t, int> count;
  for (std::uint64_t source = 0; source < 5000; ++source) {
    before[source] = by_source(servers, mix(source));
    ++count[before[source]];
  }
  for (const auto& [server, sources] : count) {
    EXPECT_NEAR(sources, 1000, 120) << server;
  }
  servers[3].open = false;
  for (const auto& [source, server] : before) {
    const std::size_t after = by_source(servers, mix(source));
    if (server != 3) {
      EXPECT_EQ(after, server);
    } else {
      EXPECT_NE(after, 3U);
    }
  }
}

TEST(Source, KeepsToTheWeights) {
  auto servers = servers_of({3, 1});
  int heavy = 0;
  for (std::uint64_t source = 0; source < 4000; ++source) {
    heavy += by_source(servers, mix(source)) == 0 ? 1 : 0;
  }
  EXPECT_NEAR(heavy, 3000, 150);
}

TEST(Source, PassesOverAServerThatHasTooMuch) {
  auto servers = servers_of({1, 1, 1, 1});
  const std::uint64_t source = mix(42);
  const std::size_t home = by_source(servers, source);
  for (Standing& server : servers) {
    server.in_use = 100;
  }
  EXPECT_EQ(by_source(servers, source), home);
  servers[home].in_use = 140;  // over 5/4 of 110
  EXPECT_NE(by_source(servers, source), home);
}

std::vector<bool> open_of(const std::vector<Standing>& servers) {
  std::vector<bool> open;
  for (const Standing& server : servers) {
    open.push_back(server.open);
  }
  return open;
}

TEST(Priorities, UseTheLowerOnesOnlyWhenTooFewAreThere) {
  const auto with = [](std::initializer_list<bool> open) {
    auto servers = servers_of({1, 1, 1, 1, 1});
    const std::uint32_t priorities[] = {10, 10, 5, 5, 1};
    std::size_t i = 0;
    for (const bool one : open) {
      servers[i].open = one;
      servers[i].priority = priorities[i];
      ++i;
    }
    return servers;
  };
  auto all = with({true, true, true, true, true});
  keep_priorities(all, 2);
  EXPECT_THAT(open_of(all), ElementsAre(true, true, false, false, false));
  auto one_gone = with({true, false, true, true, true});
  keep_priorities(one_gone, 2);
  EXPECT_THAT(open_of(one_gone), ElementsAre(true, false, true, true, false));
  auto few = with({false, false, false, false, true});
  keep_priorities(few, 2);
  EXPECT_THAT(open_of(few), ElementsAre(false, false, false, false, true));
  auto none = with({false, false, false, false, false});
  keep_priorities(none, 2);
  EXPECT_THAT(open_of(none), Each(false));
}

}  // namespace
}  // namespace chainmend::upstream
