#include "proxy/logs/handshake_log.h"

#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <csignal>
#include <nlohmann/json.hpp>
#include <thread>

#include "tests/proxy/logs/temp_dir.h"

namespace chainmend::logs {
namespace {

using namespace std::chrono_literals;
using nlohmann::json;
using testing::HasSubstr;
using testing::SizeIs;

class HandshakeLogTest : public testing::Test {
 protected:
  ~HandshakeLogTest() override { ::close(human_); }

  // The lines of a file, once the logs have written what they queued.
  std::vector<json> records(const char* name = "handshakes.jsonl") {
    handshakes_.reset();
    std::vector<json> parsed;
    for (const std::string& line : read_lines(dir_ / name)) {
      parsed.push_back(json::parse(line));
    }
    return parsed;
  }
  std::string human_log() {
    handshakes_.reset();
    log_.reset();
    return read_file(dir_ / "human");
  }

  HandshakeRecord record() const {
    return {.connection = 7,
            .listener = "exchange",
            .peer = "192.0.2.1:50123",
            .client_type = "other",
            .client_rule = "version",
            .client_confidence = "none",
            .hello = &hello_,
            .outcome = {.outcome = tls::Outcome::failed,
                        .reason = tls::Reason::client_unknown_ca,
                        .stage = tls::Stage::server_flight,
                        .alert = tls::Alert{tls::AlertDirection::received, 48},
                        .offered_max_version = clients::kTls10},
            .hint = "the client does not trust the chain"};
  }

