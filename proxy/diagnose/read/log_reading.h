// LogReading: reads log files and says what failed, for whom, and why. Streams: a file of any
// length takes the same memory.
#pragma once

#include <atomic>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "proxy/diagnose/read/line_reader.h"
#include "proxy/diagnose/read/log_kind.h"
#include "proxy/diagnose/read/tally.h"

namespace chainmend::diagnose {

struct FileReport {
  std::string name;
  std::optional<LogKind> kind;  // unset: not a byte could be read
  std::uint64_t lines = 0;      // of XML: elements
  std::uint64_t cut = 0;        // lines of which only the beginning was read
  BadLines bad;
  std::string failure;  // empty: read to its end
};

class LogReading {
 public:
  // kind: of all files; unset: each file tells. now: see make_reader. stop: becomes true when the
  // reading shall end before its time; must outlive this.
  LogReading(TallyFilter filter, std::optional<LogKind> kind, certs::Time now,
             const std::atomic<bool>& stop)
      : tally_(std::move(filter)), kind_(kind), now_(now), stop_(stop) {}

  // Reads one file, or "-".
  FileReport read(const std::string& path);
  const Tally& tally() const { return tally_; }

 private:
  Tally tally_;
  std::optional<LogKind> kind_;
  certs::Time now_;
  const std::atomic<bool>& stop_;
};

}  // namespace chainmend::diagnose
