#include "proxy/upstream/registry.h"

#include <gtest/gtest.h>

#include "proxy/upstream/choice.h"

namespace chainmend::upstream {
namespace {

using metrics::UpstreamFailure;

const Address kFirst{"http://10.0.0.1:80", "10.0.0.1", 80};
const Address kSecond{"http://10.0.0.2:80", "10.0.0.2", 80};

struct RegistryTest : ::testing::Test {
  metrics::Metrics metrics{{"test", "test"}};
  Registry registry{metrics};
};

TEST_F(RegistryTest, GivesTheSameServerAndCommonForAsLongAsSomebodyHasThem) {
  const auto server = registry.server("u", kFirst);
  const auto common = registry.common("u");
  EXPECT_EQ(registry.server("u", kFirst), server);
  EXPECT_EQ(registry.common("u"), common);
  EXPECT_NE(registry.server("u", kSecond), server);
  EXPECT_NE(registry.server("v", kFirst), server);
  EXPECT_NE(registry.common("v"), common);
}

TEST_F(RegistryTest, ForgetsWhatNobodyHas) {
  registry.server("u", kFirst)->failed(UpstreamFailure::connect, "Connection refused");
  EXPECT_FALSE(registry.server("u", kFirst)->last_failure());
}

TEST_F(RegistryTest, GoesOnInTheRoundOfTheSnapshotBefore) {
  const auto group = [&] {
    Upstream made;
    made.name = "u";
    made.common = registry.common("u");
    for (const Address& address : {kFirst, kSecond}) {
      made.peers.push_back({registry.server("u", address), nullptr, ""});
    }
    return made;
  };
  const auto next_of = [](const Upstream& some) {
    return Choice(some, {}).next().peer->server->name();
  };
  const Upstream before = group();
  EXPECT_EQ(next_of(before), kFirst.name);
  const Upstream after = group();
  EXPECT_EQ(next_of(after), kSecond.name);
  EXPECT_EQ(next_of(before), kFirst.name);
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
