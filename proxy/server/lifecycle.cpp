// The Server's reactions: signals, the drain, and what is saved now and then.

#include "proxy/server/server.h"

#include <boost/asio/post.hpp>
#include <utility>

namespace chainmend::server {

using logs::Level;

namespace {

// What a crash may cost of what was learned of clients.
constexpr std::chrono::minutes kSave{1};
// Until a server's new certificate is compared with ours.
constexpr std::chrono::seconds kLook{5};
constexpr std::chrono::minutes kOfHistory{1};
// Connections that each worker names when a stop cuts them.
constexpr std::size_t kMostNamed = 10;
constexpr std::chrono::seconds kNaming{1};

}  // namespace

void Server::wait_for_signal() {
  signals_.async_wait([this](const boost::system::error_code& error, int signal) {
    if (error) {
      return;
    }
    if (signal == SIGHUP) {
      reload_.reload();
    } else if (signal == SIGUSR1) {
      reload_.reopen_logs();
    } else if (phase_ == Phase::serving) {
      begin_stop();
    } else {
      log_.event(Level::warn, "stopping", {{"connections", totals_.admission.open_now()}});
      end();
      return;
    }
    wait_for_signal();
  });
}

void Server::schedule_save() {
  save_timer_.expires_after(kSave);
  save_timer_.async_wait([this](const boost::system::error_code& error) {
    if (!error) {
      background_->run([this] { client_keeper_.save(); });
      schedule_save();
    }
  });
}

void Server::schedule_history() {
  history_timer_.expires_after(kOfHistory);
  history_timer_.async_wait([this](const boost::system::error_code& error) {
    if (!error) {
      history_.note(metrics_.clients());
      schedule_history();
    }
  });
}

void Server::schedule_look() {
  look_timer_.expires_after(kLook);
  look_timer_.async_wait([this](const boost::system::error_code& error) {
    if (!error) {
      protection_.look(*reload_.generation());
      schedule_look();
    }
  });
}

void Server::begin_stop() {
  phase_ = Phase::leaving;
  const auto delay = reload_.generation()->config.process.shutdown_delay;
  for (auto& worker : workers_) {
    worker->announce_end();
  }
  if (delay == config::Milliseconds(0)) {
    begin_drain();
    return;
  }
  log_.event(Level::info, "leaving",
             {{"connections", totals_.admission.open_now()},
              {"accepts_for_ms", delay.count()},
              {"hint", "/readyz says 503, so that balancers go elsewhere"}});
  drain_timer_.expires_after(delay);
  drain_timer_.async_wait([this](const boost::system::error_code& error) {
    if (!error) {
      begin_drain();
    }
  });
}

void Server::begin_drain() {
  phase_ = Phase::draining;
  reload_.stop();
  const auto limit = reload_.generation()->config.process.drain;
  log_.event(Level::info, "draining",
             {{"connections", totals_.admission.open_now()},
              {"at_most_s", std::chrono::duration_cast<std::chrono::seconds>(limit).count()},
              {"hint", "a second signal stops at once"}});
  notifier_.stopping(
      "finishing " + std::to_string(totals_.admission.open_now()) + " open connections", limit);
  for (auto& worker : workers_) {
    worker->drain();
  }
  passed_.close();
  wait_for_connections(std::chrono::steady_clock::now() + limit);
}

void Server::wait_for_connections(std::chrono::steady_clock::time_point until) {
  drain_timer_.expires_after(std::chrono::milliseconds(50));
  drain_timer_.async_wait([this, until](const boost::system::error_code& error) {
    if (error) {
      return;
    }
    const bool over = std::chrono::steady_clock::now() >= until;
    const bool idle = totals_.admission.open_now() == 0;
    if (!over && !(idle && totals_.retiring.value() == 0)) {
      wait_for_connections(until);
    } else if (idle) {
      log_.event(Level::info, "stopped", {{"connections_cut", 0}});
      end();
    } else {
      cut_connections();
    }
  });
}

// The drain is over and some are still open: each worker names its own, and the last one to answer
// ends the process.
void Server::cut_connections() {
  log_.event(Level::info, "stopped", {{"connections_cut", totals_.admission.open_now()}});
  drain_timer_.expires_after(kNaming);  // a worker that hangs must not hold the end up
  drain_timer_.async_wait([this](const boost::system::error_code&) { end(); });
  for (auto& worker : workers_) {
    worker->describe_connections(kMostNamed, [this](std::vector<std::string> lines) {
      boost::asio::post(loop_.io, [this, lines = std::move(lines)] {
        for (const std::string& line : lines) {
          log_.event(Level::warn, "cut", {{"connection", line}});
        }
        if (++workers_that_told_ == workers_.size()) {
          end();
        }
      });
    });
  }
}

void Server::end() { loop_.io.stop(); }

}  // namespace chainmend::server
