#include "proxy/upstream/registry.h"

#include <gtest/gtest.h>

namespace chainmend::upstream {
namespace {

using metrics::UpstreamFailure;

const Address kFirst{"http://10.0.0.1:80", "10.0.0.1", 80};
const Address kSecond{"http://10.0.0.2:80", "10.0.0.2", 80};

struct RegistryTest : ::testing::Test {
  metrics::Metrics metrics{{"test", "test"}};
  Registry registry{metrics};
};

TEST_F(RegistryTest, GivesTheSameServerAndTurnForAsLongAsSomebodyHasThem) {
  const auto server = registry.server("u", kFirst);
  const auto turn = registry.turn("u");
  EXPECT_EQ(registry.server("u", kFirst), server);
  EXPECT_EQ(registry.turn("u"), turn);
  EXPECT_NE(registry.server("u", kSecond), server);
  EXPECT_NE(registry.server("v", kFirst), server);
  EXPECT_NE(registry.turn("v"), turn);
}

TEST_F(RegistryTest, ForgetsWhatNobodyHas) {
  registry.server("u", kFirst)->failed(UpstreamFailure::connect, "Connection refused");
  EXPECT_FALSE(registry.server("u", kFirst)->last_failure());
}

TEST_F(RegistryTest, GoesOnInTheRoundOfTheSnapshotBefore) {
  const auto group = [&] {
    Upstream made;
    made.name = "u";
    made.turn = registry.turn("u");
    for (const Address& address : {kFirst, kSecond}) {
      made.peers.push_back({registry.server("u", address), nullptr, ""});
    }
    return made;
  };
  const Upstream before = group();
  EXPECT_EQ(before.pick().server->name(), kFirst.name);
  const Upstream after = group();
  EXPECT_EQ(after.pick().server->name(), kSecond.name);
  EXPECT_EQ(before.pick().server->name(), kFirst.name);
}

TEST_F(RegistryTest, ServersRememberHowTheyFared) {
  const auto server = registry.server("u", kFirst);
  EXPECT_FALSE(server->last_failure());
  EXPECT_FALSE(server->last_success());
  server->failed(UpstreamFailure::timeout, "connect timed out");
  server->failed(UpstreamFailure::connect, "Connection refused");
  server->succeeded();
  const auto held = server->connection(metrics::UpstreamState::active);
  EXPECT_EQ(server->last_failure()->reason, UpstreamFailure::connect);
  EXPECT_EQ(server->last_failure()->text, "Connection refused");
  EXPECT_LE(server->last_failure()->at, server->last_success());
  EXPECT_EQ(server->counts().failures(UpstreamFailure::timeout), 1U);
  EXPECT_EQ(server->counts().failures(UpstreamFailure::connect), 1U);
  EXPECT_EQ(server->counts().connections(metrics::UpstreamState::active), 1);
}

}  // namespace
}  // namespace chainmend::upstream
