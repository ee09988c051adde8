// Server: the process: what lives as long as it does, the workers, the admin listener and signals.
// The thread that calls run() listens to signals and serves the admin pages; a background thread
// reads configurations and builds states; workers serve.
#pragma once

#include <boost/asio/signal_set.hpp>
#include <boost/asio/steady_timer.hpp>
#include <chrono>
#include <cstddef>
#include <memory>
#include <string>
#include <vector>

#include "config/config.h"
#include "proxy/logs/access_log.h"
#include "proxy/logs/handshake_log.h"
#include "proxy/logs/log.h"
#include "proxy/metrics/metrics.h"
#include "proxy/net/http_fetcher.h"
#include "proxy/net/loop.h"
#include "proxy/server/admin.h"
#include "proxy/server/background.h"
#include "proxy/server/client_history.h"
#include "proxy/server/client_keeper.h"
#include "proxy/server/extended_protection.h"
#include "proxy/server/memory_return.h"
#include "proxy/server/notifier.h"
#include "proxy/server/overview.h"
#include "proxy/server/page/site.h"
#include "proxy/server/passed_sockets.h"
#include "proxy/server/reload.h"
#include "proxy/server/upstream_trials.h"
#include "proxy/server/upstream_watch.h"
#include "proxy/server/watchdog.h"
#include "proxy/server/worker.h"
#include "proxy/serving/builder.h"
#include "proxy/tls/session_store.h"
#include "proxy/tls/ticket_keys.h"

namespace chainmend::server {

class Server {
 public:
  explicit Server(ConfigSource source);
  ~Server();
  Server(const Server&) = delete;
  Server& operator=(const Server&) = delete;

  // Reads the configuration, builds, binds and begins to serve. On error nothing is served.
  config::Result<void> start();
  // Returns when SIGTERM or SIGINT has come and connections have ended, or had their time.
  void run();

 private:
  serving::BuildServices build_services();
  config::Result<void> start_admin(const config::Config& config);
  void wait_for_signal();
  void schedule_save();
  // A stop goes through these phases. A second signal ends each at once.
  void begin_stop();
  void begin_drain();
  void wait_for_connections(std::chrono::steady_clock::time_point until);
  void cut_connections();
  void end();
  // From now on the servers of this state, of the generation in force.
  void watch(const serving::ServingStatePtr& state);
  // Looks at the certificates of servers now and then.
  void schedule_look();
  // Remembers how the handshakes of each minute went.
  void schedule_history();
  // What stands in the metrics only once it is asked for.
  std::string scrape();
  Overview overview();

  PassedSockets passed_;
  Notifier notifier_ = Notifier::from_environment();
  const std::chrono::system_clock::time_point started_ = std::chrono::system_clock::now();
  // Process-lived; everything below refers to it.
  metrics::Metrics metrics_;
  logs::Log log_;
  logs::HandshakeLog handshake_log_;
  logs::AccessLog access_log_{log_};
  clients::KnownClients clients_;
  ClientKeeper client_keeper_{clients_.learned, log_};
  tls::TicketKeys tickets_;
  tls::SessionStore sessions_;
  upstream::Registry upstreams_{metrics_};
  net::HttpFetcher http_;
  std::unique_ptr<certs::Fetcher> fetcher_;  // http_, counted
  Totals totals_;

  net::Loop loop_;
  boost::asio::signal_set signals_{loop_.io};
  boost::asio::steady_timer drain_timer_{loop_.io};
  boost::asio::steady_timer save_timer_{loop_.io};
  // leaving: still accepts, but says that it is not ready; draining: no more.
  enum class Phase { serving, leaving, draining };
  Phase phase_ = Phase::serving;
  std::size_t workers_that_told_ = 0;  // what they cut
  Workers workers_;
  Reload reload_;
  Site site_{loop_, [this] { return overview(); }};
  std::unique_ptr<Admin> admin_;
  std::unique_ptr<Background> background_;  // its jobs use all of the above
  std::unique_ptr<UpstreamTrials> trials_;
  std::unique_ptr<Watchdog> watchdog_;
  std::unique_ptr<MemoryReturn> memory_return_;
  UpstreamWatch watch_{log_};
  ExtendedProtection protection_{log_, metrics_};
  boost::asio::steady_timer look_timer_{loop_.io};
  ClientHistory history_;
  boost::asio::steady_timer history_timer_{loop_.io};
  // Of the generation in force, made when somebody asks.
  std::shared_ptr<const serving::Report> report_;
  std::weak_ptr<const serving::ServingState> reported_;  // not kept alive for it
};

}  // namespace chainmend::server
