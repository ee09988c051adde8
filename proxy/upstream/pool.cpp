#include "proxy/upstream/pool.h"

#include <algorithm>
#include <iterator>
#include <utility>

namespace chainmend::upstream {

using net::Clock;

Pool::Pool(net::DeadlineSet& deadlines)
    : next_sweep_(deadlines, [](void* self) { static_cast<Pool*>(self)->sweep(); }, this) {}

std::optional<Pooled> Pool::take(const Peer& peer) {
  const auto found = shelves_.find(&peer);
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

void Pool::put(const Upstream& upstream, const Peer& peer, std::shared_ptr<const void> owner,
               Pooled connection) {
  const auto now = Clock::now();
  const KeepAlive& limits = upstream.keep_alive;
  Shelf& shelf = shelves_[&peer];
  if (shelf.idle.size() >= limits.per_server || now - connection.connected_at >= limits.max_age) {
    connection.stream.close();
    return;
  }
  const auto until = std::min(now + limits.idle, connection.connected_at + limits.max_age);
  shelf.owner = std::move(owner);
  shelf.used = true;
  shelf.idle.push_back(
      {std::move(connection), until, peer.metrics->connection(metrics::UpstreamState::idle)});
  ++size_;
  if (!std::exchange(sweeping_, true)) {
    next_sweep_.expires_after(kSweepEvery);
  }
}

void Pool::clear() {
  for (auto& [peer, shelf] : shelves_) {
    for (Idle& one : shelf.idle) {
      one.connection.stream.close();
    }
  }
  shelves_.clear();
  size_ = 0;
}

// Closes what has waited long enough, and what the server has closed, and forgets peers that nobody
// asks for: their snapshot may be gone but for us.
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
