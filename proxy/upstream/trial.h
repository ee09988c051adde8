// Trial: one connection to each server of an upstream, made as a request would make it (same
// address, TLS policy, name and roots), and closed at once. For people who want to know before a
// client does.
#pragma once

#include <atomic>
#include <cstdint>
#include <string>
#include <vector>

#include "proxy/net/loop.h"
#include "proxy/upstream/connect.h"
#include "proxy/upstream/upstream.h"

namespace chainmend::upstream {

struct TrialResult {
  std::string server;  // as Server::name()
  bool accepted = false;
  bool unresolved = false;  // its name has no address
  metrics::UpstreamFailure reason = metrics::UpstreamFailure::connect;
  std::string text;           // why it was not accepted
  std::uint16_t version = 0;  // of TLS; 0: none was spoken
  std::string cipher;         // OpenSSL's name
};

class Trial {
 public:
  // Asks all servers at once and waits for the last; each has the upstream's own timeouts. plain:
  // TCP alone, because the TLS is somebody else's. Counts nothing. Not on a worker.
  std::vector<TrialResult> run(Upstream upstream, bool plain);
  // Ends run(), and each run() after it, at once. From any thread.
  void stop();

 private:
  net::Loop loop_;
  std::atomic<bool> stopped_{false};
};

}  // namespace chainmend::upstream
