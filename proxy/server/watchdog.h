// Watchdog: tells the service manager that we are alive as long as each worker still turns its
// loop. When one does not, nothing is told, and the manager starts us anew (WatchdogSec= of a
// systemd unit). On the main thread.
#pragma once

#include <atomic>
#include <boost/asio/steady_timer.hpp>
#include <chrono>
#include <cstddef>
#include <memory>
#include <vector>

#include "proxy/logs/log.h"
#include "proxy/server/notifier.h"
#include "proxy/server/worker.h"

namespace chainmend::server {

class Watchdog {
 public:
  // Begins, if the manager asked for it. All must outlive it.
  Watchdog(boost::asio::io_context& io, const std::vector<std::unique_ptr<Worker>>& workers,
           const Notifier& notifier, logs::Log& log);
  Watchdog(const Watchdog&) = delete;
  Watchdog& operator=(const Watchdog&) = delete;

 private:
  void ask();
  void look();

  const std::vector<std::unique_ptr<Worker>>& workers_;
  const Notifier& notifier_;
  logs::Log& log_;
  boost::asio::steady_timer timer_;
  std::chrono::microseconds period_{0};
  // Workers that have answered since they were asked; shared with the question, which may outlive
  // this object in a worker's loop.
  std::shared_ptr<std::atomic<std::size_t>> answered_;
};

}  // namespace chainmend::server
