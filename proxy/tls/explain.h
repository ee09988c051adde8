// explain(): from what was seen of a handshake to why it ended as it did. Pure, so that every
// reason has a row in a table test.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "certs/certificate.h"
#include "proxy/clients/classifier.h"
#include "proxy/clients/client_hello.h"
#include "proxy/tls/capability.h"
#include "proxy/tls/handshake_outcome.h"

namespace chainmend::tls {

// HandshakeTrace: what one TlsSession saw, or a WireObserver of a handshake between others. They
// fill it; the owner of the session adds timed_out.
struct HandshakeTrace {
  clients::Address peer{};  // server side: who calls
  clients::FlightKind flight = clients::FlightKind::need_more;
  std::shared_ptr<const clients::ClientHello>
      hello;                              // null: none came, or the session was told to forget it
  clients::Ja4 ja4{};                     // of the hello, kept when it is forgotten
  std::uint16_t offered_max_version = 0;  // kept when the hello is forgotten
  std::size_t bytes_received = 0;         // from the wire, during the handshake
  std::size_t application_bytes = 0;      // decrypted bytes the peer sent after it
  bool eof = false;
  bool reset = false;  // or another socket error
  bool timed_out = false;
  Stage stage = Stage::hello;
  bool completed = false;
  bool resumed = false;
  std::uint16_t version = 0;        // negotiated; 0: none yet
  std::optional<Alert> alert_sent;  // first fatal one
  std::optional<Alert>
      alert_received;  // first fatal one, or close_notify / user_canceled in the handshake
  std::vector<int>
      error_reasons;         // reasons (SSL_R_...) of libssl's errors, first cause first, at most 8
  std::string verify_error;  // what the PeerVerifier, or the ClientVerifier, said
  Reason verify_reason = Reason::none;  // server side: the ClientVerifier's
  // Server side: the client's certificate and those above it that were accepted, without the root.
  // Of a session that goes on the first one alone is known.
  std::vector<certs::CertificatePtr> client_path;
  bool client_certificate_asked = false;         // by the server, as far as it can be seen
  std::optional<bool> client_certificate_shown;  // the client's answer, likewise
  // Of a handshake between others alone, where "sent" is what the server sent:
  bool passed_through = false;
  bool server_failed = false;  // not reached, or it went away, or spoke no TLS, before the end
};

using Verdict = std::variant<NoiseKind, HandshakeOutcome>;

// Call once, when the first application byte came or the connection ended, whichever is first.
Verdict explain(const HandshakeTrace& trace, const Capability& capability);

// What a server that is not ours meant by the alert that it ended a handshake with at this stage,
// certificate_asked: after it asked for one of the client.
Reason reason_of_server_alert(std::uint8_t code, Stage stage, bool certificate_asked);

// What an operator should think of first, one sentence.
const char* hint(Reason reason);

// The cause of a failed handshake to an upstream, for logs: one sentence without full stop.
std::string describe_upstream_failure(const HandshakeTrace& trace);

}  // namespace chainmend::tls
