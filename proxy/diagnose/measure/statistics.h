// What can be said of a rate or of times from a number of attempts. Pure.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <random>
#include <vector>

namespace chainmend::diagnose {

// So many of so many attempts succeeded.
struct Rate {
  std::uint64_t successes = 0;
  std::uint64_t attempts = 0;

  // 0 to 1; nothing without an attempt.
  std::optional<double> value() const;
};

struct Interval {
  double low = 0;
  double high = 0;
};

// Where the true rate lies with 95 % confidence (two-sided): Wilson's score interval (E. B. Wilson,
// 1927), which holds for few attempts and for rates of 0 and 1, too. 0 to 1 without an attempt.
Interval confidence_interval(const Rate& rate);

// The same for how much the rate rose from `before` to `after`, -1 to 1: Newcombe's hybrid score
// interval (R. G. Newcombe, 1998, method 10). When 0 lies outside, chance alone does not explain
// the difference.
Interval difference_interval(const Rate& before, const Rate& after);

struct Percentiles {
  std::chrono::microseconds p50{};
  std::chrono::microseconds p95{};
  std::chrono::microseconds p99{};
};

// Times: measured durations, of which at most kMost are kept. When there are more, each has the
// same chance to be among them (reservoir sampling, J. S. Vitter, 1985, algorithm R).
class Times {
 public:
  static constexpr std::size_t kMost = 20'000;

  void add(std::chrono::microseconds time);
  std::uint64_t count() const { return count_; }
  // By nearest rank; nothing when there are no times.
  std::optional<Percentiles> percentiles() const;

 private:
  std::vector<std::uint32_t> kept_;  // microseconds
  std::uint64_t count_ = 0;
  std::minstd_rand random_;  // always the same seed: which times are kept needs no secrecy
};

}  // namespace chainmend::diagnose