  TempDir dir_;
  std::chrono::system_clock::time_point now_{1'338'539'400'250ms};
  int human_ = ::open((dir_ / "human").c_str(), O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
  std::unique_ptr<Log> log_ = std::make_unique<Log>(Log::Options{.descriptor = human_});
  std::unique_ptr<HandshakeLog> handshakes_ = std::make_unique<HandshakeLog>(
      *log_, HandshakeLog::Options{.per_second = 3, .clock = [this] { return now_; }});
  std::filesystem::path file_ = dir_ / "handshakes.jsonl";
  clients::ClientHello hello_ = [] {
    clients::ClientHello hello;
    hello.legacy_version = clients::kTls10;
    hello.suites = {0x002f, 0x0035};
    hello.server_name = "mail.contoso.com";
    return hello;
  }();
};

TEST_F(HandshakeLogTest, WritesEverythingKnownInOneLine) {
  ASSERT_TRUE(handshakes_->open(file_));
  handshakes_->write(record());
  const auto lines = records();
  ASSERT_THAT(lines, SizeIs(1));
  json line = lines[0];
  EXPECT_EQ(line["ja3"].get<std::string>().size(), 32U);
  EXPECT_THAT(line["ja4"].get<std::string>(), testing::StartsWith("t10"));
  line.erase("ja3");
  line.erase("ja4");
  EXPECT_EQ(line, json::parse(R"({"time": "2012-06-01T08:30:00.250Z", "event": "handshake",
      "connection": 7, "listener": "exchange", "peer": "192.0.2.1:50123", "client_type": "other",
      "client_rule": "version", "client_confidence": "none", "outcome": "failed", "reason": "client_unknown_ca", "stage": "server_flight",
      "alert": "unknown_ca", "alert_code": 48, "direction": "received",
      "hint": "the client does not trust the chain", "sni": "mail.contoso.com",
      "max_version": "tls1.0", "versions": ["tls1.0"], "suites": ["0x002f", "0x0035"]})"));
}

TEST_F(HandshakeLogTest, LeavesOutWhatIsNotKnown) {
  ASSERT_TRUE(handshakes_->open(file_));
  HandshakeRecord bare = record();
  bare.hello = nullptr;
  bare.outcome.alert.reset();
  handshakes_->write(bare);
  const auto lines = records();
  ASSERT_THAT(lines, SizeIs(1));
  for (const char* key : {"sni", "versions", "suites", "ja3", "ja4", "alert", "direction"}) {
    EXPECT_FALSE(lines[0].contains(key)) << key;
  }
}

TEST_F(HandshakeLogTest, NamesTheOfferedVersionsOfATls13Hello) {
  ASSERT_TRUE(handshakes_->open(file_));
  hello_.supported_versions = {0x7a7a, clients::kTls13, clients::kTls12};
  handshakes_->write(record());
  EXPECT_EQ(records().at(0)["versions"], (json{"0x7a7a", "tls1.3", "tls1.2"}));
}

TEST_F(HandshakeLogTest, WritesHostileTextAsOneLineOfPrintableAscii) {
  ASSERT_TRUE(handshakes_->open(file_));
  hello_.server_name = "a\n\x1b[2J\xff\xe2\x80\xae\xc2\x9b\x7f\"}";
  handshakes_->write(record());
  handshakes_.reset();
  const std::string text = read_file(file_);
  EXPECT_EQ(std::ranges::count(text, '\n'), 1);
  EXPECT_TRUE(
      std::ranges::all_of(text, [](char c) { return (c >= ' ' && c < 0x7f) || c == '\n'; }));
  EXPECT_EQ(json::parse(text)["sni"], "a\n\x1b[2J\ufffd\u202e\u009b\x7f\"}");
}

TEST_F(HandshakeLogTest, BoundsALineWhateverTheHelloSays) {
  ASSERT_TRUE(handshakes_->open(file_));
  hello_.server_name.assign(60'000, '\x01');
  hello_.suites.assign(8000, 0xc02f);
  hello_.supported_versions.assign(8000, 0x0303);
  handshakes_->write(record());
  handshakes_.reset();
  const std::string text = read_file(file_);
  EXPECT_LT(text.size(), 16'384U);
  const json line = json::parse(text);
  EXPECT_EQ(line["suites"].size(), 128U);
  EXPECT_EQ(line["suites_offered"], 8000);
}

TEST_F(HandshakeLogTest, AppendsToAFileOfMode0640) {
  const mode_t mask = ::umask(0);
  ASSERT_TRUE(handshakes_->open(file_));
  ::umask(mask);
  struct stat is{};
  ASSERT_EQ(::stat(file_.c_str(), &is), 0);
  EXPECT_EQ(is.st_mode & 07777U, 0640U);
  handshakes_->write(record());
  handshakes_ = std::make_unique<HandshakeLog>(*log_);
  ASSERT_TRUE(handshakes_->open(file_));
  handshakes_->write(record());
  EXPECT_THAT(records(), SizeIs(2));
}

TEST_F(HandshakeLogTest, IgnoresRecordsWithoutAFile) {
  handshakes_->write(record());
  ASSERT_TRUE(handshakes_->open(file_));
  handshakes_->use({});
  handshakes_->write(record());
  EXPECT_EQ(handshakes_->dropped(), 0U);
  EXPECT_THAT(records(), SizeIs(0));
}

TEST_F(HandshakeLogTest, WritesToANewFileAfterRotation) {
  ASSERT_TRUE(handshakes_->open(file_));
  handshakes_->write(record());
  handshakes_ = std::make_unique<HandshakeLog>(*log_);
  ASSERT_TRUE(handshakes_->open(file_));
  std::filesystem::rename(file_, dir_ / "handshakes.jsonl.1");
  ASSERT_TRUE(handshakes_->open(file_));
  handshakes_->write(record());
  EXPECT_THAT(records(), SizeIs(1));
  EXPECT_THAT(records("handshakes.jsonl.1"), SizeIs(1));
}

TEST_F(HandshakeLogTest, NamesTheFileThatCannotBeOpenedAndKeepsTheOldOne) {
  ASSERT_TRUE(handshakes_->open(file_));
  const auto missing = handshakes_->open(dir_ / "no/such/folder.jsonl");
  ASSERT_FALSE(missing);
  EXPECT_EQ(missing.error().describe(),
            (dir_ / "no/such/folder.jsonl").string() +
                ": cannot open the handshake log: No such file or directory");
  const auto folder = handshakes_->open(dir_ / "");
  ASSERT_FALSE(folder);
  EXPECT_THAT(folder.error().text, HasSubstr("Is a directory"));
  handshakes_->write(record());
  EXPECT_THAT(records(), SizeIs(1));
}

TEST_F(HandshakeLogTest, RefusesAPipeThatNobodyReadsInsteadOfWaiting) {
  const auto fifo = dir_ / "fifo";
  ASSERT_EQ(::mkfifo(fifo.c_str(), 0600), 0);
  EXPECT_FALSE(handshakes_->open(fifo));
}

TEST_F(HandshakeLogTest, DropsWhatIsOverTheRateOfOneListenerTypeAndReason) {
  ASSERT_TRUE(handshakes_->open(file_));
  for (int i = 0; i < 5; ++i) {
    handshakes_->write(record());
  }
  HandshakeRecord other_reason = record();
  other_reason.outcome.reason = tls::Reason::timeout;
  handshakes_->write(other_reason);
  HandshakeRecord other_listener = record();
  other_listener.listener = "phones";
  handshakes_->write(other_listener);
  HandshakeRecord other_type = record();
  other_type.client_type = "ios";
  handshakes_->write(other_type);
  EXPECT_EQ(handshakes_->dropped(), 2U);
  const auto lines = records();
  EXPECT_EQ(std::ranges::count(lines, json("handshake"), [](const json& l) { return l["event"]; }),
            6);
}

TEST_F(HandshakeLogTest, WantsTheShareOfSuccessesThatItWasToldTo) {
  const auto wanted = [this](int of) {
    int count = 0;
    for (int i = 0; i < of; ++i) {
      count += handshakes_->wants_success() ? 1 : 0;
    }
    return count;
  };
  handshakes_->log_successes(1);
  EXPECT_EQ(wanted(10), 0);  // no file
  ASSERT_TRUE(handshakes_->open(file_));
  EXPECT_EQ(wanted(10), 10);
  handshakes_->log_successes(0.01);
  EXPECT_EQ(wanted(1000), 10);
  handshakes_->log_successes(0.3);
  EXPECT_EQ(wanted(1000), 300);
  handshakes_->log_successes(0);
  EXPECT_EQ(wanted(10), 0);
}

TEST_F(HandshakeLogTest, TellsWhatItDroppedOnceTheSecondIsOver) {
  ASSERT_TRUE(handshakes_->open(file_));
  for (int i = 0; i < 5; ++i) {
    handshakes_->write(record());
  }
  now_ += 1s;
  HandshakeRecord other = record();
  other.outcome.reason = tls::Reason::timeout;
  handshakes_->write(other);
  handshakes_->write(record());
  const auto lines = records();
  ASSERT_THAT(lines, SizeIs(6));
  EXPECT_EQ(lines[3], json::parse(R"({"time": "2012-06-01T08:30:00.000Z", "event": "dropped",
      "listener": "exchange", "client_type": "other", "reason": "client_unknown_ca", "count": 2})"));
  EXPECT_EQ(lines[4]["reason"], "timeout");
  EXPECT_EQ(lines[5]["reason"], "client_unknown_ca");
}

TEST_F(HandshakeLogTest, TellsWhatItDroppedWhenItEnds) {
  ASSERT_TRUE(handshakes_->open(file_));
  for (int i = 0; i < 4; ++i) {
    handshakes_->write(record());
  }
  const auto lines = records();
  ASSERT_THAT(lines, SizeIs(4));
  EXPECT_EQ(lines[3]["count"], 1);
}

TEST_F(HandshakeLogTest, CountsFailedWritesAndReportsTheFirst) {
  ASSERT_TRUE(handshakes_->open("/dev/full"));
  handshakes_->write(record());
  handshakes_->write(record());
  while (handshakes_->dropped() < 2) {
    std::this_thread::yield();
  }
  const std::string human = human_log();
  EXPECT_EQ(std::ranges::count(human, '\n'), 1);
  EXPECT_THAT(human, HasSubstr("error handshake_log_failed file=/dev/full "
                               "error=\"No space left on device\""));
}

TEST_F(HandshakeLogTest, StartsAFreshLineAfterOneThatWasCutShort) {
  ASSERT_TRUE(handshakes_->open(file_));
  rlimit unlimited{};
  ASSERT_EQ(::getrlimit(RLIMIT_FSIZE, &unlimited), 0);
  rlimit tight = unlimited;
  tight.rlim_cur = 100;
  ASSERT_EQ(::setrlimit(RLIMIT_FSIZE, &tight), 0);
  handshakes_->write(record());
  while (handshakes_->dropped() == 0) {
    std::this_thread::yield();
  }
  ASSERT_EQ(::setrlimit(RLIMIT_FSIZE, &unlimited), 0);
  handshakes_->write(record());
  handshakes_.reset();
  const auto lines = read_lines(file_);
  ASSERT_THAT(lines, SizeIs(2));
  EXPECT_EQ(lines[0].size(), 100U);
  EXPECT_EQ(json::parse(lines[1])["connection"], 7);
}

TEST_F(HandshakeLogTest, TakesRecordsWhileItIsReopened) {
  handshakes_ = std::make_unique<HandshakeLog>(*log_, HandshakeLog::Options{.per_second = 1000});
  ASSERT_TRUE(handshakes_->open(file_));
  std::vector<std::thread> threads;
  threads.reserve(3);
  for (int t = 0; t < 3; ++t) {
    threads.emplace_back([this] {
      for (int i = 0; i < 100; ++i) {
        handshakes_->write(record());
      }
    });
  }
  for (int i = 0; i < 10; ++i) {
    EXPECT_TRUE(handshakes_->open(file_));
  }
  for (auto& thread : threads) {
    thread.join();
  }
  EXPECT_EQ(handshakes_->dropped(), 0U);
  EXPECT_THAT(records(), SizeIs(300));
}

}  // namespace
}  // namespace chainmend::logs
