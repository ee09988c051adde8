// The Server's reactions: signals, the drain, and what is saved now and then.

#include "proxy/server/server.h"

namespace chainmend::server {

using logs::Level;

namespace {

// What a crash may cost of what was learned of clients.
constexpr std::chrono::minutes kSave{1};
// Until a server's new certificate is compared with ours.
constexpr std::chrono::seconds kLook{5};

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
    } else if (draining_) {
      log_.event(Level::warn, "stopping", {{"connections", totals_.admission.open_now()}});
      loop_.io.stop();
      return;
    } else {
      begin_drain();
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

void Server::schedule_look() {
  look_timer_.expires_after(kLook);
  look_timer_.async_wait([this](const boost::system::error_code& error) {
    if (!error) {
      protection_.look(*reload_.generation());
      schedule_look();
    }
  });
}

void Server::begin_drain() {
  draining_ = true;
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
    const std::int64_t open = totals_.admission.open_now();
    if (open != 0 && std::chrono::steady_clock::now() < until) {
      wait_for_connections(until);
      return;
    }
    log_.event(Level::info, "stopped", {{"connections_cut", open}});
    loop_.io.stop();
  });
}

}  // namespace chainmend::server
