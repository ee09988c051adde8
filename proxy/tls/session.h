// TlsSession: one TLS connection over a non-blocking socket, without waiting. Every call does what
// it can at once and says what it waits for; the caller waits for the descriptor and calls again.
// Single-threaded. The descriptor is borrowed and must stay open as long as the session lives.
//
// OpenSSL runs over a BIO of our own: recv and send without SIGPIPE, read-ahead (one recv per
// record or more), a copy of the first flight until the handshake is over. Record buffers exist
// only while bytes are in them.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>

#include "proxy/clients/client_hello.h"
#include "proxy/tls/client_context.h"
#include "proxy/tls/context.h"
#include "proxy/tls/explain.h"
#include "proxy/tls/openssl_ssl.h"
#include "proxy/tls/socket_bio.h"

namespace chainmend::tls {

enum class Step {
  done,
  want_read,   // wait until the descriptor can be read, then repeat the call
  want_write,  // likewise written; a write is repeated with the same bytes, at any address
  closed,      // the peer closed; peer_closed_cleanly() tells a close_notify from a cut
  failed,  // over; trace() says what is known. A fatal alert, if there is one, has been handed to
           // the socket
};

struct IoStep {
  Step step = Step::failed;
  std::size_t n = 0;  // bytes read or written; more than 0 exactly when step is done, unless none
                      // were asked for
};

class TlsSession {
 public:
  // Server side. prefix: bytes of the client that were already read from fd.
  static std::unique_ptr<TlsSession> accept(ServerContextPtr context, int fd,
                                            std::span<const std::uint8_t> prefix = {});
  // Client side; host is for SNI and verification, server for sessions; see
  // ClientContext::new_ssl().
  static std::unique_ptr<TlsSession> connect(ClientContextPtr context, int fd,
                                             const std::string& host,
                                             const std::string& server = {});
  ~TlsSession();
  TlsSession(const TlsSession&) = delete;
  TlsSession& operator=(const TlsSession&) = delete;

  Step handshake();
  IoStep read(std::span<std::uint8_t> buffer);
  IoStep write(std::span<const std::uint8_t> bytes);
  // Sends close_notify and does not wait for the peer's: done once it is handed to the socket, or
  // when there is no use in it (no handshake, a broken socket, a write that was given up half-way).
  Step shutdown();

  // True when read() may give bytes although the descriptor has none. After a want_read there are
  // none.
  bool has_pending() const;
  // A read() would most likely find nothing on the descriptor.
  bool drained() const { return wire_.drained() && !has_pending(); }
  bool peer_closed_cleanly() const { return close_notify_; }

  const HandshakeTrace& trace() const { return trace_; }
  // Server side, before the handshake: terms may depend on who calls.
  void note_peer(const clients::Address& peer) { trace_.peer = peer; }
  void note_timeout() { trace_.timed_out = true; }
  // The raw bytes that came first, at most clients::kMaxFirstFlight; empty after a handshake that
  // completed.
  std::span<const std::uint8_t> first_flight() const { return wire_.first_flight(); }
  // Frees the hello's facts: call it when classification and log are done with them.
  void forget_hello() {
    trace_.hello.reset();
    wire_.forget_first_flight();
  }
  // Keeps the bytes of the first flight, too, until then.
  void keep_first_flight() { wire_.keep_beyond_handshake(); }

  // Known once the handshake is done.
  std::uint16_t version() const;  // 0x0301 ...
  const char* cipher() const;     // OpenSSL's name
  std::uint16_t suite() const;    // IANA's number
  std::string group() const;      // of the key exchange, "X25519"; empty: none, or not known
  bool resumed() const { return trace_.resumed; }
  std::string_view alpn() const;                   // empty: none
  std::string_view server_name() const;            // SNI; empty: none
  certs::CertificatePtr peer_certificate() const;  // null: none

  // Server side: what the client got or would have got. Borrowed from the context.
  ServedFacts served() const { return server_->served(ssl_.get()); }

 private:
  TlsSession(SslPtr ssl, int fd);
  Step step_of(int result);
  void read_hello();
  static void on_message(int sent, int version, int type, const void* data, std::size_t size,
                         SSL* ssl, void* self) noexcept;
  void note_alert(bool sent, std::uint8_t level, std::uint8_t code);
  void note_handshake_message(bool sent, std::uint8_t type);
  void note_client_certificate(bool sent, std::uint8_t type, std::size_t size);
  void note_resumed_client();

  ServerContextPtr server_;  // one of the two is set
  ClientContextPtr client_;
  SocketBio wire_;
  HandshakeTrace trace_;
  bool close_notify_ = false;
  bool failed_ = false;
  bool read_blocked_ = false;
  bool write_blocked_ = false;
  bool shutdown_blocked_ = false;
  SslPtr ssl_;  // last, so freed first: it points at the trace and the wire
};

}  // namespace chainmend::tls
