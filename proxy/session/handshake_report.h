// HandshakeReport: turns what one TlsSession saw into a name for the client, one metric and, when
// it failed, one log line. A completed handshake is judged when the client first uses it, or leaves
// without having done so: several old clients refuse a chain only then.
#pragma once

#include <chrono>

#include "proxy/net/deadline.h"
#include "proxy/session/connection.h"

namespace chainmend::session {

class HandshakeReport {
 public:
  // Starts the clock. connection must outlive it.
  explicit HandshakeReport(Connection& connection);
  ~HandshakeReport();  // reports, if nobody has
  HandshakeReport(const HandshakeReport&) = delete;
  HandshakeReport& operator=(const HandshakeReport&) = delete;

  // The handshake is over, well or not: stops the clock, reports a failure.
  void handshake_ended();
  // The client has sent application data: reports a success. Costs a comparison when called again.
  void used() {
    if (!reported_) {
      report();
    }
  }

 private:
  void report();
  void name_client(const tls::HandshakeTrace& trace, const tls::HandshakeOutcome& outcome);
  void compare_policies(const clients::ClientHello& hello, tls::Reason reason);
  void log_outcome(const tls::HandshakeOutcome& outcome);
  void log_failure(const logs::HandshakeRecord& record);

  Connection& connection_;
  net::Clock::time_point started_;
  net::Clock::duration took_{};
  bool reported_;
  metrics::Held in_progress_;
};

}  // namespace chainmend::session
