// Notifier and Watchdog against a real datagram socket.
#include "proxy/server/notifier.h"

#include <gmock/gmock.h>

#include <latch>

#include "proxy/server/watchdog.h"
#include "tests/proxy/server/service_manager.h"

namespace chainmend::server {
namespace {

using namespace std::chrono_literals;
using ::testing::MatchesRegex;
using testing::ServiceManager;
using ::testing::StartsWith;

TEST(Notifier, SaysHowTheProcessIs) {
  for (const char* name : {"", "@chainmend-notifier-test"}) {
    SCOPED_TRACE(name);
    const ServiceManager manager(name);
    const Notifier notifier = manager.start();
    notifier.ready("serving");
    EXPECT_EQ(manager.receive(), "READY=1\nSTATUS=serving");
    notifier.reloading();
    EXPECT_THAT(manager.receive(),
                MatchesRegex("RELOADING=1\nMONOTONIC_USEC=[1-9][0-9]+\nSTATUS=reloading"));
    notifier.stopping("finishing", 600s);
    EXPECT_EQ(manager.receive(), "STOPPING=1\nEXTEND_TIMEOUT_USEC=610000000\nSTATUS=finishing");
    notifier.alive();
    EXPECT_EQ(manager.receive(), "WATCHDOG=1");
  }
}

TEST(Notifier, LeavesNothingInTheEnvironmentForOthers) {
  const ServiceManager manager;
  manager.start("1000000", std::to_string(::getpid()).c_str());
  for (const char* name : {"NOTIFY_SOCKET", "WATCHDOG_USEC", "WATCHDOG_PID"}) {
    EXPECT_EQ(std::getenv(name), nullptr) << name;
  }
}

TEST(Notifier, SaysNothingWithoutAManager) {
  const Notifier none = Notifier::from_environment();
  none.ready("serving");
  for (const std::string& odd :
       {std::string("relative"), std::string("/"), "/" + std::string(200, 'x')}) {
    ::setenv("NOTIFY_SOCKET", odd.c_str(), 1);
    Notifier::from_environment().ready("serving");
  }
  const ServiceManager gone;
  gone.start().ready("serving");
  EXPECT_NE(gone.receive(), "");
}

TEST(Notifier, KnowsWhetherItIsWatched) {
  const ServiceManager manager;
  EXPECT_EQ(manager.start().watchdog_timeout(), std::nullopt);
  EXPECT_EQ(manager.start("30000000").watchdog_timeout(), 30s);
  EXPECT_EQ(manager.start("30000000", std::to_string(::getpid()).c_str()).watchdog_timeout(), 30s);
  EXPECT_EQ(manager.start("30000000", "1").watchdog_timeout(), std::nullopt);
  for (const char* odd : {"0", "-5", "5s", ""}) {
    EXPECT_EQ(manager.start(odd).watchdog_timeout(), std::nullopt) << odd;
  }
}

struct WatchdogTest : ::testing::Test {
  // Turns the main loop until the manager hears something, or for that long.
  std::string heard_within(std::chrono::milliseconds time) {
    const auto until = std::chrono::steady_clock::now() + time;
    std::string heard;
    while (heard.empty() && std::chrono::steady_clock::now() < until) {
      io.run_for(5ms);
      io.restart();
      heard = manager.receive(0);
    }
    return heard;
  }

  ServiceManager manager;
  metrics::Metrics metrics{{"test", "test"}};
  logs::Log log{{.level = logs::Level::error}};
  logs::HandshakeLog handshakes{log};
  clients::KnownClients clients;
  Totals totals;
  boost::asio::io_context io;
  std::vector<std::unique_ptr<Worker>> workers;
};

TEST_F(WatchdogTest, IsFedAsLongAsEachWorkerTurns) {
  for (int i = 0; i < 2; ++i) {
    workers.push_back(
        std::make_unique<Worker>(session::Services{metrics, log, handshakes, clients}, totals));
  }
  const Notifier notifier = manager.start("60000");
  const Watchdog watchdog(io, workers, notifier, log);
  EXPECT_EQ(heard_within(10s), "WATCHDOG=1");
  EXPECT_EQ(heard_within(10s), "WATCHDOG=1");
  std::latch release{1};
  std::latch stuck{1};
  workers.front()->run([&] {
    stuck.count_down();
    release.wait();
  });
  stuck.wait();
  heard_within(200ms);  // of what was asked before it stuck
  heard_within(200ms);
  EXPECT_EQ(heard_within(500ms), "");
  release.count_down();
  EXPECT_EQ(heard_within(10s), "WATCHDOG=1");
}

TEST_F(WatchdogTest, IsSilentWhenNobodyWatches) {
  const Notifier notifier = manager.start();
  const Watchdog watchdog(io, workers, notifier, log);
  EXPECT_EQ(heard_within(50ms), "");
}

}  // namespace
}  // namespace chainmend::server
