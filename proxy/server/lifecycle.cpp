// The Server's reactions: signals, reloads, refreshes, the drain.
#include <boost/asio/post.hpp>
#include <utility>

#include "proxy/server/server.h"
#include "proxy/serving/refresh.h"

namespace chainmend::server {

namespace asio = boost::asio;
using logs::Level;

namespace {

// What a crash may cost of what was learned of clients.
constexpr std::chrono::minutes kSave{1};

}  // namespace

void Server::wait_for_signal() {
  signals_.async_wait([this](const boost::system::error_code& error, int signal) {
    if (error) {
      return;
    }
    if (signal == SIGHUP) {
      begin_reload(Why::reload);
    } else if (draining_) {
      log_.event(Level::warn, "stopping", {{"connections", totals_.open_connections.value()}});
      loop_.io.stop();
      return;
    } else {
      begin_drain();
    }
    wait_for_signal();
  });
}

void Server::begin_reload(Why why) {
  if (draining_) {
    return;
  }
  if (why == Why::reload && config_text_) {
    log_.event(Level::warn, "reload",
               {{"outcome", "nothing to reload"}, {"hint", "no configuration file was given"}});
    return;
  }
  auto config = why == Why::refresh ? std::optional(generation_->config) : std::nullopt;
  background_->run([this, why, begun_under = applied_, config = std::move(config),
                    aia = generation_->build.aia] {
    auto result =
        std::make_shared<config::Result<Generation>>(config ? rebuild(*config, aia) : load(aia));
    asio::post(loop_.io, [this, why, begun_under, result] {
      finish_reload(why, begun_under, std::move(*result));
    });
  });
}

void Server::finish_reload(Why why, unsigned begun_under, config::Result<Generation> result) {
  if (draining_) {
    return;
  }
  if (why == Why::refresh && begun_under != applied_) {
    return;  // it is of a configuration that a reload has replaced meanwhile
  }
  config::Result<void> applied;
  if (result) {
    applied = apply(std::move(*result));
  } else {
    applied = tl::unexpected(std::move(result.error()));
  }
  const char* event = why == Why::reload ? "reload" : "refresh";
  last_reload_error_.clear();
  if (!applied) {
    for (const config::Diagnostic& error : applied.error()) {
      log_.event(Level::error, event, {{"at", error.at.describe()}, {"error", error.text}});
      last_reload_error_ += (last_reload_error_.empty() ? "" : "\n") + error.describe();
    }
    log_.event(Level::error, event,
               {{"outcome", "refused"}, {"serving", "what was served before"}});
    metrics_.process().reload_failed();
    schedule_refresh();
    return;
  }
  metrics_.process().reload_succeeded(loaded_);
  log_.event(Level::info, event, {{"outcome", "done"}});
}

void Server::schedule_refresh() {
  const auto now = std::chrono::floor<std::chrono::seconds>(std::chrono::system_clock::now());
  refresh_timer_.expires_after(serving::next_look(generation_->build, now));
  refresh_timer_.async_wait([this](const boost::system::error_code& error) {
    if (!error) {
      begin_reload(Why::refresh);
    }
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

void Server::begin_drain() {
  draining_ = true;
  refresh_timer_.cancel();
  const auto limit = generation_->config.process.drain;
  log_.event(Level::info, "draining",
             {{"connections", totals_.open_connections.value()},
              {"at_most_s", std::chrono::duration_cast<std::chrono::seconds>(limit).count()},
              {"hint", "a second signal stops at once"}});
  for (auto& worker : workers_) {
    worker->drain();
  }
  wait_for_connections(std::chrono::steady_clock::now() + limit);
}

void Server::wait_for_connections(std::chrono::steady_clock::time_point until) {
  drain_timer_.expires_after(std::chrono::milliseconds(50));
  drain_timer_.async_wait([this, until](const boost::system::error_code& error) {
    if (error) {
      return;
    }
    const std::int64_t open = totals_.open_connections.value();
    if (open != 0 && std::chrono::steady_clock::now() < until) {
      wait_for_connections(until);
      return;
    }
    log_.event(Level::info, "stopped", {{"connections_cut", open}});
    loop_.io.stop();
  });
}

}  // namespace chainmend::server
