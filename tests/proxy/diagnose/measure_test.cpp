#include "proxy/diagnose/measure/measure.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>

#include "proxy/diagnose/measure/measured_metrics.h"

namespace chainmend::diagnose {
namespace {

using namespace std::chrono_literals;
using testing::HasSubstr;

Attempt good() {
  Attempt attempt;
  attempt.outcome = tls::Outcome::full;
  attempt.version = 0x0301;
  attempt.suite = 0x002f;
  return attempt;
}

Attempt bad() {
  Attempt attempt;
  attempt.reason = tls::Reason::client_unknown_ca;
  attempt.detail = "no root";
  return attempt;
}

Measured named(std::string name, std::function<Attempt(const Patience&)> attempt) {
  Measured out;
  out.row.target = "vip:443";
  out.row.client = std::move(name);
  out.attempt = std::move(attempt);
  return out;
}

constexpr Pace kFast{.count = 10, .duration = {}, .rate = 1e6, .concurrency = 3, .timeout = 1s};

TEST(Measure, CountsEachRowAsOftenAsItWasTold) {
  std::vector<Measured> rows;
  std::atomic<int> n = 0;
  rows.push_back(named("good", [](const Patience&) { return good(); }));
  rows.push_back(named("flaky", [&n](const Patience&) { return n++ % 2 == 0 ? good() : bad(); }));
  rows.back().share = 2;
  Progress last;
  measure(rows, kFast, {}, [&last](const Progress& progress) { last = progress; });
  EXPECT_EQ(rows[0].row.success().successes, 10U);
  EXPECT_EQ(rows[0].row.success().attempts, 10U);
  EXPECT_EQ(rows[1].row.success().successes, 10U);
  EXPECT_EQ(rows[1].row.success().attempts, 20U);
  EXPECT_EQ(rows[1].row.failures.at(tls::Reason::client_unknown_ca).count, 10U);
  EXPECT_EQ(rows[1].row.failures.at(tls::Reason::client_unknown_ca).example, "no root");
  EXPECT_EQ(last.done, 30U);
  EXPECT_EQ(last.planned, 30U);
  EXPECT_EQ(last.failed, 10U);
}

TEST(Measure, DoesNotCountWhatAStopCutOff) {
  std::vector<Measured> rows;
  std::stop_source stop;
  std::atomic<int> n = 0;
  rows.push_back(named("phone", [&](const Patience&) {
    if (++n < 5) {
      return good();
    }
    stop.request_stop();
    return bad();
  }));
  Pace pace = kFast;
  pace.concurrency = 1;
  measure(rows, pace, stop.get_token(), {});
  EXPECT_EQ(rows[0].row.success().attempts, 4U);
  EXPECT_EQ(rows[0].row.success().successes, 4U);
}

TEST(Measure, StopsWhileItWaitsForItsTurn) {
  std::vector<Measured> rows;
  std::stop_source stop;
  rows.push_back(named("phone", [&](const Patience&) {
    stop.request_stop();
    return good();
  }));
  Pace pace = kFast;
  pace.rate = 0.001;  // the next turn would be in 1,000 seconds
  measure(rows, pace, stop.get_token(), {});
  EXPECT_EQ(rows[0].row.success().attempts, 1U);
}

TEST(Measure, EndsWithItsDuration) {
  std::vector<Measured> rows;
  rows.push_back(named("phone", [](const Patience&) { return good(); }));
  Pace pace = kFast;
  pace.rate = 100;
  pace.duration = 100ms;
  measure(rows, pace, {}, {});
  EXPECT_GE(rows[0].row.success().attempts, 1U);
  EXPECT_LE(rows[0].row.success().attempts, 11U);
}

TEST(Measure, CountsResumptionsOfThoseThatAsked) {
  Row row;
  Attempt attempt = good();
  row.add(attempt);
  attempt.offered_session = true;
  row.add(attempt);
  attempt.outcome = tls::Outcome::resumed;
  row.add(attempt);
  EXPECT_EQ(row.resumption.attempts, 2U);
  EXPECT_EQ(row.resumption.successes, 1U);
  EXPECT_EQ(row.success().successes, 3U);
}

TEST(MetricsPage, NamesTargetClientOutcomeAndReason) {
  Row row;
  row.target = "vip:443";
  row.client = "lync_phone_edition";
  row.add(good());
  row.add(bad());
  const std::string page = metrics_page({row});
  EXPECT_THAT(page, HasSubstr("chainmend_measured_success_ratio{target=\"vip:443\""));
  EXPECT_THAT(page, HasSubstr("outcome=\"failed\"} 1"));
  EXPECT_THAT(page, HasSubstr("reason=\"client_unknown_ca\"} 1"));
  EXPECT_THAT(page, HasSubstr("tls_version=\"tls1.0\"} 1"));
}

}  // namespace
}  // namespace chainmend::diagnose
