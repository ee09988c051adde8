// Server: one server of an upstream as the process knows it, whatever configuration is in force:
// where it is and how it fared. Snapshots share it, so a reload forgets nothing; it goes when the
// last snapshot that names it is gone. Thread-safe.
#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>

#include "proxy/metrics/upstream.h"

namespace chainmend::upstream {

// Where a server is. The name is its label in logs and metrics: "https://10.0.0.11:443".
struct Address {
  std::string name;
  std::string host;  // name or numeric address, without brackets
  std::uint16_t port = 0;
};

class Server {
 public:
  struct Failure {
    std::chrono::sys_seconds at;
    metrics::UpstreamFailure reason = metrics::UpstreamFailure::connect;
    std::string text;  // "Connection refused"
  };

  // metrics must outlive it.
  Server(Address address, metrics::UpstreamServerMetrics& metrics)
      : address_(std::move(address)), metrics_(metrics) {}
  Server(const Server&) = delete;
  Server& operator=(const Server&) = delete;

  const std::string& name() const { return address_.name; }
  const std::string& host() const { return address_.host; }
  std::uint16_t port() const { return address_.port; }

  // It took a connection, or gave a whole answer. Cheap: called once per request.
  void succeeded();
  // Counts the failure, too.
  void failed(metrics::UpstreamFailure reason, std::string_view text);
  // A connection to it is in this state for as long as the result lives.
  metrics::Held connection(metrics::UpstreamState state) { return metrics_.connection(state); }

  std::optional<std::chrono::sys_seconds> last_success() const;
  std::optional<Failure> last_failure() const;
  // Counters and gauges: failures by reason, connections by state, of all workers.
  const metrics::UpstreamServerMetrics& counts() const { return metrics_; }

 private:
  const Address address_;
  metrics::UpstreamServerMetrics& metrics_;
  std::atomic<std::int64_t> succeeded_at_{0};  // seconds since the epoch; 0: never
  mutable std::mutex mutex_;
  std::optional<Failure> last_failure_;  // guarded by mutex_
};

}  // namespace chainmend::upstream
