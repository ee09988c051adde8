// HandshakeLog: one JSON line per failed handshake, and per successful one as far as it is asked
// to, appended to a file. Process-lived; every member may be called from any thread. Lines are
// written by a thread of the log's own: a caller never waits for the disk. Without a file (at
// first, or told so) records are ignored. Bounded: at most Options::per_second lines per second for
// each (listener, type, reason); what is over it is counted and told in one line
// `{"event":"dropped",...}` once that second is over. A write that fails is reported to the human
// log once, until a write succeeds again.
#pragma once

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "proxy/clients/client_hello.h"
#include "proxy/logs/last_failures.h"
#include "proxy/logs/log.h"
#include "proxy/logs/opened_file.h"
#include "proxy/tls/causes.h"
#include "proxy/tls/handshake_outcome.h"

namespace chainmend::logs {

// One handshake. Text is borrowed for the call; empty: not known.
struct HandshakeRecord {
  std::uint64_t connection = 0;  // the connection id of the human log
  std::string_view listener;
  std::string_view peer;      // "192.0.2.1:50123"
  std::string_view upstream;  // that the client was passed through to
  std::string_view client_type;
  std::string_view client_rule;                 // which rule said so
  std::string_view client_confidence;           // and how sure it is
  const clients::ClientHello* hello = nullptr;  // gives SNI, versions, suites, JA3, JA4
  tls::HandshakeOutcome outcome;
  std::string_view hint;                       // what it means and what would help, in words
  std::span<const tls::PossibleCause> causes;  // the same as data, the likeliest first
  tls::ServedFacts served;                     // what the client got, or would have got
  std::span<const std::uint8_t> first_flight;  // that the hello came in; empty: not kept
  // Of a handshake that was completed:
  std::uint16_t suite = 0;  // 0: not known
  std::string_view group;   // of the key exchange
};

class HandshakeLog {
 public:
  struct Options {
    unsigned per_second = 100;  // lines per (listener, type, reason)
    Clock clock = std::chrono::system_clock::now;
  };

  // log hears of write errors; it must outlive this.
  HandshakeLog(Log& log, Options options);
  explicit HandshakeLog(Log& log);
  ~HandshakeLog();  // writes what is queued, and the counts of what was dropped
  HandshakeLog(const HandshakeLog&) = delete;
  HandshakeLog& operator=(const HandshakeLog&) = delete;

  // Later lines go to this file, or nowhere. Also the way to go on after a rotation: open the file
  // again and call this at each reload.
  void use(std::optional<OpenedFile> file);
  // Opens the file and uses it. On error the log stays as it was.
  Result<void> open(const std::filesystem::path& file);

  void write(const HandshakeRecord& record);
  // The last failures that write() was told of, also without a file.
  std::vector<LastFailure> last_failures() const;

  // Which share of the successful handshakes is to be written, 0 (at first) to 1.
  void log_successes(double share);
  // Whether the successful handshake that has just been is one of them; asks to be called for each.
  // An addition, and false at once when none is.
  bool wants_success();

  // Whether lines hold the client's hello itself (`first_flight` of a record), at first not.
  void log_hellos(bool wanted);
  bool wants_hellos() const;

  // Records lost since the start: over the rate, queue full, or not writable.
  std::uint64_t dropped() const;

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace chainmend::logs
