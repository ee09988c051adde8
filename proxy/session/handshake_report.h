// HandshakeReport: turns what was seen of a TLS handshake, our own or one passed through, into a
// name for the client, one metric and, when it failed, one log line. A completed handshake is
// judged when the client first uses it, or leaves without having done so: several old clients
// refuse a chain only then.
#pragma once

#include <chrono>
#include <memory>
#include <span>
#include <string_view>

#include "proxy/net/deadline.h"
#include "proxy/session/connection.h"
#include "proxy/tls/wire_observer.h"

namespace chainmend::session {

class HandshakeReport {
 public:
  // Starts the clock. connection must outlive it.
  explicit HandshakeReport(Connection& connection);
  ~HandshakeReport();  // reports, if nobody has
  HandshakeReport(const HandshakeReport&) = delete;
  HandshakeReport& operator=(const HandshakeReport&) = delete;

  net::Clock::time_point started() const { return started_; }
  // What to report on: the client's TLS session, as it is from the beginning where it has one,
  void follow(tls::TlsSession& session);
  // or a handshake between others. The observer is gone once it is reported on.
  void follow(std::unique_ptr<tls::WireObserver> observer);
  tls::WireObserver* observer() { return observer_.get(); }
  // For the log: it is the client's with this upstream.
  void passed_to(std::string_view upstream) { passed_to_ = upstream; }

  // The handshake is over, well or not: stops the clock, reports a failure.
  void handshake_ended();
  // The client has sent application data: reports a success. Costs a comparison when called again.
  void used() {
    if (!reported_) {
      report();
    }
  }

 private:
  void begin(const tls::HandshakeTrace& trace);
  void report();
  void name_client(const tls::HandshakeTrace& trace, const tls::HandshakeOutcome& outcome);
  void compare_policies(const clients::ClientHello& hello, tls::Reason reason);
  void count_policy(const tls::HandshakeOutcome& outcome);
  tls::ServedFacts served_here() const;
  std::span<const std::uint8_t> first_flight() const;
  void log_noise(tls::NoiseKind kind);
  void log_outcome(const tls::HandshakeOutcome& outcome);
  void log_failure(const logs::HandshakeRecord& record);

  Connection& connection_;
  std::unique_ptr<tls::WireObserver> observer_;
  const tls::HandshakeTrace* trace_ = nullptr;  // the session's or the observer's
  std::string_view passed_to_;
  net::Clock::time_point started_;
  net::Clock::duration took_{};
  bool reported_ = true;
  metrics::Held in_progress_;
};

}  // namespace chainmend::session
