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
};

class LastFailures {
 public:
  static constexpr std::size_t kKeptOfEach = 16;

  void note(const HandshakeRecord& record, std::chrono::system_clock::time_point now);
  // The newest first.
  std::vector<LastFailure> all() const;

 private:
  mutable std::mutex mutex_;
  std::map<std::pair<std::string, std::string>, std::deque<LastFailure>> by_type_;
};

}  // namespace chainmend::logs
