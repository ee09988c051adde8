#include "config/suggest.h"

#include <ostream>
#include <string>

#include <gtest/gtest.h>

namespace chainmend::config {
namespace {

struct Case {
  std::string word;
  std::optional<std::string_view> nearest;
};

void PrintTo(const Case& one, std::ostream* out) { *out << one.word.substr(0, 20); }

class Nearest : public testing::TestWithParam<Case> {};

TEST_P(Nearest, IsTheWordThatWasMeant) {
  EXPECT_EQ(
      nearest(GetParam().word, {"listen", "listeners", "tls", "timeouts", "max_size", "warn"}),
      GetParam().nearest);
}

INSTANTIATE_TEST_SUITE_P(Words, Nearest,
                         testing::Values(Case{"lisen", "listen"},        // one left out
                                         Case{"listten", "listen"},      // one too many
                                         Case{"lizten", "listen"},       // another
                                         Case{"litsen", "listen"},       // two swapped
                                         Case{"listener", "listeners"},  // nearer than listen
                                         Case{"LISTEN", "listen"},       // case
                                         Case{"max-size", "max_size"},   // - and _
                                         Case{"tsl", "tls"},             // short words: one error
                                         Case{"abc", std::nullopt},      // and no more
                                         Case{"warning", "warn"},        // the longer of the two
                                         Case{"time", "timeouts"},       // the shorter
                                         Case{"ti", std::nullopt},  // too short to begin a word
                                         Case{"certificate", std::nullopt}, Case{"", std::nullopt},
                                         Case{std::string(100'000, 'x'), std::nullopt}));

TEST(Nearest, IsNothingWithoutCandidates) { EXPECT_EQ(nearest("listen", {}), std::nullopt); }

}  // namespace
}  // namespace chainmend::config
