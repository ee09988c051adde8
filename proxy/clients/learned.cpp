#include "proxy/clients/learned.h"

#include <algorithm>
#include <iterator>
#include <utility>

namespace chainmend::clients {
namespace {

template <typename Bytes>
std::size_t hash_of(const Bytes& bytes) {
  return std::hash<std::string_view>()({reinterpret_cast<const char*>(bytes.data()), bytes.size()});
}

}  // namespace

std::size_t LearnedClients::Hash::operator()(const Address& address) const {
  return hash_of(address);
}
std::size_t LearnedClients::Hash::operator()(const Ja4& ja4) const { return hash_of(ja4); }
std::size_t LearnedClients::Hash::operator()(const Key& key) const {
  return hash_of(key.address) * 31 + hash_of(key.ja4);
}

void LearnedClients::Votes::add(std::size_t type, int change) {
  std::size_t& count = counts_[type];
  count = change > 0 ? count + 1 : count - 1;
  if (count == 0) {
    counts_.erase(type);
  }
}

std::size_t LearnedClients::Votes::total() const {
  std::size_t sum = 0;
  for (const auto& [type, count] : counts_) {
    sum += count;
  }
  return sum;
}

std::optional<ClientType> LearnedClients::Votes::agreed(std::size_t at_least) const {
  if (counts_.size() != 1 || counts_.begin()->second < at_least) {
    return std::nullopt;
  }
  return ClientType::at(counts_.begin()->first);
}

LearnedClients::LearnedClients(Clock clock) : LearnedClients(std::move(clock), Limits{}) {}

LearnedClients::LearnedClients(Clock clock, const Limits& limits)
    : clock_(std::move(clock)), limits_(limits) {}

std::chrono::sys_seconds LearnedClients::now() const {
  return std::chrono::floor<std::chrono::seconds>(clock_());
}

void LearnedClients::learn(const Address& address, const Ja4& ja4, ClientType type) {
  const auto time = now();
  const std::lock_guard lock(mutex_);
  drop_expired(time);
  learn_locked({address, ja4}, type, time);
}

void LearnedClients::learn_locked(const Key& key, ClientType type, std::chrono::sys_seconds time) {
  auto found = pairs_.find(key);
  if (found == pairs_.end()) {
    const auto of_address = by_address_.find(key.address);
    if (of_address != by_address_.end() && of_address->second.total() >= limits_.per_address) {
      return;
    }
    oldest_first_.push_back({key, {}, time});
    found = pairs_.emplace(key, std::prev(oldest_first_.end())).first;
  }
  Pair& pair = *found->second;
  // Proving it again moves it at most once an hour in the copy on disk.
  changes_ += time - pair.proved >= std::chrono::hours(1) ? 1 : 0;
  pair.proved = time;
  oldest_first_.splice(oldest_first_.end(), oldest_first_, found->second);
  if (!pair.types.test(type.index())) {
    pair.types.set(type.index());
    vote(key, type.index(), 1);
    ++changes_;
  }
  if (pairs_.size() > limits_.entries) {
    drop_oldest();
  }
}

void LearnedClients::vote(const Key& key, std::size_t type, int change) {
  Votes& address = by_address_[key.address];
  address.add(type, change);
  if (address.empty()) {
    by_address_.erase(key.address);
  }
  Votes& hello = by_hello_[key.ja4];
  hello.add(type, change);
  if (hello.empty()) {
    by_hello_.erase(key.ja4);
  }
}

void LearnedClients::drop_oldest() {
  const Pair& oldest = oldest_first_.front();
  for (std::size_t type = 0; type < oldest.types.size(); ++type) {
    if (oldest.types.test(type)) {
      vote(oldest.key, type, -1);
    }
  }
  pairs_.erase(oldest.key);
  oldest_first_.pop_front();
}

void LearnedClients::drop_expired(std::chrono::sys_seconds time) {
  while (!oldest_first_.empty() && oldest_first_.front().proved + limits_.lifetime < time) {
    drop_oldest();
  }
}

std::optional<Classification> LearnedClients::find(const Address& address, const Ja4& ja4) {
  const auto time = now();
  const std::lock_guard lock(mutex_);
  drop_expired(time);
  const auto of_address = by_address_.find(address);
  if (of_address != by_address_.end() && pairs_.contains(Key{address, ja4})) {
    if (const auto type = of_address->second.agreed(1)) {
      return Classification{*type, Confidence::high, "learned_address"};
    }
  }
  if (const auto of_hello = by_hello_.find(ja4); of_hello != by_hello_.end()) {
    if (const auto type = of_hello->second.agreed(limits_.agreeing)) {
      return Classification{*type, Confidence::high, "learned_hello"};
    }
  }
  return std::nullopt;
}

std::size_t LearnedClients::size() const {
  const std::lock_guard lock(mutex_);
  return pairs_.size();
}

std::uint64_t LearnedClients::changes() const {
  const std::lock_guard lock(mutex_);
  return changes_;
}

std::vector<LearnedClients::Entry> LearnedClients::entries() const {
  const std::lock_guard lock(mutex_);
  std::vector<Entry> out;
  out.reserve(pairs_.size());
  for (const Pair& pair : oldest_first_) {
    for (std::size_t type = 0; type < pair.types.size(); ++type) {
      if (pair.types.test(type)) {
        out.push_back({pair.key.address, pair.key.ja4, ClientType::at(type), pair.proved});
      }
    }
  }
  return out;
}

void LearnedClients::restore(std::vector<Entry> entries) {
  std::ranges::sort(entries, {}, &Entry::proved);
  const auto time = now();
  const std::lock_guard lock(mutex_);
  for (const Entry& entry : entries) {
    learn_locked({entry.address, entry.ja4}, entry.type, std::min(entry.proved, time));
  }
  drop_expired(time);
}

}  // namespace chainmend::clients
