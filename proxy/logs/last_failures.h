// LastFailures: the last failed handshakes of each type of client, for whoever asks which phone
// fails and why. Process-lived and thread-safe: one lock, taken when a handshake has failed and
// never when one goes well. Bounded: kKeptOfEach for each pair of a listener and a type, both of
// which the operator's configuration limits.
#pragma once

#include <chrono>
#include <cstdint>
#include <deque>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "proxy/tls/handshake_outcome.h"

namespace chainmend::logs {

struct HandshakeRecord;

struct LastFailure {
  std::chrono::sys_seconds time;
  std::string listener;
  std::string client_type;
  std::string peer;               // "192.0.2.1:50123"
  std::string server_name;        // that it asked for; empty: none
  std::uint16_t max_version = 0;  // the best that it offered
  tls::Reason reason = tls::Reason::none;
  std::string hint;
  std::vector<std::string> causes;  // tls::to_string(Cause), the likeliest first
  tls::Stage stage = tls::Stage::hello;
  std::optional<tls::Alert> alert;      // that ended it
  std::vector<std::uint16_t> versions;  // offered, the first kMostListed
  std::vector<std::uint16_t> suites;    // likewise
  // What it was served, or would have been; empty: nothing of ours.
  std::string certificate;   // its name in the configuration
  std::string chain;         // likewise
  std::size_t length = 0;    // certificates in the list
  bool complete = false;     // the list leads to a root
  std::string chain_issuer;  // that root, or what is missing
};

class LastFailures {
 public:
  static constexpr std::size_t kKeptOfEach = 16;
  static constexpr std::size_t kMostListed = 64;

  void note(const HandshakeRecord& record, std::chrono::system_clock::time_point now);
  // The newest first.
  std::vector<LastFailure> all() const;

 private:
  mutable std::mutex mutex_;
  std::map<std::pair<std::string, std::string>, std::deque<LastFailure>> by_type_;
};

}  // namespace chainmend::logs
