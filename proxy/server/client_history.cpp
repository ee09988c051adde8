#include "proxy/server/client_history.h"

#include <algorithm>

namespace chainmend::server {

Minute sum_of(const metrics::ClientCounts& counts) {
  const auto of = [&](tls::Outcome outcome) {
    return counts.outcomes[static_cast<std::size_t>(outcome)];
  };
  return {of(tls::Outcome::full) + of(tls::Outcome::resumed), of(tls::Outcome::failed)};
}

void ClientHistory::note(const std::vector<metrics::ClientCounts>& now) {
  for (const metrics::ClientCounts& counts : now) {
    auto& sums = sums_[{counts.listener, counts.type.index()}];
    sums.push_back(sum_of(counts));
    if (sums.size() > kMinutes) {
      sums.pop_front();
    }
  }
}

std::vector<Minute> ClientHistory::minutes(const metrics::ClientCounts& now) const {
  std::vector<Minute> out(kMinutes);
  const auto found = sums_.find({now.listener, now.type.index()});
  const std::deque<Minute> sums = found == sums_.end() ? std::deque<Minute>() : found->second;
  // What a whole hour of sums begins with is where that hour starts; a shorter one starts at 0.
  Minute before = sums.size() == kMinutes ? sums.front() : Minute();
  std::size_t at = kMinutes - 1 - std::min(sums.size(), kMinutes - 1);
  for (std::size_t i = sums.size() == kMinutes ? 1 : 0; i < sums.size(); ++i, ++at) {
    out[at] = {sums[i].good - before.good, sums[i].failed - before.failed};
    before = sums[i];
  }
  const Minute sum = sum_of(now);
  out.back() = {sum.good - before.good, sum.failed - before.failed};
  return out;
}

}  // namespace chainmend::server
