#include "proxy/diagnose/measure/statistics.h"

#include <algorithm>
#include <cmath>
#include <limits>

namespace chainmend::diagnose {
namespace {

constexpr double kZ = 1.959963984540054;  // 97.5 % quantile of the normal distribution

}  // namespace

std::optional<double> Rate::value() const {
  if (attempts == 0) {
    return std::nullopt;
  }
  return static_cast<double>(successes) / static_cast<double>(attempts);
}

Interval confidence_interval(const Rate& rate) {
  if (rate.attempts == 0) {
    return {0, 1};
  }
  const auto n = static_cast<double>(rate.attempts);
  const double p = *rate.value();
  const double z2 = kZ * kZ;
  const double middle = (p + z2 / (2 * n)) / (1 + z2 / n);
  const double half = kZ / (1 + z2 / n) * std::sqrt(p * (1 - p) / n + z2 / (4 * n * n));
  // At the ends the formula gives 0 and 1 but for rounding.
  return {rate.successes == 0 ? 0 : std::max(0.0, middle - half),
          rate.successes == rate.attempts ? 1 : std::min(1.0, middle + half)};
}

Interval difference_interval(const Rate& before, const Rate& after) {
  if (before.attempts == 0 || after.attempts == 0) {
    return {-1, 1};
  }
  const double p = *before.value();
  const double q = *after.value();
  const Interval b = confidence_interval(before);
  const Interval a = confidence_interval(after);
  return {q - p - std::hypot(q - a.low, b.high - p), q - p + std::hypot(a.high - q, p - b.low)};
}

void Times::add(std::chrono::microseconds time) {
  const auto value = static_cast<std::uint32_t>(std::clamp<std::chrono::microseconds::rep>(
      time.count(), 0, std::numeric_limits<std::uint32_t>::max()));
  ++count_;
  if (kept_.size() < kMost) {
    kept_.push_back(value);
    return;
  }
  const std::uint64_t place = std::uniform_int_distribution<std::uint64_t>(0, count_ - 1)(random_);
  if (place < kMost) {
    kept_[place] = value;
  }
}

std::optional<Percentiles> Times::percentiles() const {
  if (kept_.empty()) {
    return std::nullopt;
  }
  std::vector<std::uint32_t> sorted = kept_;
  std::ranges::sort(sorted);
  const auto at = [&sorted](std::size_t percent) {
    const std::size_t rank = (sorted.size() * percent + 99) / 100;  // rounded up, from 1
    return std::chrono::microseconds(sorted[std::max<std::size_t>(rank, 1) - 1]);
  };
  return Percentiles{at(50), at(95), at(99)};
}

}  // namespace chainmend::diagnose
