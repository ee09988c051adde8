// Metrics: everything chainmend counts, process-lived and thread-safe. Each class of cells
// (listener.h, route.h, upstream.h, process.h, certificates.h) declares its own metrics: names,
// labels and meanings are in its .cpp. Labels are names that the operator configured and enums,
// never anything a client sent.
#pragma once

#include <array>
#include <chrono>
#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "proxy/metrics/certificates.h"
#include "proxy/metrics/labels.h"
#include "proxy/metrics/listener.h"
#include "proxy/metrics/process.h"
#include "proxy/metrics/route.h"
#include "proxy/metrics/upstream.h"

namespace chainmend::metrics {

class Page;

// Handshakes that were completed with one version.
struct VersionUse {
  std::uint64_t count = 0;
  std::optional<std::chrono::sys_seconds> last;
};

struct ClientCounts {
  std::string listener;
  ClientType type;
  std::array<std::uint64_t, enums::count<tls::Outcome>()> outcomes{};  // by tls::Outcome
  std::array<std::uint64_t, enums::count<tls::Reason>()> reasons{};    // of the failed ones
  std::optional<std::chrono::sys_seconds> last_success;
  std::array<VersionUse, kVersions.size()> versions{};
};

class Metrics {
 public:
  explicit Metrics(BuildInfo build) : process_(std::move(build)) {}
  Metrics(const Metrics&) = delete;
  Metrics& operator=(const Metrics&) = delete;

  // Handles, made on first use. They take a lock: call them when a snapshot is built, not per
  // event.
  ListenerMetrics& listener(std::string_view name);
  RouteMetrics& route(std::string_view listener, std::string_view route);
  UpstreamServerMetrics& upstream_server(std::string_view upstream, std::string_view server);
  UpstreamMetrics& upstream(std::string_view upstream);
  // A new one, which takes the place and the value of the one before.
  std::shared_ptr<UpstreamChainMetrics> upstream_chain(std::string_view upstream);
  // The number of a policy's name; past kMaxPolicies names it is `other`.
  PolicyLabel policy(std::string_view name);
  // The number of a name that this listener serves; past kMaxServerNames of them, `other`.
  ServerNameLabel server_name(ListenerMetrics& listener, std::string_view name);
  ProcessMetrics& process() { return process_; }
  const ProcessMetrics& process() const { return process_; }

  // The certificates in service from now on; series of those that are gone disappear.
  void certificates(std::vector<CertificateState> states);

  // What is known of servers' certificates from now on.
  void certificate_matches(std::vector<CertificateMatch> matches);

  // What became of the handshakes of each type on each listener, of those that had any.
  std::vector<ClientCounts> clients() const;

  // Everything, in Prometheus' text format 0.0.4. Takes the lock for as long as the cells are read,
  // not while the text is written.
  std::string scrape() const;

 private:
  // The families of these cells, as the scrape shows them; the lock is held.
  void put_listeners(Page& page) const;
  void put_upstreams(Page& page) const;
  void put_certificates(Page& page) const;

  template <typename Key, typename Handle>
  using Handles = std::map<Key, std::unique_ptr<Handle>>;
  using NamePair = std::pair<std::string, std::string>;

  ProcessMetrics process_;

  mutable std::mutex mutex_;  // guards what follows, but not the cells of the handles in it
  NumberedNames policies_{{"other"}, kMaxPolicies + 1};
  Handles<std::string, ListenerMetrics> listeners_;
  Handles<NamePair, RouteMetrics> routes_;                     // by listener and route
  Handles<NamePair, UpstreamServerMetrics> upstream_servers_;  // by upstream and server
  Handles<std::string, UpstreamMetrics> upstreams_;
  std::map<std::string, std::weak_ptr<UpstreamChainMetrics>> upstream_chains_;
  std::vector<CertificateMatch> matches_;
  std::vector<CertificateState> certificates_;
};

}  // namespace chainmend::metrics
