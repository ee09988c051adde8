// ProcessMetrics: what is counted of the process as a whole: reloads, AIA, logs. Thread-safe.
#pragma once

#include <chrono>
#include <cstdint>
#include <span>
#include <string>
#include <utility>

#include "proxy/enums/names.h"
#include "proxy/metrics/cells.h"

namespace chainmend::metrics {

template <typename Owner>
struct Family;

struct BuildInfo {
  std::string version;  // chainmend's
  std::string openssl;  // the library loaded, as it calls itself
};

enum class AiaOutcome : std::uint8_t { ok, cached, blocked, timeout, network, invalid };
inline constexpr enums::Names<AiaOutcome> kAiaOutcomeNames{"ok",      "cached",  "blocked",
                                                           "timeout", "network", "invalid"};
constexpr const char* to_string(AiaOutcome outcome) { return kAiaOutcomeNames[outcome]; }

enum class LogName : std::uint8_t { human, handshakes, access };
inline constexpr enums::Names<LogName> kLogNames{"human", "handshakes", "access"};
constexpr const char* to_string(LogName log) { return kLogNames[log]; }

enum class LoadOutcome : std::uint8_t { failure, success };
inline constexpr enums::Names<LoadOutcome> kLoadOutcomeNames{"failure", "success"};
constexpr const char* to_string(LoadOutcome outcome) { return kLoadOutcomeNames[outcome]; }

class ProcessMetrics {
 public:
  explicit ProcessMetrics(BuildInfo build) : build_(std::move(build)) {}

  void aia_fetch(AiaOutcome outcome) { aia_fetches_[outcome].add(); }
  std::uint64_t aia_fetches(AiaOutcome outcome) const { return aia_fetches_[outcome].value(); }

  const BuildInfo& build() const { return build_; }

  // The first load, which is no reload.
  void config_loaded(std::chrono::system_clock::time_point at);
  // A reload that an operator asked for.
  void reload_succeeded(std::chrono::system_clock::time_point at);
  void reload_failed();
  // A refresh: the configuration in use was built anew, without anybody having asked.
  void refreshed(LoadOutcome outcome);

  // Lines that a log has lost since the start; set it before a scrape.
  void log_dropped(LogName log, std::uint64_t total);

 private:
  friend class Metrics;
  static std::span<const Family<ProcessMetrics>> families();

  BuildInfo build_;
  enums::Array<Counter, AiaOutcome> aia_fetches_;
  enums::Array<Counter, LoadOutcome> reloads_;
  enums::Array<Counter, LoadOutcome> refreshes_;
  Gauge last_reload_good_;
  Gauge last_refresh_refused_;
  Gauge last_good_load_;  // Unix time in milliseconds; 0: none yet
  enums::Array<Gauge, LogName> log_dropped_;
};

}  // namespace chainmend::metrics
