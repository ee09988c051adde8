// Reload with real files, sockets and a worker: what is in force after a reload or a refresh that
// was taken or refused, and what is told of it. The background is a list of jobs that tests run.
#include "proxy/server/reload.h"

#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <deque>

#include "tests/proxy/metrics/scraped.h"
#include "tests/proxy/net/wire.h"
#include "tests/proxy/serving/lab.h"

namespace chainmend::server {
namespace {

using namespace std::chrono_literals;
using logs::Level;
using serving::testing::far_leaf;
using serving::testing::Lab;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

const std::string kUrl = "http://ca.test/ca.cer";

// What tests change of the configuration; the rest is always the same.
struct Yaml {
  std::string process = "{ threads: 1 }";
  std::string level = "info";
  std::string log = "handshakes.jsonl";
  std::string listen = "127.0.0.1:0";
  std::string admin = "127.0.0.1:9465";
  std::string bundles = "[]";
  std::string on_incomplete = "warn";
  std::string extra;

  std::string text() const {
    return "process: " + process + "\nlogs: { level: " + level + ", handshakes: { file: " + log +
           " } }\nadmin: { listen: '" + admin +
           "' }\nclients: { file: clients }\nchain: { bundles: " + bundles +
           ", trust: root.pem, aia: { cache: aia }, on_incomplete: " + on_incomplete +
           " }\n"
           "certificates: { mail: { cert: leaf.pem } }\n"
           "listeners:\n  - { name: web, listen: '" +
           listen + "', certificates: [mail], upstream: u }\n" +
           "upstreams: { u: { servers: [http://127.0.0.1:1] } }\n" + extra;
  }
};

class ReloadTest : public ::testing::Test {
 protected:
  ReloadTest() {
    install(far_leaf("mail.test", lab_.ca, {kUrl}));
    workers_.push_back(std::make_unique<Worker>(
        session::Services{lab_.metrics, log_, handshakes_, clients_}, totals_));
  }
  ~ReloadTest() override { workers_.clear(); }

  void install(const serving::testing::Identity& leaf) {
    lab_.write("leaf.pem", leaf.certificate->pem() + certs::testing::key_pem(leaf));
  }
  void begin() {
    auto first = reload_.first();
    ASSERT_TRUE(first) << first.error().front().describe();
    ASSERT_TRUE(reload_.begin(std::move(*first)));
  }
  // And asks AIA, where a start does.
  void begin_and_ask() {
    begin();
    run_jobs();
  }
  // Runs what waits in the background, and what comes of it on the main thread.
  void run_jobs() {
    while (!jobs_.empty()) {
      run_job(0);
    }
  }
  void run_job(std::size_t which) {
    const auto job = std::move(jobs_[which]);
    jobs_.erase(jobs_.begin() + static_cast<std::ptrdiff_t>(which));
    job();
    io_.restart();
    io_.poll();
  }
  void reload() {
    reload_.reload();
    run_jobs();
  }
  void refresh() {
    reload_.refresh();
    run_jobs();
  }
  double metric(const std::string& name) const {
    return metrics::scrape(lab_.metrics)["chainmend_" + name];
  }
  // Where a line of the handshake log goes now.
  bool logs_handshakes_to(const char* name) {
    handshakes_.write({.listener = "web"});
    return net::testing::turn_until(
        [] { std::this_thread::sleep_for(1ms); },
        [&] {
          std::error_code none;
          return std::filesystem::file_size(lab_.path(name), none) > 0 && !none;
        });
  }

