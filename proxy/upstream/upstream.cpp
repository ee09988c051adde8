#include "proxy/upstream/upstream.h"

#include <algorithm>

namespace chainmend::upstream {

const Peer* Upstream::peer_of_cookie(std::string_view value) const {
  const auto found = std::ranges::find(peers, value, &Peer::cookie);
  return found == peers.end() || value.empty() ? nullptr : &*found;
}

const Peer* Upstream::peer_of_short_id(std::uint32_t id) const {
  const auto found = std::ranges::find_if(
      peers, [id](const Peer& peer) { return SourceTable::short_id(peer.server->id()) == id; });
  return found == peers.end() ? nullptr : &*found;
}

// When a check, or the end of an ejection, may have changed something.
std::chrono::seconds Upstream::retry_after() const {
  std::chrono::milliseconds soonest{10'000};
  if (health) {
    soonest = std::min(soonest, health->interval * static_cast<int>(health->rise));
  }
  return std::max(std::chrono::seconds(1), std::chrono::ceil<std::chrono::seconds>(soonest));
}

}  // namespace chainmend::upstream
