#include "proxy/tls/session.h"

#include <openssl/err.h>

#include <algorithm>
#include <utility>

namespace chainmend::tls {
namespace {

constexpr std::size_t kMaxErrors = 8;

// Moves what libssl complained about from this thread's queue into the trace.
void drain_errors(HandshakeTrace& trace) {
  while (const unsigned long error = ERR_get_error()) {
    if (ERR_GET_LIB(error) == ERR_LIB_SSL && trace.error_reasons.size() < kMaxErrors) {
      trace.error_reasons.push_back(ERR_GET_REASON(error));
    }
  }
}

}  // namespace

std::unique_ptr<TlsSession> TlsSession::accept(ServerContextPtr context, int fd,
                                               std::span<const std::uint8_t> prefix) {
  std::unique_ptr<TlsSession> session(new TlsSession(context->new_ssl(), fd));
  session->server_ = std::move(context);
  session->wire_.put_back(prefix);
  session->wire_.keep_first_flight(clients::kMaxFirstFlight);
  return session;
}

std::unique_ptr<TlsSession> TlsSession::connect(ClientContextPtr context, int fd,
                                                const std::string& host,
                                                const std::string& server) {
  std::unique_ptr<TlsSession> session(new TlsSession(context->new_ssl(host, server), fd));
  session->client_ = std::move(context);
  return session;
}

TlsSession::TlsSession(SslPtr ssl, int fd) : wire_(fd), ssl_(std::move(ssl)) {
  BIO* bio = wire_.new_bio();
  SSL_set_bio(ssl_.get(), bio, bio);
  SSL_set_app_data(ssl_.get(), &trace_);
  SSL_set_msg_callback(ssl_.get(), &TlsSession::on_message);
  SSL_set_msg_callback_arg(ssl_.get(), this);
}

TlsSession::~TlsSession() = default;

Step TlsSession::handshake() {
  Step step = Step::done;
  if (failed_) {
    step = Step::failed;
  } else if (!trace_.completed) {
    ERR_clear_error();
    wire_.begin_call();
    step = step_of(SSL_do_handshake(ssl_.get()));
    read_blocked_ = step == Step::want_read;
    trace_.bytes_received = wire_.received();
    read_hello();
  }
  if (step == Step::done && !trace_.completed) {
    trace_.completed = true;
    trace_.resumed = SSL_session_reused(ssl_.get()) == 1;
    trace_.version = version();
    note_resumed_client();
  }
  // Our last flight or alert leaves before anything is reported.
  if (!wire_.flush()) {
    return Step::want_write;
  }
  if (step == Step::done) {
    wire_.end_handshake();
  }
  return step;
}

IoStep TlsSession::read(std::span<std::uint8_t> buffer) {
  if (failed_) {
    return {Step::failed, 0};
  }
  ERR_clear_error();
  wire_.begin_call();
  std::size_t size = 0;
  const Step step = step_of(SSL_read_ex(ssl_.get(), buffer.data(), buffer.size(), &size));
  trace_.application_bytes += size;
  read_blocked_ = step == Step::want_read;
  return {step, size};
}

IoStep TlsSession::write(std::span<const std::uint8_t> bytes) {
  if (failed_) {
    return {Step::failed, 0};
  }
  if (bytes.empty()) {
    return {Step::done, 0};
  }
  ERR_clear_error();
  wire_.begin_call();
  std::size_t size = 0;
  const Step step = step_of(SSL_write_ex(ssl_.get(), bytes.data(), bytes.size(), &size));
  write_blocked_ = step == Step::want_write;
  return {step, size};
}

Step TlsSession::shutdown() {
  const bool said = (SSL_get_shutdown(ssl_.get()) & SSL_SENT_SHUTDOWN) != 0;
  if (failed_ || !trace_.completed || wire_.broken() || write_blocked_ ||
      (said && !shutdown_blocked_)) {
    return Step::done;
  }
  ERR_clear_error();
  wire_.hold_for_fin();
  const int result = SSL_shutdown(ssl_.get());
  shutdown_blocked_ = result < 0 && SSL_get_error(ssl_.get(), result) == SSL_ERROR_WANT_WRITE;
  return shutdown_blocked_ ? Step::want_write : Step::done;
}

bool TlsSession::has_pending() const {
  return !read_blocked_ && (wire_.has_put_back() || SSL_has_pending(ssl_.get()) == 1);
}

// What a result of one of OpenSSL's calls means (SSL_get_error, but an end of the stream is told
// from an error).
Step TlsSession::step_of(int result) {
  if (result > 0) {
    return Step::done;
  }
  const int error = SSL_get_error(ssl_.get(), result);
  switch (error) {
    case SSL_ERROR_WANT_READ:
      return Step::want_read;
    case SSL_ERROR_WANT_WRITE:
      return Step::want_write;
    case SSL_ERROR_ZERO_RETURN:
      close_notify_ = true;
      return Step::closed;
    default:
      break;
  }
  const bool quiet_end = error == SSL_ERROR_SYSCALL && wire_.eof() && !wire_.broken();
  trace_.eof = wire_.eof();
  trace_.reset = wire_.broken();
  drain_errors(trace_);
  failed_ = !quiet_end;
  return quiet_end ? Step::closed : Step::failed;
}

void TlsSession::read_hello() {
  if (server_ == nullptr || trace_.flight != clients::FlightKind::need_more) {
    return;
  }
  clients::FirstFlight flight = clients::parse_client_hello(wire_.first_flight());
  trace_.flight = flight.kind;
  if (flight.kind == clients::FlightKind::hello) {
    trace_.offered_max_version = flight.hello.max_version();
    trace_.ja4 = clients::ja4(flight.hello);
    trace_.hello = std::make_unique<const clients::ClientHello>(std::move(flight.hello));
  }
}

// OpenSSL calls this for every message, alert and record header.
void TlsSession::on_message(int sent, int version, int type, const void* data, std::size_t size,
                            SSL* ssl, void* self) noexcept {
  auto& session = *static_cast<TlsSession*>(self);
  const auto* bytes = static_cast<const unsigned char*>(data);
  const bool is_hello = version == SSL2_VERSION ||
                        (type == SSL3_RT_HANDSHAKE && size > 0 && bytes[0] == SSL3_MT_CLIENT_HELLO);
  if (sent == 0 && is_hello) {
    session.read_hello();  // the hello callback, which comes next, chooses by it
  }
  if (type == SSL3_RT_ALERT && size == 2) {
    session.note_alert(sent != 0, bytes[0], bytes[1]);
  } else if (type == SSL3_RT_HANDSHAKE && size > 0 && !session.trace_.completed) {
    session.note_handshake_message(sent != 0, bytes[0]);
    session.note_client_certificate(sent != 0, bytes[0], size);
    if (bytes[0] == SSL3_MT_SERVER_HELLO) {
      session.trace_.version = static_cast<std::uint16_t>(SSL_version(ssl));
    }
  }
}

void TlsSession::note_alert(bool sent, std::uint8_t level, std::uint8_t code) {
  const bool fatal = level == SSL3_AL_FATAL;
  if (sent) {
    if (fatal && !trace_.alert_sent) {
      trace_.alert_sent = Alert{AlertDirection::sent, code};
    }
    return;
  }
  const bool gives_up =
      !trace_.completed && (code == SSL3_AD_CLOSE_NOTIFY || code == TLS1_AD_USER_CANCELLED);
  if ((fatal || gives_up) && !trace_.alert_received) {
    trace_.alert_received = Alert{AlertDirection::received, code};
  }
}

void TlsSession::note_handshake_message(bool sent, std::uint8_t type) {
  const bool accepting = server_ != nullptr;
  Stage reached = Stage::hello;
  if (type == SSL3_MT_SERVER_HELLO) {
    reached = Stage::server_flight;
  } else if (sent != accepting &&
             (type == SSL3_MT_CLIENT_KEY_EXCHANGE || type == SSL3_MT_CERTIFICATE)) {
    reached = Stage::client_key;
  } else if (!sent && type == SSL3_MT_FINISHED) {
    reached = Stage::finished;
  }
  trace_.stage = std::max(trace_.stage, reached);
}

// Our wish for a certificate of the client, and what came of it. A Certificate message without a
// certificate has 7 bytes, 8 in TLS 1.3 (RFC 5246 7.4.6, RFC 8446 4.4.2).
void TlsSession::note_client_certificate(bool sent, std::uint8_t type, std::size_t size) {
  constexpr std::size_t kEmpty = 8;
  if (server_ == nullptr) {
    return;
  }
  if (sent && type == SSL3_MT_CERTIFICATE_REQUEST) {
    trace_.client_certificate_asked = true;
  } else if (!sent && type == SSL3_MT_CERTIFICATE) {
    trace_.client_certificate_shown = size > kEmpty;
  }
}

// Of a session that goes on nothing is asked: it has the certificate that was accepted.
void TlsSession::note_resumed_client() {
  if (server_ == nullptr || !trace_.resumed) {
    return;
  }
  if (certs::CertificatePtr shown = peer_certificate()) {
    trace_.client_path.push_back(std::move(shown));
  }
}

std::uint16_t TlsSession::version() const {
  return static_cast<std::uint16_t>(SSL_version(ssl_.get()));
}

const char* TlsSession::cipher() const { return SSL_get_cipher_name(ssl_.get()); }

std::uint16_t TlsSession::suite() const {
  const SSL_CIPHER* cipher = SSL_get_current_cipher(ssl_.get());
  return cipher == nullptr ? 0 : SSL_CIPHER_get_protocol_id(cipher);
}

std::string TlsSession::group() const { return group_of(ssl_.get()); }

std::string_view TlsSession::alpn() const {
  const unsigned char* name = nullptr;
  unsigned int size = 0;
  SSL_get0_alpn_selected(ssl_.get(), &name, &size);
  return {reinterpret_cast<const char*>(name), size};
}

std::string_view TlsSession::server_name() const {
  const char* name = SSL_get_servername(ssl_.get(), TLSEXT_NAMETYPE_host_name);
  return name == nullptr ? std::string_view() : name;
}

certs::CertificatePtr TlsSession::peer_certificate() const {
  const certs::X509Ptr peer(SSL_get1_peer_certificate(ssl_.get()));
  return peer == nullptr ? nullptr : certs::Certificate::from_x509(peer.get()).value_or(nullptr);
}

}  // namespace chainmend::tls
