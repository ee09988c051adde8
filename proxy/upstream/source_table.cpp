#include "proxy/upstream/source_table.h"

#include <algorithm>
#include <bit>

namespace chainmend::upstream {

namespace {

constexpr unsigned kTimeBits = 24;  // of 4 s each: two years
constexpr unsigned kServerBits = 12;
constexpr std::uint64_t kTimeMask = (std::uint64_t{1} << kTimeBits) - 1;
constexpr std::uint64_t kServerMask = (std::uint64_t{1} << kServerBits) - 1;
constexpr std::chrono::seconds kTick{4};

std::uint64_t tag_of(std::uint64_t source) { return source >> (kTimeBits + kServerBits); }
std::uint64_t tag_in(std::uint64_t entry) { return entry >> (kTimeBits + kServerBits); }
std::uint32_t server_in(std::uint64_t entry) {
  return static_cast<std::uint32_t>(entry >> kTimeBits & kServerMask);
}
// Ticks that went by since the entry was written; right as long as that was less than two years.
std::uint64_t age(std::uint64_t entry, std::uint64_t tick) { return (tick - entry) & kTimeMask; }
std::uint64_t tick_of(std::chrono::seconds now) {
  return static_cast<std::uint64_t>(now / kTick) & kTimeMask;
}

std::uint64_t entry_of(std::uint64_t tag, std::uint32_t server, std::uint64_t tick) {
  return tag << (kTimeBits + kServerBits) | std::uint64_t{server} << kTimeBits | tick;
}

}  // namespace

SourceTable::SourceTable(std::size_t entries) : entries_(std::bit_ceil(std::max(entries, kWays))) {}

std::uint32_t SourceTable::short_id(std::uint64_t id) {
  return static_cast<std::uint32_t>(id % kServerMask) + 1;
}

SourceTable::Entry* SourceTable::set_of(std::uint64_t source) {
  return &entries_[(source * kWays) & (entries_.size() - 1)];
}

std::uint32_t SourceTable::find(std::uint64_t source, Seconds now, Seconds timeout) {
  const std::uint64_t tick = tick_of(now);
  Entry* const set = set_of(source);
  for (std::size_t i = 0; i < kWays; ++i) {
    const std::uint64_t entry = set[i].load(std::memory_order_relaxed);
    if (server_in(entry) == 0 || tag_in(entry) != tag_of(source)) {
      continue;
    }
    if (age(entry, tick) >=
        std::max<std::uint64_t>(1, static_cast<std::uint64_t>(timeout / kTick))) {
      return 0;
    }
    if (age(entry, tick) > 0) {
      set[i].store(entry_of(tag_in(entry), server_in(entry), tick), std::memory_order_relaxed);
    }
    return server_in(entry);
  }
  return 0;
}

void SourceTable::put(std::uint64_t source, std::uint32_t server, Seconds now) {
  const std::uint64_t tick = tick_of(now);
  Entry* const set = set_of(source);
  std::size_t oldest = 0;
  std::uint64_t greatest = 0;
  for (std::size_t i = 0; i < kWays; ++i) {
    const std::uint64_t entry = set[i].load(std::memory_order_relaxed);
    if (server_in(entry) == 0 || tag_in(entry) == tag_of(source)) {
      oldest = i;
      break;
    }
    if (age(entry, tick) >= greatest) {
      greatest = age(entry, tick);
      oldest = i;
    }
  }
  set[oldest].store(entry_of(tag_of(source), server, tick), std::memory_order_relaxed);
}

}  // namespace chainmend::upstream
