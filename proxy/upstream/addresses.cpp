#include "proxy/upstream/addresses.h"

#include <algorithm>

namespace chainmend::upstream {

bool Addresses::known() const {
  const std::scoped_lock lock(mutex_);
  return !entries_.empty();
}

bool Addresses::set(const std::vector<Address>& found) {
  const std::scoped_lock lock(mutex_);
  std::vector<Entry> entries;
  bool same = true;
  for (std::size_t i = 0; i < std::min(found.size(), kMost); ++i) {
    const auto before = std::ranges::find(entries_, found[i], &Entry::address);
    same = same && before != entries_.end();
    entries.push_back(
        {found[i], before == entries_.end() ? net::Clock::time_point() : before->shunned_until});
  }
  same = same && entries.size() == entries_.size();
  entries_ = std::move(entries);
  return !same;
}

std::vector<Addresses::Address> Addresses::all() const {
  const std::scoped_lock lock(mutex_);
  std::vector<Address> out;
  out.reserve(entries_.size());
  for (const Entry& entry : entries_) {
    out.push_back(entry.address);
  }
  return out;
}

std::vector<Addresses::Address> Addresses::in_order(net::Clock::time_point now) {
  const std::scoped_lock lock(mutex_);
  // Of each family on its own, from the next one on.
  std::vector<const Entry*> first, second;
  const std::size_t count = entries_.size();
  const std::size_t start = count == 0 ? 0 : next_++ % count;
  for (std::size_t i = 0; i < count; ++i) {
    const Entry& entry = entries_[(start + i) % count];
    const bool of_first = entry.address.is_v6() == entries_[start].address.is_v6();
    (of_first ? first : second).push_back(&entry);
  }
  std::vector<const Entry*> order;
  for (std::size_t i = 0; i < std::max(first.size(), second.size()); ++i) {
    for (const auto* family : {&first, &second}) {
      if (i < family->size()) {
        order.push_back((*family)[i]);
      }
    }
  }
  std::vector<Address> out;
  for (const bool shunned : {false, true}) {
    for (const Entry* entry : order) {
      if ((entry->shunned_until > now) == shunned) {
        out.push_back(entry->address);
      }
    }
  }
  return out;
}

void Addresses::failed(const Address& address, net::Clock::time_point now) {
  const std::scoped_lock lock(mutex_);
  const auto found = std::ranges::find(entries_, address, &Entry::address);
  if (found != entries_.end()) {
    found->shunned_until = now + kShunned;
  }
}

}  // namespace chainmend::upstream
