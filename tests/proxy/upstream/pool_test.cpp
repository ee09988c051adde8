#include "proxy/upstream/pool.h"

#include <gtest/gtest.h>

#include "proxy/metrics/metrics.h"
#include "tests/proxy/metrics/scraped.h"
#include "tests/proxy/net/wire.h"

namespace chainmend::upstream {
namespace {

using net::testing::socket_and_wire;
using net::testing::turn_of;
using net::testing::turn_until;
using net::testing::Wire;
using std::chrono::milliseconds;

struct Fixture {
  Fixture() {
    for (const char* name : {"a", "b"}) {
      group.peers.push_back(
          {std::make_shared<Server>(Address{name, name, 1}, metrics.upstream_server("u", name)),
           nullptr, ""});
    }
  }
  // The server's end of a connection that is put into the pool.
  Wire put(const Peer& peer, milliseconds age = milliseconds(0)) {
    auto [socket, wire] = socket_and_wire(loop);
    pool.put(group.keep_alive, peer, {net::Stream(std::move(socket)), net::Clock::now() - age});
    return std::move(wire);
  }
  double idle() {
    double sum = 0;
    for (const auto& [series, value] : metrics::scrape(metrics)) {
      sum += series.find("state=\"idle\"") != std::string::npos ? value : 0;
    }
    return sum;
  }

  metrics::Metrics metrics{{"test", "test"}};
  Upstream group;
  net::Loop loop;
  Pool pool{loop.deadlines};
};

// Which of the wires the connection leads to.
int other_end(std::optional<Pooled> pooled, std::initializer_list<Wire*> wires) {
  if (!pooled) {
    return -1;
  }
  pooled->stream.abort();
  int at = 0;
  for (Wire* wire : wires) {
    if (!wire->silent()) {
      return at;
    }
    ++at;
  }
  return -2;
}

TEST(Pool, GivesTheConnectionToThatPeerThatWasPutLast) {
  Fixture f;
  Wire first = f.put(f.group.peers[0]);
  Wire other = f.put(f.group.peers[1]);
  Wire last = f.put(f.group.peers[0]);
  EXPECT_EQ(f.idle(), 3);
  EXPECT_EQ(other_end(f.pool.take(f.group.peers[0]), {&first, &other, &last}), 2);
  EXPECT_EQ(other_end(f.pool.take(f.group.peers[0]), {&first, &other}), 0);
  EXPECT_FALSE(f.pool.take(f.group.peers[0]));
  EXPECT_EQ(f.pool.size(), 1U);
  EXPECT_EQ(f.idle(), 1);
}

TEST(Pool, DoesNotGiveWhatTheServerHasClosedOrSpokenOn) {
  Fixture f;
  Wire good = f.put(f.group.peers[0]);
  Wire closed = f.put(f.group.peers[0]);
  Wire talking = f.put(f.group.peers[0]);
  closed.close();
  talking.send("HTTP/1.1 408 Request Timeout\r\n\r\n");
  EXPECT_TRUE(good.silent());  // and meanwhile the others' news have arrived
  EXPECT_EQ(other_end(f.pool.take(f.group.peers[0]), {&good}), 0);
  EXPECT_EQ(f.pool.size(), 0U);
}

TEST(Pool, KeepsNoMoreThanItIsAllowed) {
  Fixture f;
  f.group.keep_alive.per_server = 1;
  Wire kept = f.put(f.group.peers[0]);
  Wire dropped = f.put(f.group.peers[0]);
  EXPECT_EQ(dropped.end(), Wire::End::fin);
  f.group.keep_alive.per_server = 9;
  Wire old = f.put(f.group.peers[0], f.group.keep_alive.max_age);
  EXPECT_EQ(old.end(), Wire::End::fin);
  EXPECT_TRUE(kept.silent());
  EXPECT_EQ(f.pool.size(), 1U);
  f.pool.clear();
  EXPECT_EQ(kept.end(), Wire::End::fin);
  EXPECT_EQ(f.idle(), 0);
}

TEST(Pool, ClosesInTimeWhatNobodyTakesAndLetsTheServerGo) {
  Fixture f;
  f.group.keep_alive.idle = milliseconds(100);
  Wire idle = f.put(f.group.peers[0]);
  const std::weak_ptr<Server> server = f.group.peers[0].server;
  f.group.peers.clear();
  EXPECT_FALSE(server.expired());
  EXPECT_EQ(idle.end(), Wire::End::fin);
  EXPECT_TRUE(turn_until(turn_of(f.loop), [&] { return server.expired(); }));
  EXPECT_EQ(f.pool.size(), 0U);
}

TEST(Pool, GivesAConnectionToThePeersOfALaterSnapshotOnTheSameTermsOnly) {
  Fixture f;
  Peer later = f.group.peers[0];
  Peer other_terms = f.group.peers[0];
  other_terms.terms[0] = 1;
  Wire wire = f.put(f.group.peers[0]);
  f.group.peers.clear();
  EXPECT_FALSE(f.pool.take(other_terms));
  EXPECT_EQ(other_end(f.pool.take(later), {&wire}), 0);
}

TEST(Pool, ClosesWhatNoPeerIsLeftFor) {
  Fixture f;
  Peer other_terms = f.group.peers[0];
  other_terms.terms[0] = 1;
  Wire kept = f.put(f.group.peers[0]);
  Wire unknown_server = f.put(f.group.peers[1]);
  Wire unknown_terms = f.put(other_terms);
  const Peer* const left[] = {&f.group.peers[0]};
  f.pool.keep_only(left);
  EXPECT_EQ(unknown_server.end(), Wire::End::fin);
  EXPECT_EQ(unknown_terms.end(), Wire::End::fin);
  EXPECT_EQ(f.pool.size(), 1U);
  EXPECT_EQ(f.idle(), 1);
  EXPECT_TRUE(f.pool.take(f.group.peers[0]));
}

}  // namespace
}  // namespace chainmend::upstream
