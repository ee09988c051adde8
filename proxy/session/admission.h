// Admission: whether a connection that was accepted may be served, and what is said when it may
// not. Process-lived; workers ask it once for each connection.
#pragma once

#include <atomic>
#include <cstdint>
#include <optional>

#include "proxy/enums/names.h"
#include "proxy/logs/log.h"
#include "proxy/metrics/cells.h"
#include "proxy/metrics/listener.h"
#include "proxy/session/connection.h"
#include "proxy/session/source_table.h"

namespace chainmend::session {

class Admission {
 public:
  // How many descriptors the process may have; 0: as many as it likes.
  void set_descriptor_limit(std::uint64_t limit) { descriptor_limit_ = limit; }

  // Looks at every limit there is. A place that a limit has no more of may be had by closing the
  // connection of this worker that has idled longest: that is done here. What it returns turns the
  // newcomer away; nothing: it is welcome. Counts and logs either.
  std::optional<metrics::RejectReason> admit(WorkerContext& worker, Accepted& accepted);
  // The limits of the source alone, for a client that a proxy before us speaks for.
  std::optional<metrics::RejectReason> admit_source(WorkerContext& worker, Accepted& accepted);

  // Open connections of all workers, those that are being turned away too.
  metrics::Gauge& open_connections() { return open_; }
  std::int64_t open_now() const { return open_.value(); }
  SourceTable& sources() { return sources_; }

  // Counts, and says now and then in the log, that accepting failed or that something was ended.
  void note(WorkerContext& worker, const serving::Listener& listener, metrics::RejectReason reason,
            const Accepted* accepted);
  void note(WorkerContext& worker, const serving::Listener& listener, metrics::CutReason reason,
            std::string_view peer);

 private:
  // When a kind of event was last told of, and how many there were since.
  struct Told {
    std::atomic<net::Clock::rep> next{0};
    std::atomic<std::uint64_t> count{0};
    // How many to tell of; 0: not yet.
    std::uint64_t due(net::Clock::time_point now);
  };

  bool short_of_descriptors(const Accepted& accepted) const;

  metrics::Gauge open_;
  SourceTable sources_;
  std::uint64_t descriptor_limit_ = 0;
  enums::Array<Told, metrics::RejectReason> rejects_told_;
  enums::Array<Told, metrics::CutReason> cuts_told_;
};

}  // namespace chainmend::session
