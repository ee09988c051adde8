// Cells: the counters, gauges and histograms that an event writes and a scrape reads. They are
// relaxed atomics, so that an event costs an addition and never a lock, a lookup or an allocation.
// A scrape reads each cell whole, but not all of them at one instant.
#pragma once

#include <algorithm>
#include <array>
#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <span>
#include <utility>

namespace chainmend::metrics {

class Counter {
 public:
  void add(std::uint64_t n = 1) { value_.fetch_add(n, std::memory_order_relaxed); }
  std::uint64_t value() const { return value_.load(std::memory_order_relaxed); }

 private:
  std::atomic<std::uint64_t> value_{0};
};

class Gauge {
 public:
  void add(std::int64_t n) { value_.fetch_add(n, std::memory_order_relaxed); }
  void set(std::int64_t value) { value_.store(value, std::memory_order_relaxed); }
  std::int64_t value() const { return value_.load(std::memory_order_relaxed); }

 private:
  std::atomic<std::int64_t> value_{0};
};

// Held keeps a gauge one higher for as long as it lives. Move-only; a moved-from one holds nothing.
class [[nodiscard]] Held {
 public:
  Held() = default;
  explicit Held(Gauge& gauge) : gauge_(&gauge) { gauge_->add(1); }
  Held(Held&& other) noexcept : gauge_(std::exchange(other.gauge_, nullptr)) {}
  Held& operator=(Held&& other) noexcept {
    std::swap(gauge_, other.gauge_);
    return *this;
  }
  ~Held() {
    if (gauge_ != nullptr) {
      gauge_->add(-1);
    }
  }

 private:
  Gauge* gauge_ = nullptr;
};

// Durations in buckets. Bounds are upper, inclusive, ascending, and outlive the histogram.
class Histogram {
 public:
  static constexpr std::size_t kMaxBounds = 16;
  using Bounds = std::span<const std::chrono::nanoseconds>;

  explicit Histogram(Bounds bounds) : bounds_(bounds.first(std::min(bounds.size(), kMaxBounds))) {}

  void observe(std::chrono::nanoseconds took) {
    const auto bucket = std::ranges::lower_bound(bounds_, took) - bounds_.begin();
    buckets_[static_cast<std::size_t>(bucket)].add();
    sum_.add(took.count());
  }

  Bounds bounds() const { return bounds_; }
  // Events in bucket i alone; i == bounds().size() is what was over every bound.
  std::uint64_t bucket(std::size_t i) const { return buckets_[i].value(); }
  std::chrono::nanoseconds sum() const { return std::chrono::nanoseconds(sum_.value()); }

 private:
  Bounds bounds_;
  std::array<Counter, kMaxBounds + 1> buckets_;
  Gauge sum_;  // nanoseconds: 292 years
};

}  // namespace chainmend::metrics
