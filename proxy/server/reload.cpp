#include "proxy/server/reload.h"

#include <fmt/format.h>

#include <algorithm>
#include <boost/asio/post.hpp>
#include <thread>
#include <utility>

#include "certs/time.h"
#include "proxy/server/certificate_states.h"
#include "proxy/serving/refresh.h"

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

std::optional<config::Endpoint> admin_of(const config::Config& config) {
  return config.admin.listen ? std::optional(config.admin.listen->value) : std::nullopt;
}

Reload::Report not_taken(std::string why) { return {false, {{{}, std::move(why)}}, {}}; }

std::vector<std::string> described(const config::Diagnostics& diagnostics) {
  std::vector<std::string> out;
  for (const config::Diagnostic& one : diagnostics) {
    out.push_back(one.describe());
  }
  return out;
}

// Nothing: there is none, or it cannot be opened, which is said.
std::optional<logs::OpenedFile> opened(const std::optional<config::Located<config::Path>>& file,
                                       config::Diagnostics& errors) {
  if (!file) {
    return std::nullopt;
  }
  auto opened = logs::OpenedFile::for_appending(file->value);
  if (!opened) {
    errors.push_back({file->at, opened.error().describe()});
    return std::nullopt;
  }
  return std::move(*opened);
}

}  // namespace

unsigned worker_count(const config::Process& process) {
  return process.threads != 0 ? process.threads : std::max(1U, std::thread::hardware_concurrency());
}

ConfigSource ConfigSource::file(config::Path path) {
  return {[path = std::move(path)] { return config::load(path); }};
}

ConfigSource ConfigSource::text(std::string yaml, config::Path name) {
  return {[yaml = std::move(yaml), name = std::move(name)] { return config::parse(yaml, name); },
          false};
}

Reload::Reload(Services services, ConfigSource source, const Workers& workers)
    : services_(std::move(services)),
      source_(std::move(source)),
      workers_(workers),
      refresh_timer_(services_.io),
      file_watch_({services_.io, services_.log, services_.build.background,
                   [this](const FileWatch::Files& changed) {
                     for (const auto& file : changed) {
                       services_.log.event(Level::info, "file_changed", {{"file", file.native()}});
                     }
                     refresh();
                   }}),
      listeners_(services_.passed) {}

config::Result<Generation> Reload::first() {
  auto config = source_.read();
  const bool may_wait = config && config->chain.on_incomplete == config::OnIncomplete::fail;
  auto generation = build(config, nullptr, may_wait);
  if (!may_wait && generation && generation->build.complete) {
    // Nothing is missing, so AIA is asked for no more than the successors of what ends soon.
    generation = build(std::move(config), nullptr, true);
  }
  awaits_aia_ = generation && !may_wait && !generation->build.complete && generation->build.aia &&
                generation->build.aia->fetches();
  return generation;
}

config::Result<void> Reload::begin(Generation first) {
  admin_ = admin_of(first.config);
  user_ = first.config.process.user;
  auto prepared = prepare(Why::start, std::move(first));
  if (!prepared) {
    return tl::unexpected(std::move(prepared.error()));
  }
  commit(Why::start, std::move(*prepared));
  if (awaits_aia_) {
    services_.log.event(Level::info, "working",
                        {{"on",
                          "asking AIA for what the chains lack; until then they are served "
                          "as far as they go"}});
    refresh();
  }
  return {};
}

void Reload::reload(Done done) {
  if (!source_.may_change) {
    services_.log.event(
        Level::warn, "reload",
        {{"outcome", "nothing to reload"}, {"hint", "no configuration file was given"}});
    done(not_taken("nothing to reload: no configuration file was given"));
  } else if (stopped_) {
    done(not_taken("chainmend is about to stop"));
  } else {
    services_.notifier.reloading();
    in_background(
        Why::reload, [this, aia = generation_->build.aia] { return build(source_.read(), aia); },
        std::move(done));
  }
}

void Reload::refresh() {
  if (!stopped_) {
    in_background(
        Why::refresh,
        [this, config = generation_->config, aia = generation_->build.aia] {
          return build(config, aia);
        },
        [](const Report&) {});
  }
}

void Reload::stop() {
  stopped_ = true;
  refresh_timer_.cancel();
  file_watch_.stop();
}

void Reload::reopen_logs() {
  const config::Logs& logs = generation_->config.logs;
  config::Diagnostics errors;
  if (auto file = opened(logs.handshakes.file, errors)) {
    services_.handshakes.use(std::move(file));
  }
  if (auto file = opened(logs.access.file, errors)) {
    services_.access.use(std::move(file));
  }
  for (const config::Diagnostic& error : errors) {
    services_.log.event(Level::error, "reopen_logs",
                        {{"at", error.at.describe()}, {"error", error.text}});
  }
  services_.log.event(Level::info, "reopen_logs",
                      {{"outcome", errors.empty() ? "done" : "failed"}});
}

