#include "proxy/upstream/server.h"

namespace chainmend::upstream {

namespace {

std::chrono::sys_seconds now() {
  return std::chrono::floor<std::chrono::seconds>(std::chrono::system_clock::now());
}

}  // namespace

void Server::succeeded() {
  const std::int64_t at = now().time_since_epoch().count();
  // Workers share this cache line: it is written once a second, not once a request.
  if (succeeded_at_.load(std::memory_order_relaxed) != at) {
    succeeded_at_.store(at, std::memory_order_relaxed);
  }
}

void Server::failed(metrics::UpstreamFailure reason, std::string_view text) {
  metrics_.failure(reason);
  const std::scoped_lock lock(mutex_);
  last_failure_ = Failure{now(), reason, std::string(text)};
}

std::optional<std::chrono::sys_seconds> Server::last_success() const {
  const std::int64_t at = succeeded_at_.load(std::memory_order_relaxed);
  return at == 0 ? std::nullopt : std::optional(std::chrono::sys_seconds(std::chrono::seconds(at)));
}

std::optional<Server::Failure> Server::last_failure() const {
  const std::scoped_lock lock(mutex_);
  return last_failure_;
}

}  // namespace chainmend::upstream
