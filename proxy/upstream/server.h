// Server: one server of an upstream as the process knows it, whatever configuration is in force:
// where it is, how it fared, and whether it may be asked. Snapshots share it, so a reload forgets
// nothing; it goes when the last snapshot that names it is gone. Thread-safe. What each choice
// reads are atomics: the workers, the health checker and the operator write them.
#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "certs/bytes.h"
#include "proxy/enums/names.h"
#include "proxy/metrics/upstream.h"
#include "proxy/net/deadline.h"
#include "proxy/upstream/addresses.h"
#include "proxy/upstream/scopes.h"

namespace chainmend::upstream {

// Where a server is. The name is its label in logs and metrics: "https://10.0.0.11:443".
struct Address {
  std::string name;
  std::string host;  // name or numeric address, without brackets
  std::uint16_t port = 0;
};

// What the operator wants of a server.
enum class Wanted : std::uint8_t {
  enabled,
  draining,  // nobody new; who has it keeps it
  disabled,  // no new request, but for identities that are bound to a connection that stands
};
inline constexpr enums::Names<Wanted> kWantedNames{"enabled", "draining", "disabled"};

// What is known by a health check.
struct CheckState {
  Scopes scope = kWhole;
  bool well = true;
  metrics::CheckOutcome outcome = metrics::CheckOutcome::ok;  // of the last one
  std::string detail;                                         // why it was not ok
  std::chrono::sys_seconds at;                                // of the last one
  std::chrono::sys_seconds since;                             // it is well, or not
};

class Server;

// Use: a connection to a server that is in use, or about to be made. Move-only; given back when it
// dies, before the server does.
class [[nodiscard]] Use {
 public:
  Use() = default;
  Use(Use&& other) noexcept : server_(std::exchange(other.server_, nullptr)) {}
  Use& operator=(Use&& other) noexcept {
    std::swap(server_, other.server_);
    return *this;
  }
  ~Use();
  explicit operator bool() const { return server_ != nullptr; }

 private:
  friend class Server;
  explicit Use(Server& server) : server_(&server) {}
  Server* server_ = nullptr;
};

class Server {
 public:
  using Clock = net::Clock;

  struct Failure {
    std::chrono::sys_seconds at;
    metrics::UpstreamFailure reason = metrics::UpstreamFailure::connect;
    std::string text;  // "Connection refused"
  };

  // metrics must outlive it.
  Server(Address address, metrics::UpstreamServerMetrics& metrics);
  ~Server();
  Server(const Server&) = delete;
  Server& operator=(const Server&) = delete;

  const std::string& name() const { return address_.name; }
  const std::string& host() const { return address_.host; }
  std::uint16_t port() const { return address_.port; }
  std::uint64_t id() const { return id_; }  // hash of its name: the same in every process

  // Of its name; unused where that is an address.
  Addresses& addresses() { return addresses_; }

  // It gave a whole answer or, where answers are not looked at, took a connection. Cheap: called
  // once per request.
  void succeeded();
  // Counts the failure, too. Returns how many there were in a row.
  std::uint32_t failed(metrics::UpstreamFailure reason, std::string_view text);
  // A connection to it is in this state for as long as the result lives.
  metrics::Held connection(metrics::UpstreamState state) { return metrics_.connection(state); }

  // The certificate that it showed last, by its fingerprint.
  void note_leaf(const certs::Sha256& fingerprint);
  std::optional<certs::Sha256> leaf() const;

  std::optional<std::chrono::sys_seconds> last_success() const;
  std::optional<Failure> last_failure() const;
  // Counters and gauges: failures by reason, connections by state, of all workers.
  metrics::UpstreamServerMetrics& counts() { return metrics_; }
  const metrics::UpstreamServerMetrics& counts() const { return metrics_; }

  // Takes a connection of `most` (0: no limit); nothing when all are taken.
  Use use(std::uint32_t most);
  std::uint32_t in_use() const { return in_use_.load(std::memory_order_relaxed); }

  // Whether somebody new may be sent there with a request that concerns these scopes, and whether
  // somebody may who belongs there.
  bool takes_new(Scopes scopes, Clock::time_point now) const {
    return wanted() == Wanted::enabled && serves(scopes, now);
  }
  bool serves(Scopes scopes, Clock::time_point now) const {
    return wanted() != Wanted::disabled &&
           (ailing_.load(std::memory_order_relaxed) & scopes) == 0 && !ejected(now);
  }

  Wanted wanted() const { return wanted_.load(std::memory_order_relaxed); }
  // One that is enabled again starts slowly.
  void set_wanted(Wanted wanted);

  // The scopes whose check says that it is not well.
  Scopes ailing() const { return ailing_.load(std::memory_order_relaxed); }
  void set_well(Scopes scope, bool well);
  // What the last check of a scope came to.
  void note_check(CheckState state);
  std::vector<CheckState> checks() const;
  // As if there had been no checks of this scope.
  void forget_check(Scopes scope);

  // Ejects it until then; its next failure counts as the last of `failures` in a row.
  void eject(Clock::time_point until, std::uint32_t failures);
  bool ejected(Clock::time_point now) const { return now.time_since_epoch() < ejected_until(); }
  Clock::duration ejected_until() const {
    return Clock::duration(ejected_until_.load(std::memory_order_relaxed));
  }
  // How often it was ejected without having been well for `calm` in between.
  std::uint32_t note_ejection(Clock::time_point now, Clock::duration calm);
  std::uint32_t failures_in_row() const { return in_row_.load(std::memory_order_relaxed); }

  // The part of its share that it gets, in hundredths, when it takes `slow_start` to get all.
  std::uint32_t share(Clock::time_point now, Clock::duration slow_start) const;

  // Round robin: see balance.h. Moves the tag from `from` on; false: somebody else did.
  std::uint64_t tag() const { return tag_.load(std::memory_order_relaxed); }
  bool take_turn(std::uint64_t from, std::uint64_t to) {
    return tag_.compare_exchange_strong(from, to, std::memory_order_relaxed);
  }

 private:
  friend class Use;
  void start_slowly(Clock::time_point now);

  const Address address_;
  const std::uint64_t id_;
  metrics::UpstreamServerMetrics& metrics_;
  Addresses addresses_;
  std::atomic<std::int64_t> succeeded_at_{0};  // seconds since the epoch; 0: never
  std::atomic<std::uint32_t> in_use_{0};
  std::atomic<std::uint32_t> in_row_{0};  // failures since the last success
  std::atomic<std::uint64_t> tag_{0};
  std::atomic<Wanted> wanted_{Wanted::enabled};
  std::atomic<Scopes> ailing_{0};
  std::atomic<Clock::rep> ejected_until_{0};
  std::atomic<Clock::rep> back_since_{0};  // 0: it was never away
  std::atomic<std::uint32_t> ejections_{0};
  mutable std::mutex mutex_;
  std::optional<Failure> last_failure_;  // guarded by mutex_
  std::vector<CheckState> checks_;       // likewise
  std::optional<certs::Sha256> leaf_;    // likewise
};

}  // namespace chainmend::upstream
