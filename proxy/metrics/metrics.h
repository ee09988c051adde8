// Metrics: everything chainmend counts, process-lived and thread-safe; only its scrape knows
// prometheus-cpp. Names, labels and meanings are in exposition.cpp. Labels are names that the
// operator configured and enums, never anything a client sent.
#pragma once

#include <array>
#include <chrono>
#include <compare>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "proxy/metrics/handles.h"

namespace chainmend::metrics {

struct BuildInfo {
  std::string version;  // chainmend's
  std::string openssl;  // the library loaded, as it calls itself
};

// One configured certificate and the chains served for it.
struct CertificateState {
  struct Leaf {
    std::string subject_cn;
    std::string issuer_cn;
    std::string key_type;  // "RSA 2048"
    auto operator<=>(const Leaf&) const = default;
  };
  struct Chain {
    std::string name;               // variant; the automatic one is "auto"
    bool complete = false;          // a path to a trusted root exists
    std::size_t length = 0;         // certificates sent
    std::set<std::string> sources;  // of those after the leaf: "file", "bundle", "aia", "root"
  };
  std::string name;                    // unique among the states; chain names are unique in it
  std::chrono::sys_seconds not_after;  // earliest of the leaf and the chain served by default
  std::vector<Chain> chains;
  std::set<Leaf> leaves;  // one of each key type, as a rule
};

struct ClientCounts {
  std::string listener;
  ClientType type;
  std::array<std::uint64_t, 4> outcomes{};  // by tls::Outcome
  std::optional<std::chrono::sys_seconds> last_success;
};

enum class AiaOutcome : std::uint8_t { ok, cached, blocked, timeout, network, invalid };
enum class LogName : std::uint8_t { human, handshakes };

class Metrics {
 public:
  explicit Metrics(BuildInfo build);
  ~Metrics();
  Metrics(const Metrics&) = delete;
  Metrics& operator=(const Metrics&) = delete;

  // Handles, made on first use. They take a lock: call them when a snapshot is built, not per
  // event.
  ListenerMetrics& listener(std::string_view name);
  RouteMetrics& route(std::string_view listener, std::string_view route);
  UpstreamServerMetrics& upstream_server(std::string_view upstream, std::string_view server);
  // A new one, which takes the place and the value of the one before.
  std::shared_ptr<UpstreamChainMetrics> upstream_chain(std::string_view upstream);
  // The number of a policy's name; past kMaxPolicies names it is `other`.
  PolicyLabel policy(std::string_view name);
  // The number of a name that this listener serves; past kMaxServerNames of them, `other`.
  ServerNameLabel server_name(ListenerMetrics& listener, std::string_view name);

  // The certificates in service from now on; series of those that are gone disappear.
  void certificates(std::vector<CertificateState> states);

  void aia_fetch(AiaOutcome outcome);

  void config_loaded(std::chrono::system_clock::time_point at);  // the first load: not a reload
  void reload_succeeded(std::chrono::system_clock::time_point at);
  void reload_failed();

  // Lines that a log has lost since the start; set it before a scrape.
  void log_dropped(LogName log, std::uint64_t total);

  // What became of the handshakes of each type on each listener, of those that had any.
  std::vector<ClientCounts> clients() const;

  // Everything, in Prometheus' text format 0.0.4.
  std::string scrape() const;

 private:
  friend class Exposition;
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace chainmend::metrics