// In the background, or before anything else runs.
config::Result<Generation> Reload::build(config::Result<config::Config> config,
                                         const std::shared_ptr<serving::AiaService>& aia,
                                         bool ask_aia) const {
  if (!config) {
    return tl::unexpected(std::move(config.error()));
  }
  FileSnapshot files;
  if (config->reload.watch) {
    files = FileSnapshot::take(config::input_files(*config));
  }
  serving::BuildServices services = services_.build;
  services.ask_aia = ask_aia;
  auto build = serving::build(*config, services, aia);
  if (!build) {
    return tl::unexpected(std::move(build.error()));
  }
  return Generation{std::move(*config), std::move(files), std::move(*build)};
}

void Reload::in_background(Why why, std::function<config::Result<Generation>()> make, Done done) {
  services_.build.background(
      [this, why, begun_under = committed_, make = std::move(make), done = std::move(done)] {
        auto result = std::make_shared<config::Result<Generation>>(make());
        boost::asio::post(services_.io, [this, why, begun_under, result, done] {
          done(finish(why, begun_under, std::move(*result)));
        });
      });
}

Reload::Report Reload::finish(Why why, unsigned begun_under, config::Result<Generation> result) {
  if (stopped_) {
    return not_taken("chainmend is about to stop");
  }
  if (why == Why::refresh && begun_under != committed_) {
    return not_taken("a reload has replaced this configuration meanwhile");
  }
  if (!result) {
    return refuse(why, result.error());
  }
  auto prepared = prepare(why, std::move(*result));
  if (!prepared) {
    return refuse(why, prepared.error());
  }
  commit(why, std::move(*prepared));
  return {true, generation_->build.warnings, outcomes_.needs_restart};
}

config::Result<Reload::Prepared> Reload::prepare(Why why, Generation generation) const {
  auto sockets = listeners_.plan(generation.config, workers_.size());
  const config::Diagnostics& warnings = generation.build.warnings;
  if (!sockets) {
    return tl::unexpected(config::failure(std::move(sockets.error()), warnings));
  }
  Prepared prepared{{}, std::move(*sockets), std::nullopt, std::nullopt};
  config::Diagnostics errors;
  if (why != Why::refresh) {  // a reload also goes on after a rotation
    const config::Logs& logs = generation.config.logs;
    prepared.handshakes = opened(logs.handshakes.file, errors);
    prepared.access = opened(logs.access.file, errors);
  }
  if (!errors.empty()) {
    return tl::unexpected(config::failure(std::move(errors), warnings));
  }
  prepared.generation = std::move(generation);
  return prepared;
}

void Reload::commit(Why why, Prepared prepared) {
  const config::Config& config = prepared.generation.config;
  if (why != Why::refresh) {
    services_.log.set_level(log_level(config.logs.level));
    services_.handshakes.log_successes(config.logs.handshakes.successes);
    services_.handshakes.log_hellos(config.logs.handshakes.hellos);
    services_.handshakes.use(std::move(prepared.handshakes));
    services_.access.use(std::move(prepared.access));
  }
  for (std::size_t i = 0; i < workers_.size(); ++i) {
    Publication& publication = prepared.sockets.publications[i];
    publication.state = prepared.generation.build.state;
    workers_[i]->publish(std::move(publication));
  }
  listeners_.commit(std::move(prepared.sockets));
  const config::Diagnostics warnings_before =
      generation_ ? std::move(generation_->build.warnings) : config::Diagnostics{};
  generation_ = std::make_unique<Generation>(std::move(prepared.generation));
  ++committed_;
  if (services_.published) {
    services_.published(generation_->build.state);
  }
  services_.metrics.certificates(certificate_states(generation_->build.certificates));
  services_.client_keeper.configure(generation_->config.clients);
  announce(why, warnings_before);
  schedule_refresh();
  watch_files();
}

