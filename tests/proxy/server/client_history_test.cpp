#include "proxy/server/client_history.h"

#include <gtest/gtest.h>

namespace chainmend::server {
namespace {

metrics::ClientCounts counts(std::uint64_t good, std::uint64_t failed) {
  metrics::ClientCounts out{.listener = "phones", .type = {}};
  out.outcomes[static_cast<std::size_t>(tls::Outcome::full)] = good / 2;
  out.outcomes[static_cast<std::size_t>(tls::Outcome::resumed)] = good - good / 2;
  out.outcomes[static_cast<std::size_t>(tls::Outcome::failed)] = failed;
  return out;
}

TEST(ClientHistory, ShowsTheMinuteUnderWayBeforeAnyIsOver) {
  const auto minutes = ClientHistory().minutes(counts(5, 2));
  ASSERT_EQ(minutes.size(), ClientHistory::kMinutes);
  EXPECT_EQ(minutes.back().good, 5U);
  EXPECT_EQ(minutes.back().failed, 2U);
  EXPECT_EQ(minutes.front().good, 0U);
}

TEST(ClientHistory, ShowsDifferencesOfEachMinute) {
  ClientHistory history;
  history.note({counts(3, 0)});
  history.note({counts(3, 4)});
  const auto minutes = history.minutes(counts(10, 4));
  const std::size_t last = minutes.size() - 1;
  EXPECT_EQ(minutes[last - 2].good, 3U);
  EXPECT_EQ(minutes[last - 1].good, 0U);
  EXPECT_EQ(minutes[last - 1].failed, 4U);
  EXPECT_EQ(minutes[last].good, 7U);
  EXPECT_EQ(minutes[last].failed, 0U);
  EXPECT_EQ(minutes[last - 3].good, 0U);
}

TEST(ClientHistory, ForgetsWhatIsOlderThanAnHour) {
  ClientHistory history;
  for (std::uint64_t minute = 1; minute <= 3 * ClientHistory::kMinutes; ++minute) {
    history.note({counts(minute, 0)});
  }
  const auto minutes = history.minutes(counts(3 * ClientHistory::kMinutes + 1, 0));
  ASSERT_EQ(minutes.size(), ClientHistory::kMinutes);
  for (const Minute& minute : minutes) {
    EXPECT_EQ(minute.good, 1U);
  }
}

}  // namespace
}  // namespace chainmend::server
