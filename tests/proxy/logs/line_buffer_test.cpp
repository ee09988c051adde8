#include "proxy/logs/line_buffer.h"

#include <gmock/gmock.h>

#include <future>
#include <vector>

namespace chainmend::logs {
namespace {

using std::chrono::hours;
using testing::ElementsAre;

struct Written {
  std::vector<std::string> batches;
  LineBuffer::Sink sink() {
    return [this](std::string_view lines) { return batches.emplace_back(lines), true; };
  }
};

TEST(LineBuffer, WritesAtItsEndWhatHasGatheredInOnePiece) {
  Written written;
  {
    LineBuffer buffer(written.sink(), {.moment = hours(1)});
    buffer.append("one\n");
    buffer.append("two\n");
  }
  EXPECT_THAT(written.batches, ElementsAre("one\ntwo\n"));
}

TEST(LineBuffer, WritesAfterAMoment) {
  std::promise<std::string> came;
  LineBuffer buffer(
      [&](std::string_view lines) {
        came.set_value(std::string(lines));
        return true;
      },
      {.moment = std::chrono::milliseconds(1)});
  buffer.append("one\n");
  EXPECT_EQ(came.get_future().get(), "one\n");
}

TEST(LineBuffer, WritesAtOnceWhatIsMuch) {
  std::promise<std::string> came;
  LineBuffer buffer(
      [&](std::string_view lines) {
        came.set_value(std::string(lines));
        return true;
      },
      {.much = 8, .moment = hours(1)});
  buffer.append("one\n");
  buffer.append("two\n");
  EXPECT_EQ(came.get_future().get(), "one\ntwo\n");
}

TEST(LineBuffer, DropsWhatIsOldAndNeverWaitsWhenTheSinkStalls) {
  std::promise<void> entered, released;
  std::vector<std::string> batches;
  {
    LineBuffer buffer(
        [&](std::string_view lines) {
          if (batches.emplace_back(lines) == "0\n") {
            entered.set_value();
            released.get_future().wait();
          }
          return true;
        },
        {.full = 4, .much = 1});
    buffer.append("0\n");
    entered.get_future().wait();
    for (const char* line : {"1\n", "2\n", "3\n"}) {
      buffer.append(line);
    }
    EXPECT_EQ(buffer.dropped(), 2U);
    released.set_value();
  }
  EXPECT_THAT(batches, ElementsAre("0\n", "3\n"));
}

TEST(LineBuffer, CountsWhatTheSinkRefuses) {
  std::promise<void> refused;
  LineBuffer buffer([&](std::string_view) { return refused.set_value(), false; }, {.much = 1});
  buffer.append("one\n");
  refused.get_future().wait();
  while (buffer.dropped() == 0) {
    std::this_thread::yield();
  }
  EXPECT_EQ(buffer.dropped(), 1U);
}

}  // namespace
}  // namespace chainmend::logs