  Lab lab_;
  Yaml yaml_;
  boost::asio::io_context io_;
  FileDescriptor null_{::open("/dev/null", O_WRONLY | O_CLOEXEC)};
  logs::Log log_{{.descriptor = null_.get()}};
  logs::HandshakeLog handshakes_{log_};
  logs::AccessLog access_{log_};
  clients::KnownClients clients_;
  ClientKeeper keeper_{clients_.learned, log_};
  Totals totals_;
  Workers workers_;
  std::deque<std::function<void()>> jobs_;
  std::chrono::steady_clock::time_point now_;
  PassedSockets passed_;
  Notifier notifier_;
  Reload reload_{
      {io_, log_, handshakes_, access_, lab_.metrics, keeper_,
       serving::BuildServices{
           .metrics = lab_.metrics,
           .tickets = lab_.tickets,
           .sessions = lab_.sessions,
           .fetcher = lab_.fetcher,
           .background = [this](std::function<void()> job) { jobs_.push_back(std::move(job)); },
           .clock = [this] { return now_; }},
       passed_, notifier_},
      {[this] { return config::parse(yaml_.text(), lab_.path("c.yaml")); }},
      workers_};
};

TEST_F(ReloadTest, AFirstStartServesAtOnceAndAsksAiaAfter) {
  lab_.fetcher.offer(kUrl, lab_.ca);
  begin();
  EXPECT_TRUE(reload_.awaits_aia());
  EXPECT_FALSE(reload_.generation()->build.complete);
  EXPECT_TRUE(lab_.fetcher.asked.empty());
  run_jobs();
  EXPECT_FALSE(reload_.awaits_aia());
  EXPECT_TRUE(reload_.generation()->build.complete);
}

TEST_F(ReloadTest, AFirstStartWaitsWhereAnIncompleteChainIsRefused) {
  yaml_.on_incomplete = "fail";
  lab_.fetcher.offer(kUrl, lab_.ca);
  begin();
  EXPECT_FALSE(reload_.awaits_aia());
  EXPECT_TRUE(reload_.generation()->build.complete);
  EXPECT_TRUE(jobs_.empty());
}

TEST_F(ReloadTest, LogsAreOpenedAgainWithoutAReload) {
  begin_and_ask();
  EXPECT_TRUE(logs_handshakes_to("handshakes.jsonl"));
  std::filesystem::rename(lab_.path("handshakes.jsonl"), lab_.path("old"));
  reload_.reopen_logs();
  EXPECT_TRUE(logs_handshakes_to("handshakes.jsonl"));
}

TEST_F(ReloadTest, ARefreshTakesWhatAiaBringsByThen) {
  begin_and_ask();
  EXPECT_FALSE(reload_.generation()->build.complete);
  const auto loaded = reload_.outcomes().loaded;
  lab_.fetcher.offer(kUrl, lab_.ca);
  now_ += 6min;
  refresh();
  EXPECT_TRUE(reload_.generation()->build.complete);
  EXPECT_EQ(metric(R"(certificate_chain_complete{cert="mail",chain="auto"})"), 1);
  EXPECT_EQ(metric(R"(config_refreshes_total{outcome="success"})"), 2);  // that of the start, too
  EXPECT_EQ(metric(R"(config_reloads_total{outcome="success"})"), 0);
  EXPECT_EQ(reload_.outcomes().loaded, loaded);
}

TEST_F(ReloadTest, ARefusedReloadStaysVisibleWhateverARefreshDoes) {
  begin_and_ask();
  yaml_.extra = "nonsense: 1\n";
  reload();
  EXPECT_THAT(reload_.outcomes().reload_error, HasSubstr("c.yaml:10:1"));
  refresh();
  EXPECT_THAT(reload_.outcomes().reload_error, HasSubstr("nonsense"));
  EXPECT_EQ(metric("config_last_reload_successful"), 0);
  EXPECT_EQ(metric("config_last_refresh_successful"), 1);
  EXPECT_EQ(metric(R"(config_reloads_total{outcome="failure"})"), 1);
  yaml_.extra.clear();
  reload();
  EXPECT_THAT(reload_.outcomes().reload_error, IsEmpty());
  EXPECT_EQ(metric("config_last_reload_successful"), 1);
}

TEST_F(ReloadTest, ARefusedRefreshHasAnOutcomeOfItsOwn) {
  begin_and_ask();
  lab_.write("leaf.pem", "nothing");
  refresh();
  EXPECT_THAT(reload_.outcomes().refresh_error, HasSubstr("leaf.pem"));
  EXPECT_THAT(reload_.outcomes().reload_error, IsEmpty());
  EXPECT_EQ(metric("config_last_refresh_successful"), 0);
  EXPECT_EQ(metric("config_last_reload_successful"), 1);
  install(far_leaf("mail.test", lab_.ca));
  refresh();
  EXPECT_THAT(reload_.outcomes().refresh_error, IsEmpty());
  EXPECT_EQ(metric("config_last_refresh_successful"), 1);
}

TEST_F(ReloadTest, ARefusedReloadChangesNothing) {
  begin_and_ask();
  const Generation* before = reload_.generation();
  const std::string address = reload_.listeners().bound().begin()->second.address;
  auto taken = open_listening_sockets({"127.0.0.1", 0}, 1, Sharing::exclusive);
  ASSERT_TRUE(taken);
  Yaml other;
  other.level = "debug";
  other.log = "other.jsonl";
  Yaml unreadable = other;
  unreadable.extra = "nonsense: 1\n";
  Yaml unbuildable = other;
  unbuildable.bundles = "[gone.pem]";
  Yaml unbindable = other;
  unbindable.listen = "127.0.0.1:" + std::to_string(bound_port(taken->front().get()));
  Yaml unloggable = other;
  unloggable.log = "no/such/folder/log.jsonl";
  unloggable.listen = "127.0.0.2:0";
  for (const Yaml& bad : {unreadable, unbuildable, unbindable, unloggable}) {
    SCOPED_TRACE(bad.text());
    yaml_ = bad;
    reload();
    EXPECT_FALSE(reload_.outcomes().reload_error.empty());
    EXPECT_EQ(reload_.generation(), before);
    EXPECT_FALSE(log_.enabled(Level::debug));
    EXPECT_FALSE(std::filesystem::exists(lab_.path("other.jsonl")));
    ASSERT_EQ(reload_.listeners().bound().size(), 1U);
    EXPECT_EQ(reload_.listeners().bound().begin()->second.address, address);
  }
  EXPECT_TRUE(logs_handshakes_to("handshakes.jsonl"));
  yaml_ = other;
  reload();
  EXPECT_NE(reload_.generation(), before);
  EXPECT_TRUE(log_.enabled(Level::debug));
  EXPECT_TRUE(logs_handshakes_to("other.jsonl"));
}

TEST_F(ReloadTest, TellsWarningsBesideWhatTheSystemRefuses) {
  const auto taken = open_listening_sockets({"127.0.0.1", 0}, 1, Sharing::exclusive);
  ASSERT_TRUE(taken);
  Yaml unbindable;
  unbindable.listen = "127.0.0.1:" + std::to_string(bound_port(taken->front().get()));
  Yaml unloggable;
  unloggable.log = "no/such/folder/log.jsonl";
  for (Yaml bad : {unbindable, unloggable}) {
    bad.admin = "0.0.0.0:9465";
    SCOPED_TRACE(bad.text());
    yaml_ = bad;
    auto first = reload_.first();
    ASSERT_TRUE(first) << first.error().front().describe();
    const auto begun = reload_.begin(std::move(*first));
    ASSERT_FALSE(begun);
    EXPECT_EQ(config::only(config::Severity::error, begun.error()).size(), 1U);
    EXPECT_THAT(lab_.texts(config::only(config::Severity::warning, begun.error())),
                ::testing::Contains(HasSubstr("admin pages")));
  }
}

TEST_F(ReloadTest, OpensTheHandshakeLogAgainForThoseWhoRotateIt) {
  begin_and_ask();
  EXPECT_TRUE(logs_handshakes_to("handshakes.jsonl"));
  std::filesystem::rename(lab_.path("handshakes.jsonl"), lab_.path("handshakes.jsonl.1"));
  reload();
  EXPECT_TRUE(logs_handshakes_to("handshakes.jsonl"));
}

TEST_F(ReloadTest, SaysWhatOnlyARestartTakes) {
  begin_and_ask();
  EXPECT_THAT(reload_.outcomes().needs_restart, IsEmpty());
  yaml_.process = "{ threads: 2 }";
  yaml_.admin = "127.0.0.1:9466";
  reload();
  EXPECT_THAT(reload_.outcomes().needs_restart, ElementsAre("process.threads", "admin.listen"));
  EXPECT_EQ(metric("config_last_reload_successful"), 1);
  refresh();
  EXPECT_THAT(reload_.outcomes().needs_restart, ElementsAre("process.threads", "admin.listen"));
  yaml_ = {};
  reload();
  EXPECT_THAT(reload_.outcomes().needs_restart, IsEmpty());
}

TEST_F(ReloadTest, DropsARefreshOfAConfigurationThatWasReplacedMeanwhile) {
  begin_and_ask();
  reload_.refresh();
  yaml_.level = "warn";
  reload_.reload();
  run_job(1);
  run_job(0);
  EXPECT_EQ(metric(R"(config_refreshes_total{outcome="success"})"), 1);  // that of the start
  EXPECT_EQ(reload_.generation()->config.logs.level, config::LogLevel::warn);
}

TEST_F(ReloadTest, TakesNothingOnceItWasStopped) {
  begin_and_ask();
  const Generation* before = reload_.generation();
  reload_.reload();
  reload_.stop();
  run_jobs();
  reload_.reload();
  reload_.refresh();
  EXPECT_TRUE(jobs_.empty());
  EXPECT_EQ(reload_.generation(), before);
  EXPECT_EQ(metric(R"(config_reloads_total{outcome="success"})"), 0);
}

}  // namespace
}  // namespace chainmend::server
