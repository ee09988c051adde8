#include "proxy/session/source_table.h"

#include <algorithm>
#include <cstring>
#include <random>

namespace chainmend::session {

namespace {

// The finalizer of SplitMix64: every bit of the result depends on every bit of x.
std::uint64_t mixed(std::uint64_t x) {
  x = (x ^ (x >> 30U)) * 0xbf58476d1ce4e5b9U;
  x = (x ^ (x >> 27U)) * 0x94d049bb133111ebU;
  return x ^ (x >> 31U);
}

std::uint64_t hash_of(const config::Address& address, std::uint64_t seed) {
  std::array<std::uint64_t, 2> halves{};
  std::memcpy(halves.data(), address.data(), address.size());
  return mixed(mixed(halves[0] ^ seed) + halves[1]);
}

}  // namespace

std::size_t SourceTable::Hash::operator()(const config::Address& address) const {
  return hash_of(address, seed);
}

SourceTable::SourceTable()
    : seed_(std::uint64_t{std::random_device()()} << 32U | std::random_device()()),
      shards_{Shard(seed_), Shard(seed_), Shard(seed_), Shard(seed_), Shard(seed_), Shard(seed_),
              Shard(seed_), Shard(seed_), Shard(seed_), Shard(seed_), Shard(seed_), Shard(seed_),
              Shard(seed_), Shard(seed_), Shard(seed_), Shard(seed_)} {}

SourceTable::Held::~Held() {
  if (shard_ == nullptr) {
    return;
  }
  const std::lock_guard lock(shard_->mutex);
  if (--entry_->second.open == 0 && !entry_->second.rated) {
    const config::Address source = entry_->first;
    shard_->entries.erase(source);
  }
}

config::Network SourceTable::source_of(const config::Address& address, const Rules& rules) {
  config::Network network{address, 128};
  network.prefix =
      static_cast<unsigned>(network.is_ipv4() ? 96 + rules.ipv4_prefix : rules.ipv6_prefix);
  return network.whole();
}

SourceTable::Answer SourceTable::take(const config::Address& address, const Rules& rules,
                                      net::Clock::time_point now, Held& held) {
  const config::Address source = source_of(address, rules).address;
  Shard& shard = shard_of(source);
  const std::lock_guard lock(shard.mutex);
  if (shard.entries.size() >= shard.purge_at) {
    purge(shard);
  }
  const auto [found, is_new] = shard.entries.try_emplace(source);
  Entry& entry = found->second;
  entry.rated = rules.per_second > 0;
  if (entry.rated) {
    const double passed = std::chrono::duration<double>(now - entry.filled).count();
    entry.tokens =
        is_new ? rules.burst : std::min(rules.burst, entry.tokens + (passed * rules.per_second));
    entry.filled = now;
  }
  ++entry.open;
  held = Held(shard, *found);
  if (entry.rated && entry.tokens < 1) {
    return Answer::too_fast;
  }
  if (rules.open != 0 && entry.open > rules.open) {
    return Answer::too_many_open;
  }
  entry.tokens -= 1;
  return Answer::taken;
}

std::size_t SourceTable::size() {
  std::size_t sum = 0;
  for (Shard& shard : shards_) {
    const std::lock_guard lock(shard.mutex);
    sum += shard.entries.size();
  }
  return sum;
}

SourceTable::Shard& SourceTable::shard_of(const config::Address& source) {
  return shards_[hash_of(source, ~seed_) % kShards];
}

// What is left has connections, whose number is limited elsewhere.
void SourceTable::purge(Shard& shard) {
  std::erase_if(shard.entries, [](const auto& entry) { return entry.second.open == 0; });
  shard.purge_at = std::max(kKept, 2 * shard.entries.size());
}

}  // namespace chainmend::session
