#include "proxy/logs/line_writer.h"

#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <future>
#include <string>
#include <thread>
#include <vector>

namespace chainmend::logs {
namespace {

TEST(LineWriter, HandsLinesToTheSinkInOrder) {
  std::vector<std::string> lines;
  {
    LineWriter writer([&](std::string_view line) { return lines.emplace_back(line), true; }, 8);
    writer.post("one\n");
    writer.post(std::string(10'000, 'x'));
  }
  EXPECT_THAT(lines, testing::ElementsAre("one\n", std::string(10'000, 'x')));
}

TEST(LineWriter, CountsWhatTheSinkRefuses) {
  std::promise<void> refused;
  LineWriter writer([&](std::string_view) { return refused.set_value(), false; }, 8);
  writer.post("one");
  refused.get_future().wait();
  while (writer.dropped() == 0) {
    std::this_thread::yield();
  }
  EXPECT_EQ(writer.dropped(), 1U);
}

TEST(LineWriter, DropsTheOldestAndNeverWaitsWhenTheSinkStalls) {
  std::promise<void> entered;
  std::promise<void> released;
  std::vector<std::string> lines;
  {
    LineWriter writer(
        [&, release = released.get_future().share()](std::string_view line) {
          if (line == "stalls") {
            entered.set_value();
            release.wait();
          }
          lines.emplace_back(line);
          return true;
        },
        2);
    writer.post("stalls");
    entered.get_future().wait();
    for (const char* line : {"1", "2", "3", "4", "5"}) {
      writer.post(line);
    }
    EXPECT_EQ(writer.dropped(), 3U);
    released.set_value();
  }
  EXPECT_THAT(lines, testing::ElementsAre("stalls", "4", "5"));
}

TEST(LineWriter, KeepsLinesWholeWhenThreadsPost) {
  std::vector<std::string> lines;
  {
    LineWriter writer([&](std::string_view line) { return lines.emplace_back(line), true; }, 1000);
    std::vector<std::thread> threads;
    for (char name = 'a'; name < 'd'; ++name) {
      threads.emplace_back([&writer, name] {
        for (int i = 0; i < 100; ++i) {
          writer.post(std::string(300, name));
        }
      });
    }
    for (auto& thread : threads) {
      thread.join();
    }
  }
  ASSERT_EQ(lines.size(), 300U);
  for (const std::string& line : lines) {
    EXPECT_EQ(line, std::string(300, line[0]));
  }
}

TEST(WriteAll, WaitsForASlowReaderOfANonBlockingPipe) {
  std::array<int, 2> ends{};
  ASSERT_EQ(::pipe2(ends.data(), O_CLOEXEC | O_NONBLOCK), 0);
  const std::string text(1 << 20, 'x');
  std::string got;
  std::thread reader([&] {
    std::array<char, 4096> part{};
    while (got.size() < text.size()) {
      const ssize_t n = ::read(ends[0], part.data(), part.size());
      if (n > 0) {
        got.append(part.data(), static_cast<std::size_t>(n));
      }
    }
  });
  EXPECT_EQ(write_all(ends[1], text), text.size());
  reader.join();
  EXPECT_EQ(got, text);
  ::close(ends[0]);
  ::close(ends[1]);
}

TEST(WriteAll, SaysHowFarItCame) {
  const int full = ::open("/dev/full", O_WRONLY | O_CLOEXEC);
  ASSERT_GE(full, 0);
  EXPECT_EQ(write_all(full, "text"), 0U);
  EXPECT_EQ(errno, ENOSPC);
  ::close(full);
}

}  // namespace
}  // namespace chainmend::logs
