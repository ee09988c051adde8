#include "proxy/metrics/process.h"

#include "proxy/metrics/family.h"

namespace chainmend::metrics {

Families<ProcessMetrics> ProcessMetrics::families() {
  using M = ProcessMetrics;
  static constexpr Family<M> kFamilies[] = {
      {"config_last_reload_successful", "1 when the configuration read last is in use.",
       Type::gauge, [](const M& m, Samples& out) { out.add(m.last_reload_good_); }},
      {"config_last_reload_success_timestamp_seconds", "When the configuration in use was loaded.",
       Type::gauge,
       [](const M& m, Samples& out) {
         out.add(static_cast<double>(m.last_good_load_.value()) / 1000);
       }},
      {"config_reloads_total", "Reloads by outcome; the first load is none.", Type::counter,
       [](const M& m, Samples& out) { out.each("outcome", m.reloads_); }},
      {"config_last_refresh_successful",
       "0 when the last refresh was refused (certificates read and chains built anew, without a "
       "reload), else 1.",
       Type::gauge,
       [](const M& m, Samples& out) { out.add(m.last_refresh_refused_.value() == 0 ? 1.0 : 0.0); }},
      {"config_refreshes_total", "Refreshes by outcome.", Type::counter,
       [](const M& m, Samples& out) { out.each("outcome", m.refreshes_); }},
      {"aia_fetches_total", "Issuer certificates looked for by AIA, by what came of it.",
       Type::counter, [](const M& m, Samples& out) { out.each("outcome", m.aia_fetches_); }},
      {"log_dropped_total", "Lines that a log lost: over its rate, or not writable in time.",
       Type::counter, [](const M& m, Samples& out) { out.each("log", m.log_dropped_); }},
      {"build_info", "1; the labels say what is running.", Type::gauge,
       [](const M& m, Samples& out) {
         out.add({{"version", m.build_.version}, {"openssl", m.build_.openssl}}, 1);
       }},
  };
  return kFamilies;
}

void ProcessMetrics::config_loaded(std::chrono::system_clock::time_point at) {
  last_good_load_.set(std::chrono::floor<std::chrono::milliseconds>(at).time_since_epoch().count());
  last_reload_good_.set(1);
}

void ProcessMetrics::reload_succeeded(std::chrono::system_clock::time_point at) {
  reloads_[LoadOutcome::success].add();
  config_loaded(at);
}

void ProcessMetrics::reload_failed() {
  reloads_[LoadOutcome::failure].add();
  last_reload_good_.set(0);
}

void ProcessMetrics::refreshed(LoadOutcome outcome) {
  refreshes_[outcome].add();
  last_refresh_refused_.set(outcome == LoadOutcome::failure ? 1 : 0);
}

void ProcessMetrics::log_dropped(LogName log, std::uint64_t total) {
  log_dropped_[log].set(static_cast<std::int64_t>(total));
}

}  // namespace chainmend::metrics