void Reload::announce(Why why, const config::Diagnostics& warnings_before) {
  logs::Log& log = services_.log;
  metrics::ProcessMetrics& counted = services_.metrics.process();
  const config::Diagnostics& warnings = generation_->build.warnings;
  // A refresh comes every few minutes as long as a chain is incomplete: it says what is new.
  // Nor is said what AIA may mend at once.
  const bool is_first_answer = why != Why::start && std::exchange(awaits_aia_, false);
  const bool is_new = is_first_answer || described(warnings) != described(warnings_before);
  if (why == Why::refresh ? is_new : !awaits_aia_) {
    tell_findings();
  }
  if (why == Why::refresh) {
    outcomes_.refresh_error.clear();
    counted.refreshed(metrics::LoadOutcome::success);
    log.event(Level::info, name_of(why), {{"outcome", "done"}});
    return;
  }
  announce_sockets();
  outcomes_.loaded = std::chrono::system_clock::now();
  services_.notifier.ready(
      "serving; configuration of " +
      certs::format_time(std::chrono::floor<std::chrono::seconds>(outcomes_.loaded)));
  if (why == Why::start) {
    counted.config_loaded(outcomes_.loaded);
    return;
  }
  outcomes_.reload_error.clear();
  outcomes_.needs_restart = changed_for_restart(generation_->config);
  counted.reload_succeeded(outcomes_.loaded);
  if (!outcomes_.needs_restart.empty()) {
    log.event(Level::warn, name_of(why),
              {{"needs_restart", fmt::format("{}", fmt::join(outcomes_.needs_restart, ", "))},
               {"hint", "these keep their old values until chainmend is started again"}});
  }
  log.event(Level::info, name_of(why), {{"outcome", "done"}});
}

void Reload::announce_sockets() {
  logs::Log& log = services_.log;
  for (const auto& [key, bound] : listeners_.bound()) {
    log.event(Level::info, "listening",
              {{"listener", bound.listener}, {"address", bound.address}, {"passed", bound.passed}});
  }
  for (const PassedSocket* passed : listeners_.unused()) {
    if (passed->address == admin_) {
      continue;
    }
    log.event(Level::warn, "passed_socket",
              {{"name", passed->name},
               {"address", passed->address.text()},
               {"hint",
                "nobody accepts what comes there: give its unit a FileDescriptorName= that is a "
                "listener's name, or a listener this address"}});
  }
}

void Reload::tell_findings() const {
  for (const config::Diagnostic& warning : generation_->build.warnings) {
    services_.log.event(Level::warn, "config",
                        {{"at", warning.at.describe()}, {"text", warning.text}});
  }
  for (const config::Diagnostic& note : generation_->build.notes) {
    services_.log.event(Level::info, "config", {{"at", note.at.describe()}, {"text", note.text}});
  }
}

Reload::Report Reload::refuse(Why why, const config::Diagnostics& errors) {
  for (const config::Diagnostic& error : config::only(config::Severity::error, errors)) {
    services_.log.event(Level::error, name_of(why),
                        {{"at", error.at.describe()}, {"error", error.text}});
  }
  for (const config::Diagnostic& warning : config::only(config::Severity::warning, errors)) {
    services_.log.event(Level::warn, name_of(why),
                        {{"at", warning.at.describe()}, {"text", warning.text}});
  }
  services_.log.event(Level::error, name_of(why),
                      {{"outcome", "refused"}, {"serving", "what was served before"}});
  const std::string text =
      fmt::format("{}", fmt::join(described(config::only(config::Severity::error, errors)), "\n"));
  if (why == Why::refresh && std::exchange(awaits_aia_, false)) {
    tell_findings();
  }
  if (why == Why::refresh) {
    outcomes_.refresh_error = text;
    services_.metrics.process().refreshed(metrics::LoadOutcome::failure);
    schedule_refresh();
  } else {
    outcomes_.reload_error = text;
    services_.metrics.process().reload_failed();
    services_.notifier.ready("a reload was refused; serving what was served before");
  }
  return {false, errors, {}};
}

// Keys whose new values only a new process can take.
std::vector<std::string> Reload::changed_for_restart(const config::Config& config) const {
  std::vector<std::string> keys;
  if (worker_count(config.process) != workers_.size()) {
    keys.emplace_back("process.threads");
  }
  if (admin_of(config) != admin_) {
    keys.emplace_back("admin.listen");
  }
  if (config.process.user != user_) {
    keys.emplace_back("process.user");
  }
  return keys;
}

void Reload::schedule_refresh() {
  const auto now = std::chrono::floor<std::chrono::seconds>(std::chrono::system_clock::now());
  refresh_timer_.expires_after(serving::next_look(generation_->build, now));
  refresh_timer_.async_wait([this](const boost::system::error_code& error) {
    if (!error) {
      refresh();
    }
  });
}

void Reload::watch_files() {
  const config::ReloadRules& rules = generation_->config.reload;
  if (rules.watch) {
    file_watch_.watch(config::input_files(generation_->config), generation_->files, rules.settle);
  } else {
    file_watch_.stop();
  }
}

const char* Reload::name_of(Why why) {
  static constexpr enums::Names<Why> kNames{"start", "reload", "refresh"};
  return kNames[why];
}

}  // namespace chainmend::server
