#include "proxy/upstream/pool.h"

#include <algorithm>
#include <functional>
#include <iterator>
#include <utility>

namespace chainmend::upstream {

using net::Clock;

Pool::Pool(net::DeadlineSet& deadlines)
    : next_sweep_(deadlines, [](void* self) { static_cast<Pool*>(self)->sweep(); }, this) {}

std::size_t Pool::KeyHash::operator()(const Key& key) const noexcept {
  return std::hash<const Server*>()(key.server) ^ certs::Sha256Hash()(key.terms);
}

std::optional<Pooled> Pool::take(const Peer& peer) {
  const auto found = shelves_.find(key_of(peer));
  if (found == shelves_.end()) {
    return std::nullopt;
  }
  found->second.used = true;
  auto& idle = found->second.idle;
  while (!idle.empty()) {
    Pooled last = std::move(idle.back().connection);
    idle.pop_back();
    --size_;
    if (last.stream.quiet()) {
      return last;
    }
    last.stream.close();
  }
  return std::nullopt;
}

void Pool::put(const KeepAlive& limits, const Peer& peer, Pooled connection) {
  const auto now = Clock::now();
  Shelf& shelf = shelves_[key_of(peer)];
  if (shelf.idle.size() >= limits.per_server || now - connection.connected_at >= limits.max_age) {
    connection.stream.close();
    return;
  }
  const auto until = std::min(now + limits.idle, connection.connected_at + limits.max_age);
  shelf.server = peer.server;
  shelf.used = true;
  shelf.idle.push_back(
      {std::move(connection), until, peer.server->connection(metrics::UpstreamState::idle)});
  ++size_;
  if (!std::exchange(sweeping_, true)) {
    next_sweep_.expires_after(kSweepEvery);
  }
}

void Pool::keep_only(std::span<const Peer* const> peers) {
  for (auto shelf = shelves_.begin(); shelf != shelves_.end();) {
    const bool wanted =
        std::ranges::any_of(peers, [&](const Peer* peer) { return key_of(*peer) == shelf->first; });
    if (wanted) {
      ++shelf;
      continue;
    }
    for (Idle& one : shelf->second.idle) {
      one.connection.stream.close();
    }
    size_ -= shelf->second.idle.size();
    shelf = shelves_.erase(shelf);
  }
}

// Closes what has waited long enough and what the server has closed, and forgets servers that
// nobody asks for: they may be in no configuration any more.
void Pool::sweep() {
  const auto now = Clock::now();
  size_ = 0;
  for (auto shelf = shelves_.begin(); shelf != shelves_.end();) {
    auto& idle = shelf->second.idle;
    std::erase_if(idle, [now](Idle& one) {
      const bool over = one.until <= now || !one.connection.stream.quiet();
      if (over) {
        one.connection.stream.close();
      }
      return over;
    });
    size_ += idle.size();
    const bool in_use = std::exchange(shelf->second.used, false) || !idle.empty();
    shelf = in_use ? std::next(shelf) : shelves_.erase(shelf);
  }
  sweeping_ = !shelves_.empty();
  if (sweeping_) {
    next_sweep_.expires_after(kSweepEvery);
  }
}

}  // namespace chainmend::upstream
