#include "proxy/server/server.h"

#include <openssl/crypto.h>
#include <sys/resource.h>

#include <algorithm>
#include <csignal>
#include <thread>
#include <utility>

#include "proxy/server/certificate_states.h"
#include "proxy/server/clients_page.h"
#include "proxy/server/counted_fetcher.h"
#include "proxy/server/status.h"
#include "proxy/version.h"

namespace chainmend::server {

using logs::Level;

namespace {

Level log_level(config::LogLevel level) {
  switch (level) {
    case config::LogLevel::debug:
      return Level::debug;
    case config::LogLevel::info:
      return Level::info;
    case config::LogLevel::warn:
      return Level::warn;
    case config::LogLevel::error:
      return Level::error;
  }
  return Level::info;
}

unsigned worker_count(const config::Process& process) {
  return process.threads != 0 ? process.threads : std::max(1U, std::thread::hardware_concurrency());
}

// Each proxied connection takes two descriptors; the soft limit of a shell is far below what we may
// have.
void raise_descriptor_limit(std::size_t connections, logs::Log& log) {
  rlimit limit{};
  if (::getrlimit(RLIMIT_NOFILE, &limit) != 0) {
    return;
  }
  limit.rlim_cur = limit.rlim_max;
  ::setrlimit(RLIMIT_NOFILE, &limit);
  if (limit.rlim_cur != RLIM_INFINITY && limit.rlim_cur < 2 * connections + 64) {
    log.event(Level::warn, "few_descriptors",
              {{"limit", limit.rlim_cur},
               {"max_connections", connections},
               {"hint", "raise LimitNOFILE to twice process.max_connections"}});
  }
}

// One socket stays open over reloads as long as its key is configured; a port that the kernel chose
// belongs to its listener alone.
std::string socket_key(const config::Listener& listener, const config::Endpoint& endpoint) {
  return endpoint.port == 0 ? listener.name + '/' + endpoint.text() : endpoint.text();
}

}  // namespace

Server::Server(config::Path config_file, std::optional<std::string> text)
    : config_file_(std::move(config_file)),
      config_text_(std::move(text)),
      metrics_({kVersion, OpenSSL_version(OPENSSL_VERSION)}),
      handshake_log_(log_),
      fetcher_(std::make_unique<CountedFetcher>(http_, metrics_)) {}

Server::~Server() {
  http_.stop();
  workers_.clear();  // before the background thread, which their handshakes give work to
}

config::Result<void> Server::start() {
  std::signal(SIGPIPE, SIG_IGN);  // a log pipe without a reader must not end the proxy
  signals_.add(SIGINT);
  signals_.add(SIGTERM);
  signals_.add(SIGHUP);
  background_ = std::make_unique<Background>();
  auto generation = load(nullptr);
  if (!generation) {
    return tl::unexpected(std::move(generation.error()));
  }
  raise_descriptor_limit(generation->config.process.max_connections, log_);
  const session::Services services{metrics_, log_, handshake_log_, clients_};
  for (unsigned i = 0; i < worker_count(generation->config.process); ++i) {
    workers_.push_back(std::make_unique<Worker>(services, totals_));
  }
  if (auto admin = start_admin(generation->config); !admin) {
    return admin;
  }
  if (auto applied = apply(std::move(*generation)); !applied) {
    return applied;
  }
  metrics_.process().config_loaded(loaded_);
  schedule_save();
  return {};
}

void Server::run() {
  wait_for_signal();
  loop_.io.run();
  client_keeper_.save();
}

config::Result<Server::Generation> Server::load(const std::shared_ptr<serving::AiaService>& aia) {
  auto config =
      config_text_ ? config::parse(*config_text_, config_file_) : config::load(config_file_);
  if (!config) {
    return tl::unexpected(std::move(config.error()));
  }
  return rebuild(std::move(*config), aia);
}

config::Result<Server::Generation> Server::rebuild(
    config::Config config, const std::shared_ptr<serving::AiaService>& aia) {
  serving::BuildServices services{metrics_, tickets_, sessions_, *fetcher_, {}, {}, &log_};
  services.background = [this](std::function<void()> job) { background_->run(std::move(job)); };
  services.progress = [this](const std::string& what) {
    log_.event(Level::info, "working", {{"on", what}});
  };
  auto build = serving::build(config, services, aia);
  if (!build) {
    return tl::unexpected(std::move(build.error()));
  }
  return Generation{std::move(config), std::move(*build)};
}

config::Result<void> Server::start_admin(const config::Config& config) {
  if (!config.admin.listen) {
    return {};
  }
  const auto& [endpoint, location] = *config.admin.listen;
  auto sockets = open_listening_sockets({endpoint.address, endpoint.port}, 1, Sharing::exclusive);
  if (!sockets) {
    return tl::unexpected(config::Diagnostics{
        {location, "admin listener " + endpoint.text() + ": " + sockets.error()}});
  }
  config::Endpoint bound = endpoint;
  bound.port = bound_port(sockets->front().get());
  admin_ = std::make_unique<Admin>(
      loop_, std::move(sockets->front()),
      AdminPages{[this] {
                   metrics_.process().log_dropped(metrics::LogName::human, log_.dropped());
                   metrics_.process().log_dropped(metrics::LogName::handshakes,
                                                  handshake_log_.dropped());
                   return metrics_.scrape();
                 },
                 [this] { return status(); }, [this] { return generation_ && !draining_; },
                 [this] { return clients_json(metrics_, clients_); }});
  log_.event(Level::info, "admin", {{"address", bound.text()}});
  return {};
}

config::Result<void> Server::open_logs(const config::Config& config) {
  log_.set_level(log_level(config.logs.level));
  handshake_log_.log_successes(config.logs.handshakes.successes);
  const auto& file = config.logs.handshakes.file;
  if (!file) {
    handshake_log_.close();
    return {};
  }
  if (auto opened = handshake_log_.open(file->value); !opened) {
    return tl::unexpected(config::Diagnostics{{file->at, opened.error().describe()}});
  }
  return {};
}

// What has to be bound for this generation and is not yet: opened here, so that a port in use
// refuses the whole of it before anything has changed.
config::Result<std::vector<Publication>> Server::plan_sockets(
    const Generation& generation, std::map<std::string, Bound>& bound) const {
  std::vector<Publication> plans(workers_.size());
  config::Diagnostics errors;
  for (const config::Listener& listener : generation.config.listeners) {
    for (const auto& [endpoint, location] : listener.listen) {
      const std::string key = socket_key(listener, endpoint);
      const auto kept = bound_.find(key);
      if (kept != bound_.end()) {
        bound[key] = kept->second;
        bound[key].listener = listener.name;
        continue;
      }
      const bool ours = std::ranges::any_of(
          bound_, [&endpoint](const auto& b) { return b.second.port == endpoint.port; });
      auto sockets = open_listening_sockets({endpoint.address, endpoint.port},
                                            static_cast<unsigned>(workers_.size()),
                                            ours ? Sharing::shared : Sharing::among_ourselves);
      if (!sockets) {
        errors.push_back({location, "listener " + listener.name + " cannot listen on " +
                                        endpoint.text() + ": " + sockets.error()});
        continue;
      }
      config::Endpoint actual = endpoint;
      actual.port = bound_port(sockets->front().get());
      bound[key] = {listener.name, actual.text(), actual.port};
      for (std::size_t i = 0; i < plans.size(); ++i) {
        plans[i].opened.push_back({key, std::move((*sockets)[i])});
      }
    }
  }
  if (!errors.empty()) {
    return tl::unexpected(std::move(errors));
  }
  for (Publication& plan : plans) {
    plan.state = generation.build.state;
    for (const auto& [key, b] : bound) {
      plan.listeners[key] = b.listener;
    }
    for (const auto& [key, b] : bound_) {
      if (!bound.contains(key)) {
        plan.closed.push_back(key);
      }
    }
  }
  return plans;
}

config::Result<void> Server::apply(Generation generation) {
  std::map<std::string, Bound> bound;
  auto plans = plan_sockets(generation, bound);
  if (!plans) {
    return tl::unexpected(std::move(plans.error()));
  }
  if (auto opened = open_logs(generation.config); !opened) {
    return opened;
  }
  for (std::size_t i = 0; i < workers_.size(); ++i) {
    workers_[i]->publish(std::move((*plans)[i]));
  }
  bound_ = std::move(bound);
  loaded_ = std::chrono::system_clock::now();
  ++applied_;
  generation_ = std::make_unique<Generation>(std::move(generation));
  metrics_.certificates(certificate_states(generation_->build.certificates));
  announce(*generation_);
  client_keeper_.configure(generation_->config.clients);
  schedule_refresh();
  return {};
}

void Server::announce(const Generation& generation) {
  for (const config::Diagnostic& warning : generation.build.warnings) {
    log_.event(Level::warn, "config", {{"at", warning.at.describe()}, {"text", warning.text}});
  }
  for (const auto& [key, bound] : bound_) {
    log_.event(Level::info, "listening",
               {{"listener", bound.listener}, {"address", bound.address}});
  }
}

std::string Server::status() const {
  StatusFacts facts;
  facts.started = started_;
  facts.loaded = loaded_;
  facts.last_reload_error = last_reload_error_;
  facts.open_connections = static_cast<std::size_t>(totals_.open_connections.value());
  facts.draining = draining_;
  for (const config::Listener& listener : generation_->config.listeners) {
    for (const auto& endpoint : listener.listen) {
      facts.bound[listener.name + '/' + endpoint.value.text()] =
          bound_.at(socket_key(listener, endpoint.value)).address;
    }
  }
  return status_json(facts, generation_->config, generation_->build);
}

}  // namespace chainmend::server
