#include "proxy/logs/last_failures.h"

#include <algorithm>
#include <functional>

#include "proxy/logs/handshake_log.h"

namespace chainmend::logs {

void LastFailures::note(const HandshakeRecord& record, std::chrono::system_clock::time_point now) {
  LastFailure failure{
      .time = std::chrono::floor<std::chrono::seconds>(now),
      .listener = std::string(record.listener),
      .client_type = std::string(record.client_type),
      .peer = std::string(record.peer),
      .server_name = record.hello != nullptr ? record.hello->server_name : std::string(),
      .max_version = record.outcome.offered_max_version,
      .reason = record.outcome.reason,
      .hint = std::string(record.hint),
      .causes = {}};
  for (const tls::PossibleCause& one : record.causes) {
    failure.causes.emplace_back(tls::to_string(one.cause));
  }
  const std::lock_guard lock(mutex_);
  std::deque<LastFailure>& kept = by_type_[{failure.listener, failure.client_type}];
  kept.push_front(std::move(failure));
  if (kept.size() > kKeptOfEach) {
    kept.pop_back();
  }
}

std::vector<LastFailure> LastFailures::all() const {
  std::vector<LastFailure> out;
  {
    const std::lock_guard lock(mutex_);
    for (const auto& [type, kept] : by_type_) {
      out.insert(out.end(), kept.begin(), kept.end());
    }
  }
  std::ranges::sort(out, std::ranges::greater(), &LastFailure::time);
  return out;
}

}  // namespace chainmend::logs
