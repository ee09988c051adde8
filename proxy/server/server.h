// Server: the process: what lives as long as it does, the workers, the admin listener, signals and
// reloads. The thread that calls run() listens to signals and serves the admin pages; a background
// thread reads configurations and builds states; workers serve. A reload that fails in any way
// changes nothing.
#pragma once

#include <boost/asio/signal_set.hpp>
#include <boost/asio/steady_timer.hpp>
#include <chrono>
#include <cstddef>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "config/config.h"
#include "proxy/logs/handshake_log.h"
#include "proxy/logs/log.h"
#include "proxy/metrics/metrics.h"
#include "proxy/net/http_fetcher.h"
#include "proxy/net/loop.h"
#include "proxy/server/admin.h"
#include "proxy/server/background.h"
#include "proxy/server/client_keeper.h"
#include "proxy/server/worker.h"
#include "proxy/serving/builder.h"
#include "proxy/tls/session_store.h"
#include "proxy/tls/ticket_keys.h"

namespace chainmend::server {

class Server {
 public:
  // The file is read at the start and at each reload. With text it only names that text, which is
  // taken instead and cannot be reloaded.
  explicit Server(config::Path config_file, std::optional<std::string> text = std::nullopt);
  ~Server();
  Server(const Server&) = delete;
  Server& operator=(const Server&) = delete;

  // Reads the configuration, builds, binds and begins to serve. On error nothing is served.
  config::Result<void> start();
  // Returns when SIGTERM or SIGINT has come and connections have ended, or had their time.
  void run();

 private:
  struct Generation {
    config::Config config;
    serving::Build build;
  };
  struct Bound {
    std::string listener;
    std::string address;  // as the kernel has it
    std::uint16_t port = 0;
  };
  enum class Why { reload, refresh };

  config::Result<Generation> load(const std::shared_ptr<serving::AiaService>& aia);
  config::Result<Generation> rebuild(config::Config config,
                                     const std::shared_ptr<serving::AiaService>& aia);
  config::Result<void> apply(Generation generation);
  config::Result<std::vector<Publication>> plan_sockets(const Generation& generation,
                                                        std::map<std::string, Bound>& bound) const;
  config::Result<void> open_logs(const config::Config& config);
  config::Result<void> start_admin(const config::Config& config);
  void announce(const Generation& generation);

  void wait_for_signal();
  void begin_reload(Why why);
  void finish_reload(Why why, unsigned begun_under, config::Result<Generation> result);
  void schedule_refresh();
  void schedule_save();
  void begin_drain();
  void wait_for_connections(std::chrono::steady_clock::time_point until);
  std::string status() const;

  const config::Path config_file_;
  const std::optional<std::string> config_text_;
  const std::chrono::system_clock::time_point started_ = std::chrono::system_clock::now();
  // Process-lived; everything below refers to it.
  metrics::Metrics metrics_;
  logs::Log log_;
  logs::HandshakeLog handshake_log_;
  clients::KnownClients clients_;
  ClientKeeper client_keeper_{clients_.learned, log_};
  tls::TicketKeys tickets_;
  tls::SessionStore sessions_;
  net::HttpFetcher http_;
  std::unique_ptr<certs::Fetcher> fetcher_;  // http_, counted
  Totals totals_;

  net::Loop loop_;
  boost::asio::signal_set signals_{loop_.io};
  boost::asio::steady_timer refresh_timer_{loop_.io};
  boost::asio::steady_timer drain_timer_{loop_.io};
  boost::asio::steady_timer save_timer_{loop_.io};
  std::unique_ptr<Generation> generation_;
  std::map<std::string, Bound> bound_;  // by key of the socket
  std::chrono::system_clock::time_point loaded_;
  unsigned applied_ = 0;  // generations so far
  std::string last_reload_error_;
  bool draining_ = false;
  std::vector<std::unique_ptr<Worker>> workers_;
  std::unique_ptr<Admin> admin_;
  std::unique_ptr<Background> background_;  // last: its jobs use all of the above
};

}  // namespace chainmend::server
