#include "certs/time.h"

#include <gtest/gtest.h>

namespace chainmend::certs {
namespace {

TEST(ParseTime, ReadsWhatPeopleAndProgramsWrite) {
  const std::pair<const char*, long long> cases[] = {
      {"0", 0},
      {"1700000000", 1'700'000'000},
      {"1970-01-01", 0},
      {"1970-01-02T00:00:01Z", 86'401},
      {"2026-11-22T10:00:00Z", 1'795'341'600},
      {"2024-02-29T23:59:59Z", 1'709'251'199},
  };
  for (const auto& [text, seconds] : cases) {
    const auto time = parse_time(text);
    ASSERT_TRUE(time.has_value()) << text;
    EXPECT_EQ(time->time_since_epoch().count(), seconds) << text;
  }
}

TEST(ParseTime, RefusesTheRest) {
  for (const char* text :
       {"", "now", "-1", "2026-02-30", "2026-13-01", "2026-11-22T24:00:00Z", "2026-11-22T10:00:00",
        "2026-11-22T10:00:00+01:00", "2026-11-22 10:00:00Z", "22.11.2026", "253402300800",
        "99999999999999999999", "2026-1-01", "20261122T100000Z", "-026-11-22"}) {
    const auto time = parse_time(text);
    ASSERT_FALSE(time.has_value()) << text;
    EXPECT_EQ(time.error().code, ErrorCode::malformed);
  }
}

TEST(FormatTime, IsReadBackAsItself) {
  for (const char* text :
       {"2026-11-22T10:00:00Z", "1950-01-01T00:00:00Z", "9999-12-31T23:59:59Z"}) {
    EXPECT_EQ(format_time(*parse_time(text)), text);
  }
}

}  // namespace
}  // namespace chainmend::certs
