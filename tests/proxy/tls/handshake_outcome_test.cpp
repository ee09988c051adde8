#include "proxy/tls/handshake_outcome.h"

#include <gtest/gtest.h>

#include <set>
#include <string>

#include "proxy/tls/explain.h"

namespace chainmend::tls {
namespace {

// Labels are lower case words, distinct, for every value of an enum up to `last`.
template <typename Enum>
void expect_distinct_labels(Enum last) {
  std::set<std::string> labels;
  for (int i = 0; i <= static_cast<int>(last); ++i) {
    const std::string label = to_string(static_cast<Enum>(i));
    EXPECT_EQ(label.find_first_not_of("abcdefghijklmnopqrstuvwxyz_"), std::string::npos) << label;
    EXPECT_TRUE(labels.insert(label).second) << label;
  }
}

TEST(HandshakeOutcome, HasALabelOfItsOwnForEveryValue) {
  expect_distinct_labels(Outcome::completed_unused);
  expect_distinct_labels(Reason::internal);
  expect_distinct_labels(Stage::after_finished);
  expect_distinct_labels(NoiseKind::proxy_header_missing);
  expect_distinct_labels(AlertDirection::received);
}

TEST(HandshakeOutcome, HasAHintForEveryReason) {
  std::set<std::string> hints;
  for (int i = 0; i <= static_cast<int>(Reason::internal); ++i) {
    EXPECT_TRUE(hints.insert(hint(static_cast<Reason>(i))).second) << i;
  }
  EXPECT_FALSE(hints.contains(""));
}

TEST(AlertName, FollowsTheRegistry) {
  const std::pair<int, const char*> rows[] = {{0, "close_notify"},
                                              {40, "handshake_failure"},
                                              {42, "bad_certificate"},
                                              {45, "certificate_expired"},
                                              {46, "certificate_unknown"},
                                              {48, "unknown_ca"},
                                              {70, "protocol_version"},
                                              {80, "internal_error"},
                                              {86, "inappropriate_fallback"},
                                              {112, "unrecognized_name"},
                                              {116, "certificate_required"},
                                              {1, "other"},
                                              {254, "other"},
                                              {kSealedAlert, "encrypted"}};
  for (const auto& [code, name] : rows) {
    EXPECT_STREQ(alert_name(static_cast<std::uint8_t>(code)), name);
  }
}

}  // namespace
}  // namespace chainmend::tls
