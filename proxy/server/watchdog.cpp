#include "proxy/server/watchdog.h"

namespace chainmend::server {

namespace {

// Of the manager's patience: one look that comes late, or finds a worker busy, is no death.
constexpr int kLooks = 3;

}  // namespace

Watchdog::Watchdog(boost::asio::io_context& io, const std::vector<std::unique_ptr<Worker>>& workers,
                   const Notifier& notifier, logs::Log& log)
    : workers_(workers), notifier_(notifier), log_(log), timer_(io) {
  if (const auto timeout = notifier_.watchdog_timeout()) {
    period_ = *timeout / kLooks;
    ask();
  }
}

void Watchdog::ask() {
  answered_ = std::make_shared<std::atomic<std::size_t>>(0);
  for (const auto& worker : workers_) {
    worker->run([answered = answered_] { ++*answered; });
  }
  timer_.expires_after(period_);
  timer_.async_wait([this](const boost::system::error_code& error) {
    if (!error) {
      look();
    }
  });
}

void Watchdog::look() {
  if (const std::size_t answered = *answered_; answered == workers_.size()) {
    notifier_.alive();
  } else {
    log_.event(logs::Level::error, "worker_stuck", {{"workers", workers_.size() - answered}});
  }
  ask();
}

}  // namespace chainmend::server
