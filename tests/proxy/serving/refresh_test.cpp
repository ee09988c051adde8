#include "proxy/serving/refresh.h"

#include <gtest/gtest.h>

#include "tests/certs/test_pki.h"

namespace chainmend::serving {
namespace {

using namespace std::chrono_literals;
using certs::testing::in_bundle;
using certs::testing::issue;

const certs::Time kNow = *certs::parse_time("2026-01-01");

// One served chain of a leaf and intermediates that end then.
Build build_of(certs::Time leaf_end, const std::vector<certs::Time>& ends, bool complete = true) {
  Build build;
  build.complete = complete;
  CertificateReport report;
  report.chain.certificates.push_back(in_bundle(issue({.not_after = leaf_end})));
  for (const certs::Time end : ends) {
    report.chain.certificates.push_back(in_bundle(issue({.not_after = end})));
  }
  build.certificates.push_back(std::move(report));
  return build;
}

TEST(NextLook, IsTomorrowWhenAllIsWell) {
  EXPECT_EQ(next_look(build_of(kNow + 48h, {kNow + 48h}), kNow), 24h);
  EXPECT_EQ(next_look(Build(), kNow), 24h);
}

TEST(NextLook, IsSoonWhenAChainIsIncomplete) {
  EXPECT_EQ(next_look(build_of(kNow + 48h, {}, false), kNow), 5min);
}

TEST(NextLook, IsRightAfterTheFirstIntermediateEnds) {
  EXPECT_EQ(next_look(build_of(kNow + 48h, {kNow + 20h, kNow + 3h}), kNow), 3h + 1s);
  EXPECT_EQ(next_look(build_of(kNow + 48h, {kNow + 2min}, false), kNow), 2min + 1s);
}

// A new leaf comes with a reload, not from looking again.
TEST(NextLook, DoesNotHurryForALeaf) {
  EXPECT_EQ(next_look(build_of(kNow + 1h, {kNow + 48h}), kNow), 24h);
}

TEST(NextLook, NeverTurnsInCircles) {
  EXPECT_EQ(next_look(build_of(kNow + 48h, {kNow}), kNow), 1min);
  EXPECT_EQ(next_look(build_of(kNow + 48h, {kNow - 1h}), kNow), 24h);
}

}  // namespace
}  // namespace chainmend::serving
