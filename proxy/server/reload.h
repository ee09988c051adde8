// Reload: which configuration is in force, and how another takes its place.
//
// First a generation is prepared: the configuration is read, everything is built of it, sockets and
// log files are opened. All of this may fail, and then nothing has changed. What was prepared is
// committed by steps that cannot fail.
//
// A reload reads the configuration anew because somebody asked. A refresh builds the one in force
// anew because it is time to: a chain is incomplete, a certificate ends, or (`reload.watch`) one of
// its files changed. Each has an outcome of its own: a refresh that went well says nothing about
// the configuration file.
//
// All members are called on the main thread; reading and building run in the background.
#pragma once

#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>
#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "config/config.h"
#include "proxy/logs/access_log.h"
#include "proxy/logs/handshake_log.h"
#include "proxy/logs/log.h"
#include "proxy/metrics/metrics.h"
#include "proxy/server/client_keeper.h"
#include "proxy/server/file_watch.h"
#include "proxy/server/listeners.h"
#include "proxy/server/notifier.h"
#include "proxy/server/worker.h"
#include "proxy/serving/builder.h"

namespace chainmend::server {

// Where the configuration comes from.
struct ConfigSource {
  // Asked at the start and at each reload, in the background.
  std::function<config::Result<config::Config>()> read;
  bool may_change = true;  // false: it is always the same, so that there is nothing to reload

  static ConfigSource file(config::Path path);
  // name: the file that the text is taken to stand in.
  static ConfigSource text(std::string yaml, config::Path name);
};

using Workers = std::vector<std::unique_ptr<Worker>>;

// A configuration and what was built of it.
struct Generation {
  config::Config config;
  FileSnapshot files;  // before they were read; empty without reload.watch
  serving::Build build;
};

class Reload {
 public:
  struct Services {
    boost::asio::io_context& io;  // the main thread's
    logs::Log& log;
    logs::HandshakeLog& handshakes;
    logs::AccessLog& access;
    metrics::Metrics& metrics;
    ClientKeeper& client_keeper;
    serving::BuildServices build;  // its `background` runs what may wait
    const PassedSockets& passed;
    Notifier& notifier;
    // Told of each state that is put in force. May be empty.
    std::function<void(const serving::ServingStatePtr&)> published = {};
  };

  // What became of the attempts so far.
  struct Outcomes {
    std::chrono::system_clock::time_point loaded;  // when the configuration in force was read
    std::string reload_error;                      // of the last reload; empty when it was taken
    std::string refresh_error;                     // of the last refresh, likewise
    std::vector<std::string> needs_restart;  // keys whose values in force are still the old ones
  };

  // What became of one reload.
  struct Report {
    bool taken = false;
    config::Diagnostics diagnostics;  // errors when it was refused, and warnings
    std::vector<std::string> needs_restart;
  };
  using Done = std::function<void(const Report&)>;

  // workers are filled before begin() and not changed after.
  Reload(Services services, ConfigSource source, const Workers& workers);
  Reload(const Reload&) = delete;
  Reload& operator=(const Reload&) = delete;

  // The first generation: read and built in the calling thread, then served from. Unless a chain
  // that is incomplete is to be refused, AIA is not waited for: what it has to give is asked for by
  // a refresh right after, and served as soon as it is there.
  config::Result<Generation> first();
  config::Result<void> begin(Generation first);

  // done is called once, on the main thread.
  void reload(Done done = [](const Report&) {});
  void refresh();
  // From now on nothing is taken any more.
  void stop();
  // Goes on in new files where the logs were moved away. What cannot be opened goes on as it was,
  // and is told.
  void reopen_logs();

  // What is in force; null before begin().
  const Generation* generation() const { return generation_.get(); }
  const Listeners& listeners() const { return listeners_; }
  const Outcomes& outcomes() const { return outcomes_; }
  // AIA has not been asked yet for what the first generation lacks.
  bool awaits_aia() const { return awaits_aia_; }

 private:
  enum class Why { start, reload, refresh };
  // All that a generation needs to be put in force.
  struct Prepared {
    Generation generation;
    Listeners::Plan sockets;
    std::optional<logs::OpenedFile> handshakes;
    std::optional<logs::OpenedFile> access;
  };

  static const char* name_of(Why why);
  config::Result<Generation> build(config::Result<config::Config> config,
                                   const std::shared_ptr<serving::AiaService>& aia,
                                   bool ask_aia = true) const;
  void in_background(Why why, std::function<config::Result<Generation>()> make, Done done);
  Report finish(Why why, unsigned begun_under, config::Result<Generation> result);
  config::Result<Prepared> prepare(Why why, Generation generation) const;
  void commit(Why why, Prepared prepared);
  Report refuse(Why why, const config::Diagnostics& errors);
  void announce(Why why, const config::Diagnostics& warnings_before);
  void announce_sockets();
  void tell_findings() const;
  std::vector<std::string> changed_for_restart(const config::Config& config) const;
  void schedule_refresh();
  void watch_files();

  Services services_;
  ConfigSource source_;
  const Workers& workers_;
  boost::asio::steady_timer refresh_timer_;
  FileWatch file_watch_;
  Listeners listeners_;
  std::unique_ptr<Generation> generation_;
  std::optional<config::Endpoint> admin_;  // where the admin listener was bound at the start
  std::optional<config::Located<std::string>> user_;  // process.user at the start
  unsigned committed_ = 0;                            // generations so far
  Outcomes outcomes_;
  bool stopped_ = false;
  bool awaits_aia_ = false;
};

// How many workers a configuration asks for.
unsigned worker_count(const config::Process& process);

}  // namespace chainmend::server
