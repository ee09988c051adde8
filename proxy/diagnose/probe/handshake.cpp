#include "proxy/diagnose/probe/handshake.h"

#include <openssl/err.h>
#include <openssl/ssl.h>

#include <array>
#include <new>

#include "proxy/clients/client_hello.h"
#include "proxy/net/timed_socket.h"
#include "proxy/tls/explain.h"

namespace chainmend::diagnose {
namespace {

using certs::Bytes;
using certs::ByteView;
using Clock = std::chrono::steady_clock;

// TLS 1.3 tickets come behind the handshake; a server sends them at once or not at all.
constexpr std::chrono::milliseconds kTicketPatience{200};

std::chrono::microseconds between(Clock::time_point start, Clock::time_point end) {
  return std::chrono::duration_cast<std::chrono::microseconds>(end - start);
}

// What OpenSSL tells while the handshake runs.
struct Seen {
  std::optional<std::uint8_t> alert;
  bool asked_for_certificate = false;
  tls::SslSessionPtr session;
};

Seen& seen_of(const SSL* ssl) { return *static_cast<Seen*>(SSL_get_app_data(ssl)); }

void on_info(const SSL* ssl, int where, int value) {
  if ((where & SSL_CB_READ_ALERT) == SSL_CB_READ_ALERT) {
    seen_of(ssl).alert = static_cast<std::uint8_t>(value & 0xff);
  }
}

int on_certificate_wanted(SSL* ssl, void* /*unused*/) {
  seen_of(ssl).asked_for_certificate = true;
  return 1;  // go on without one
}

int on_session(SSL* ssl, SSL_SESSION* session) {
  seen_of(ssl).session.reset(session);
  return 1;  // it is ours now
}

tls::SslCtxPtr make_context(const Offer& offer) {
  tls::SslCtxPtr context = tls::new_context(TLS_client_method());
  SSL_CTX* raw = context.get();
  // Whatever the server can: it is looked at, not trusted.
  SSL_CTX_set_security_level(raw, 0);
  SSL_CTX_set_options(raw, SSL_OP_LEGACY_SERVER_CONNECT | SSL_OP_IGNORE_UNEXPECTED_EOF);
  SSL_CTX_set_cipher_list(raw, offer.suites.empty() ? "ALL" : offer.suites.c_str());
  SSL_CTX_set_min_proto_version(raw, offer.version != 0 ? offer.version : clients::kTls10);
  SSL_CTX_set_max_proto_version(raw, offer.version);
  if (!offer.signatures.empty()) {
    SSL_CTX_set1_sigalgs_list(raw, offer.signatures.c_str());
  }
  SSL_CTX_set_verify(raw, SSL_VERIFY_NONE, nullptr);
  SSL_CTX_set_info_callback(raw, &on_info);
  SSL_CTX_set_cert_cb(raw, &on_certificate_wanted, nullptr);
  SSL_CTX_set_session_cache_mode(raw, SSL_SESS_CACHE_CLIENT | SSL_SESS_CACHE_NO_INTERNAL);
  SSL_CTX_sess_set_new_cb(raw, &on_session);
  ERR_clear_error();
  return context;
}

// OpenSSL between two memory buffers, and the socket that they are carried over.
class Carrier {
 public:
  Carrier(SSL* ssl, net::TimedSocket& socket)
      : in_(BIO_new(BIO_s_mem())), out_(BIO_new(BIO_s_mem())), socket_(socket) {
    if (in_ == nullptr || out_ == nullptr) {
      throw std::bad_alloc();
    }
    BIO_set_mem_eof_return(in_, -1);
    SSL_set_bio(ssl, in_, out_);  // which owns them now
  }

  certs::Result<void> send(net::TimePoint until) {
    char* data = nullptr;
    const long size = BIO_get_mem_data(out_, &data);
    if (size <= 0) {
      return {};
    }
    const std::string bytes(data, static_cast<std::size_t>(size));
    BIO_reset(out_);
    return socket_.write(bytes, until);
  }

  // Bytes read; 0: the server closed.
  certs::Result<std::size_t> receive(net::TimePoint until) {
    certs::Result<std::size_t> read = socket_.read_some(buffer_, until);
    if (read && *read > 0) {
      BIO_write(in_, buffer_.data(), static_cast<int>(*read));
    }
    return read;
  }

