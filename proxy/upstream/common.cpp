#include "proxy/upstream/common.h"

namespace chainmend::upstream {

bool Common::may_complain(net::Clock::time_point now) {
  const net::Clock::rep at = now.time_since_epoch().count();
  net::Clock::rep last = complained_.load(std::memory_order_relaxed);
  const auto pause = std::chrono::duration_cast<net::Clock::duration>(std::chrono::seconds(1));
  return (last == 0 || at - last >= pause.count()) &&
         complained_.compare_exchange_strong(last, at, std::memory_order_relaxed);
}

std::shared_ptr<SourceTable> Common::sources(std::size_t entries) {
  if (!sources_ || entries_ != entries) {
    sources_ = std::make_shared<SourceTable>(entries);
    entries_ = entries;
  }
  return sources_;
}

}  // namespace chainmend::upstream
