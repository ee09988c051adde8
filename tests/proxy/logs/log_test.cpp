#include "proxy/logs/log.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cstdint>
#include <limits>
#include <thread>

#include "tests/proxy/logs/temp_dir.h"

namespace chainmend::logs {
namespace {

using namespace std::chrono_literals;
using testing::ElementsAre;
using testing::StartsWith;

class LogTest : public testing::Test {
 protected:
  ~LogTest() override { ::close(descriptor_); }

  Log::Options options(Log::Style style = Log::Style::plain) const {
    return {.style = style, .descriptor = descriptor_, .clock = [] {
              return std::chrono::system_clock::time_point{1'338'539'400'250ms};
            }};
  }
  std::vector<std::string> lines() const { return read_lines(dir_ / "log"); }

  TempDir dir_;
  int descriptor_ = ::open((dir_ / "log").c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
};

TEST_F(LogTest, WritesOneLinePerEventWithTimeAndLevel) {
  {
    Log log(options());
    log.event(Level::info, "listening", {{"listener", "exchange"}, {"port", 443}});
    log.event(Level::error, "stopped");
  }
  EXPECT_THAT(lines(),
              ElementsAre("2012-06-01T08:30:00.250Z info  listening listener=exchange port=443",
                          "2012-06-01T08:30:00.250Z error stopped"));
}

TEST_F(LogTest, WritesEveryKindOfValue) {
  {
    Log log(options());
    const std::string text = "a string";
    log.event(Level::warn, "e",
              {{"text", text},
               {"view", std::string_view("v")},
               {"yes", true},
               {"low", std::numeric_limits<std::int64_t>::min()},
               {"high", std::numeric_limits<std::uint64_t>::max()},
               {"small", std::uint16_t{7}}});
  }
  EXPECT_THAT(lines(),
              ElementsAre("2012-06-01T08:30:00.250Z warn  e text=\"a string\" view=v yes=true "
                          "low=-9223372036854775808 high=18446744073709551615 small=7"));
}

TEST_F(LogTest, PutsThePriorityInPlaceOfTimeAndLevelForTheJournal) {
  {
    Log::Options journal = options(Log::Style::journal);
    journal.level = Level::debug;
    Log log(journal);
    log.event(Level::debug, "d");
    log.event(Level::info, "i");
    log.event(Level::warn, "w");
    log.event(Level::error, "e");
  }
  EXPECT_THAT(lines(), ElementsAre("<7>d", "<6>i", "<4>w", "<3>e"));
}

TEST_F(LogTest, DetectsTheJournalByTheDescriptorItself) {
  struct stat is{};
  ASSERT_EQ(::fstat(descriptor_, &is), 0);
  ::setenv("JOURNAL_STREAM", fmt::format("{}:{}", is.st_dev, is.st_ino).c_str(), 1);
  {
    Log(options(Log::Style::automatic)).event(Level::info, "ours");
  }
  ::setenv("JOURNAL_STREAM", fmt::format("{}:{}", is.st_dev, is.st_ino + 1).c_str(), 1);
  {
    Log(options(Log::Style::automatic)).event(Level::info, "inherited");
  }
  ::unsetenv("JOURNAL_STREAM");
  {
    Log(options(Log::Style::automatic)).event(Level::info, "none");
  }
  EXPECT_THAT(lines(), ElementsAre("<6>ours", StartsWith("2012-"), StartsWith("2012-")));
}

TEST_F(LogTest, LeavesOutWhatIsBelowTheLevel) {
  {
    Log log(options(Log::Style::journal));
    log.event(Level::debug, "hidden");
    log.set_level(Level::error);
    log.event(Level::warn, "hidden");
    EXPECT_FALSE(log.enabled(Level::warn));
    EXPECT_TRUE(log.enabled(Level::error));
    log.set_level(Level::debug);
    log.event(Level::debug, "shown");
  }
  EXPECT_THAT(lines(), ElementsAre("<7>shown"));
}

TEST_F(LogTest, LetsNoValueForgeALine) {
  {
    Log log(options(Log::Style::journal));
    log.event(Level::info, "refused", {{"sni", "a\n<3>upstream_failed"}, {"next", "b\" forged=1"}});
  }
  EXPECT_THAT(lines(),
              ElementsAre(R"(<6>refused sni="a\n<3>upstream_failed" next="b\" forged=1")"));
}

TEST_F(LogTest, CountsLinesThatTheDescriptorRefuses) {
  const int full = ::open("/dev/full", O_WRONLY | O_CLOEXEC);
  ASSERT_GE(full, 0);
  {
    Log::Options refusing = options();
    refusing.descriptor = full;
    Log log(refusing);
    log.event(Level::info, "lost");
    while (log.dropped() == 0) {
      std::this_thread::yield();
    }
    EXPECT_EQ(log.dropped(), 1U);
  }
  ::close(full);
}

TEST_F(LogTest, TakesEventsFromManyThreads) {
  {
    Log log(options(Log::Style::journal));
    std::vector<std::thread> threads;
    threads.reserve(3);
    for (int t = 0; t < 3; ++t) {
      threads.emplace_back([&log, t] {
        for (int i = 0; i < 100; ++i) {
          log.event(Level::info, "e", {{"thread", t}});
          log.set_level(Level::info);
        }
      });
    }
    for (auto& thread : threads) {
      thread.join();
    }
  }
  EXPECT_THAT(lines(), testing::AllOf(testing::SizeIs(300),
                                      testing::Each(testing::MatchesRegex("<6>e thread=[012]"))));
}

}  // namespace
}  // namespace chainmend::logs