 private:
  BIO* in_;
  BIO* out_;
  net::TimedSocket& socket_;
  std::array<std::uint8_t, 16384> buffer_;
};

std::string alert_text(std::uint8_t code) {
  return "alert " + std::to_string(code) + " (" + tls::alert_name(code) + ")";
}

// Why the handshake stopped, in the order of what tells most.
std::string why(const Seen& seen, const certs::Result<std::size_t>& received) {
  if (seen.alert) {
    return "the server refused it with " + alert_text(*seen.alert);
  }
  if (!received) {
    return received.error().text;
  }
  if (*received == 0) {
    return "the server closed the connection";
  }
  return "OpenSSL gave up: " + certs::drain_openssl_errors();
}

// Runs the handshake; the answer is empty when it completed.
std::string run(SSL* ssl, Carrier& carrier, const Patience& patience) {
  certs::Result<std::size_t> received = 1;
  for (;;) {
    ERR_clear_error();
    const int result = SSL_do_handshake(ssl);
    const int error = result == 1 ? SSL_ERROR_NONE : SSL_get_error(ssl, result);
    const certs::Result<void> sent = carrier.send(patience.until);
    if (error == SSL_ERROR_NONE) {
      return {};
    }
    if (!sent) {
      return sent.error().text;
    }
    if (error != SSL_ERROR_WANT_READ) {
      return why(seen_of(ssl), received);
    }
    received = carrier.receive(patience.until);
    if (!received || *received == 0) {
      return why(seen_of(ssl), received);
    }
  }
}

// Tickets of TLS 1.3 come as records behind the handshake, and so does the alert of a server that
// wants a certificate.
void wait_for_ticket(SSL* ssl, Carrier& carrier, const Patience& patience) {
  const net::TimePoint until = std::min(patience.until, Clock::now() + kTicketPatience);
  std::uint8_t byte = 0;
  while (seen_of(ssl).session == nullptr && !seen_of(ssl).alert) {
    const auto received = carrier.receive(until);
    if (!received || *received == 0 || SSL_peek(ssl, &byte, 1) > 0) {
      return;
    }
  }
}

std::vector<Bytes> list_of(const SSL* ssl) {
  std::vector<Bytes> list;
  const STACK_OF(X509)* sent = SSL_get_peer_cert_chain(ssl);
  for (int i = 0; i < sk_X509_num(sent); ++i) {
    unsigned char* der = nullptr;
    const int size = i2d_X509(sk_X509_value(sent, i), &der);
    if (size > 0) {
      list.emplace_back(der, der + size);
    }
    OPENSSL_free(der);
  }
  return list;
}

std::vector<Bytes> names_of(const SSL* ssl) {
  std::vector<Bytes> names;
  const STACK_OF(X509_NAME)* sent = SSL_get0_peer_CA_list(ssl);
  for (int i = 0; i < sk_X509_NAME_num(sent); ++i) {
    unsigned char* der = nullptr;
    const int size = i2d_X509_NAME(sk_X509_NAME_value(sent, i), &der);
    if (size > 0) {
      names.emplace_back(der, der + size);
    }
    OPENSSL_free(der);
  }
  return names;
}

std::string group_of(SSL* ssl) {
  const int nid = static_cast<int>(SSL_get_negotiated_group(ssl));
  if (nid <= 0) {
    return {};
  }
  const char* const name = EC_curve_nid2nist(nid);
  return name != nullptr ? name : OBJ_nid2sn(nid);
}

void note_result(SSL* ssl, Handshake& out) {
  Seen& seen = seen_of(ssl);
  out.version = static_cast<std::uint16_t>(SSL_version(ssl));
  if (const SSL_CIPHER* suite = SSL_get_current_cipher(ssl)) {
    out.suite = SSL_CIPHER_standard_name(suite);
  }
  out.certificates = list_of(ssl);
  if (seen.asked_for_certificate) {
    // Up to TLS 1.2 the refusal ends the handshake, in TLS 1.3 it comes behind it.
    out.client_certificate = read_request(names_of(ssl), seen.alert.has_value());
  }
  if (!out.completed) {
    return;
  }
  out.group = group_of(ssl);
  out.resumed = SSL_session_reused(ssl) == 1;
  out.session = std::move(seen.session);
  if (const SSL_SESSION* session = out.session ? out.session.get() : SSL_get_session(ssl)) {
    unsigned int size = 0;
    SSL_SESSION_get_id(session, &size);
    out.has_ticket = SSL_SESSION_has_ticket(session) == 1;
    out.has_session_id = size > 0 && !out.has_ticket;
  }
}

}  // namespace

certs::Result<Handshake> finish(const boost::asio::ip::tcp::endpoint& server, const Offer& offer,
                                const Patience& patience) {
  net::TimedSocket socket(patience.stop);
  const auto began = Clock::now();
  if (const auto connected = socket.connect(server, patience.until); !connected) {
    return tl::unexpected(connected.error());
  }
  Seen seen;
  const tls::SslCtxPtr context = make_context(offer);
  const tls::SslPtr ssl(SSL_new(context.get()));
  if (ssl == nullptr) {
    throw std::bad_alloc();
  }
  SSL_set_app_data(ssl.get(), &seen);
  SSL_set_connect_state(ssl.get());
  if (!offer.server_name.empty()) {
    SSL_set_tlsext_host_name(ssl.get(), offer.server_name.c_str());
  }
  if (offer.resume != nullptr) {
    SSL_set_session(ssl.get(), offer.resume);
  }
  Carrier carrier(ssl.get(), socket);
  Handshake out;
  out.connected_after = between(began, Clock::now());
  const auto started = Clock::now();
  out.failure = run(ssl.get(), carrier, patience);
  const auto ended = Clock::now();
  out.took = between(started, ended);
  out.completed = out.failure.empty();
  out.alert = seen.alert;
  out.timed_out = !out.completed && ended >= patience.until;
  if (out.completed) {
    if (SSL_version(ssl.get()) >= TLS1_3_VERSION) {
      wait_for_ticket(ssl.get(), carrier, patience);
    }
    SSL_shutdown(ssl.get());
    carrier.send(patience.until);
  }
  note_result(ssl.get(), out);
  return out;
}

}  // namespace chainmend::diagnose
