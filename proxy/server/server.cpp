#include "proxy/server/server.h"

#include <openssl/crypto.h>
#include <sys/resource.h>

#include <csignal>
#include <utility>

#include "proxy/server/certificate_states.h"
#include "proxy/server/clients_page.h"
#include "proxy/server/counted_fetcher.h"
#include "proxy/server/privileges.h"
#include "proxy/server/reload_page.h"
#include "proxy/server/status.h"
#include "proxy/server/upstream_pages.h"
#include "proxy/serving/report.h"
#include "proxy/version.h"

namespace chainmend::server {

using logs::Level;

namespace {

// Each proxied connection takes two descriptors; the soft limit of a shell is far below what we may
// have. How many we have; 0: as many as we like.
std::uint64_t raise_descriptor_limit(std::size_t connections, logs::Log& log) {
  rlimit limit{};
  if (::getrlimit(RLIMIT_NOFILE, &limit) != 0) {
    return 0;
  }
  limit.rlim_cur = limit.rlim_max;
  ::setrlimit(RLIMIT_NOFILE, &limit);
  if (limit.rlim_cur != RLIM_INFINITY && limit.rlim_cur < 2 * connections + 64) {
    log.event(Level::warn, "few_descriptors",
              {{"limit", limit.rlim_cur},
               {"max_connections", connections},
               {"hint",
                "raise the limit of open files (LimitNOFILE of a systemd unit, else ulimit -n) to "
                "twice process.max_connections"}});
  }
  return limit.rlim_cur == RLIM_INFINITY ? 0 : limit.rlim_cur;
}

}  // namespace

Server::Server(ConfigSource source)
    : metrics_({kVersion, OpenSSL_version(OPENSSL_VERSION)}),
      handshake_log_(log_),
      fetcher_(std::make_unique<CountedFetcher>(http_, metrics_)),
      reload_(
          {loop_.io, log_, handshake_log_, access_log_, metrics_, client_keeper_, build_services(),
           passed_, notifier_, [this](const serving::ServingStatePtr& state) { watch(state); }},
          std::move(source), workers_) {}

Server::~Server() {
  http_.stop();
  workers_.clear();  // before the background thread, which their handshakes give work to
}

serving::BuildServices Server::build_services() {
  serving::BuildServices services{metrics_, tickets_, sessions_, *fetcher_, {}, {}, &log_};
  services.background = [this](std::function<void()> job) { background_->run(std::move(job)); };
  services.progress = [this](const std::string& what) {
    log_.event(Level::info, "working", {{"on", what}});
  };
  services.upstreams = &upstreams_;
  return services;
}

config::Result<void> Server::start() {
  std::signal(SIGPIPE, SIG_IGN);  // a log pipe without a reader must not end the proxy
  signals_.add(SIGINT);
  signals_.add(SIGTERM);
  signals_.add(SIGHUP);
  signals_.add(SIGUSR1);
  auto passed = PassedSockets::from_environment();
  if (!passed) {
    return tl::unexpected(config::Diagnostics{{{"LISTEN_FDS", 0, 0}, passed.error()}});
  }
  passed_ = std::move(*passed);
  background_ = std::make_unique<Background>();
  auto first = reload_.first();
  if (!first) {
    return tl::unexpected(std::move(first.error()));
  }
  totals_.admission.set_descriptor_limit(
      raise_descriptor_limit(first->config.process.max_connections, log_));
  log_.event(Level::info, "user",
             {{"name", own_account().name}, {"binds_ports_below_1024", may_bind_low_ports()}});
  const session::Services services{metrics_, log_, handshake_log_, clients_, &access_log_};
  for (unsigned i = 0; i < worker_count(first->config.process); ++i) {
    workers_.push_back(std::make_unique<Worker>(services, totals_));
  }
  if (auto admin = start_admin(first->config); !admin) {
    return admin;
  }
  if (auto begun = reload_.begin(std::move(*first)); !begun) {
    return begun;
  }
  trials_ = std::make_unique<UpstreamTrials>(reload_.generation()->build.state, log_);
  watchdog_ = std::make_unique<Watchdog>(loop_.io, workers_, notifier_, log_);
  memory_return_ = std::make_unique<MemoryReturn>(loop_.io, *background_,
                                                  [this] { return totals_.admission.open_now(); });
  schedule_save();
  schedule_look();
  schedule_history();
  return {};
}

void Server::run() {
  wait_for_signal();
  loop_.io.run();
  client_keeper_.save();
}

config::Result<void> Server::start_admin(const config::Config& config) {
  if (!config.admin.listen) {
    return {};
  }
  const auto& [endpoint, location] = *config.admin.listen;
  const PassedSocket* passed = passed_.at(endpoint);
  auto sockets = passed != nullptr ? duplicates(*passed, 1)
                                   : open_listening_sockets({endpoint.address, endpoint.port}, 1,
                                                            Sharing::exclusive);
  if (!sockets) {
    return tl::unexpected(config::Diagnostics{
        {location, "admin listener " + endpoint.text() + ": " + sockets.error() +
                       "; admin.listen moves it, or does without it: off"}});
  }
  config::Endpoint bound = endpoint;
  bound.port = bound_port(sockets->front().get());
  admin_ = std::make_unique<Admin>(
      loop_, std::move(sockets->front()),
      AdminPages{[this] { return scrape(); }, [this] { return status_json(overview()); },
                 [this] {
                   return reload_.generation() != nullptr && phase_ == Phase::serving &&
                          !reload_.awaits_aia();
                 },
                 [this] { return clients_json(overview(), clients_); },
                 [this] {
                   const Generation& now = *reload_.generation();
                   return AdminAccess{now.config.admin.hosts, now.build.admin_token};
                 },
                 [this](std::string_view path, std::string_view query) {
                   return change_upstream(*reload_.generation()->build.state, path, query, log_);
                 },
                 [this] { return reload_page(loop_, reload_); },
                 [this](const http::RequestHead& head) { return site_.page(head); }});
  log_.event(Level::info, "admin", {{"address", bound.text()}});
  return {};
}

void Server::watch(const serving::ServingStatePtr& state) {
  UpstreamWatch::Terms names;
  for (const config::Upstream& upstream : reload_.generation()->config.upstreams) {
    names[upstream.name] = upstream.dns;
  }
  watch_.watch(state, std::move(names));
}

std::string Server::scrape() {
  metrics_.process().log_dropped(metrics::LogName::human, log_.dropped());
  metrics_.process().log_dropped(metrics::LogName::handshakes, handshake_log_.dropped());
  metrics_.process().log_dropped(metrics::LogName::access, access_log_.dropped());
  if (reload_.generation() != nullptr) {
    note_server_states(*reload_.generation()->build.state);
    protection_.look(*reload_.generation());
  }
  return metrics_.scrape();
}

Overview Server::overview() {
  const Generation& generation = *reload_.generation();
  const serving::Build& build = generation.build;
  if (reported_.lock() != build.state) {
    report_ =
        std::make_shared<const serving::Report>(serving::make_report(generation.config, build));
    reported_ = build.state;
  }
  const Reload::Outcomes& outcomes = reload_.outcomes();
  Overview out;
  out.versions = metrics_.process().build();
  out.now = std::chrono::system_clock::now();
  out.started = started_;
  out.loaded = outcomes.loaded;
  out.config_file = generation.config.file.string();
  out.last_reload_error = outcomes.reload_error;
  out.last_refresh_error = outcomes.refresh_error;
  out.needs_restart = outcomes.needs_restart;
  out.open_connections = static_cast<std::size_t>(totals_.admission.open_now());
  out.draining = phase_ != Phase::serving;
  out.may_change = !build.admin_token.empty();
  for (const config::Listener& listener : generation.config.listeners) {
    out.bound[listener.name] = reload_.listeners().addresses_of(listener);
  }
  out.report = report_;
  for (const serving::UpstreamReport& upstream : report_->upstreams) {
    out.upstreams.push_back(standing_of(*build.state->upstreams.at(upstream.name)));
  }
  for (metrics::ClientCounts& counts : metrics_.clients()) {
    std::vector<Minute> minutes = history_.minutes(counts);
    out.clients.push_back({std::move(counts), std::move(minutes)});
  }
  out.failures = handshake_log_.last_failures();
  out.aia = aia_standing(build.aia.get(), metrics_.process());
  return out;
}

}  // namespace chainmend::server
