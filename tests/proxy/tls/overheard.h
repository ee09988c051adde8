// A client and a server that talk past a WireObserver.
#pragma once

#include <openssl/err.h>

#include <algorithm>
#include <functional>
#include <string>
#include <variant>
#include <vector>

#include "proxy/tls/capability.h"
#include "proxy/tls/wire_observer.h"
#include "tests/proxy/tls/fixtures.h"

namespace chainmend::tls::testing {

using Bytes = std::vector<std::uint8_t>;

inline constexpr std::size_t kWhole = 1'000'000;
inline constexpr std::size_t kPieces[] = {kWhole, 1, 7};

inline void put_on_memory(SSL* ssl) {
  BIO* in = BIO_new(BIO_s_mem());
  BIO_set_mem_eof_return(in, -1);
  SSL_set_bio(ssl, in, BIO_new(BIO_s_mem()));
}
inline Bytes said_by(SSL* ssl) {
  BIO* out = SSL_get_wbio(ssl);
  Bytes bytes(BIO_ctrl_pending(out));
  BIO_read(out, bytes.data(), static_cast<int>(bytes.size()));
  return bytes;
}
inline void tell(SSL* ssl, const Bytes& bytes) {
  BIO_write(SSL_get_rbio(ssl), bytes.data(), static_cast<int>(bytes.size()));
}

// A client that talks to a server past an observer, which sees pieces of a given size.
struct Overheard {
  void client_works() const {
    ERR_clear_error();
    SSL_do_handshake(client);
    ERR_clear_error();
  }
  void client_to_server() {
    const Bytes bytes = said_by(client);
    in_pieces(bytes, [this](certs::ByteView part) { observer.from_client(part); });
    server_hears(bytes);
  }
  void server_to_client() {
    const Bytes bytes = server_says();
    in_pieces(bytes, [this](certs::ByteView part) { observer.from_server(part); });
    tell(client, bytes);
  }
  void shake_hands() {
    for (int flight = 0; flight < 8; ++flight) {
      client_works();
      client_to_server();
      server_works();
      server_to_client();
    }
  }
  void client_sends(const std::string& text) {
    SSL_write(client, text.data(), static_cast<int>(text.size()));
    client_to_server();
  }
  HandshakeOutcome seen() const {
    return std::get<HandshakeOutcome>(explain(observer.trace(), capability()));
  }

  SSL* client = nullptr;
  std::function<void()> server_works;
  std::function<Bytes()> server_says;
  std::function<void(const Bytes&)> server_hears;
  std::size_t piece = kWhole;
  WireObserver observer{{}};

 private:
  template <typename See>
  void in_pieces(certs::ByteView bytes, See see) const {
    while (!bytes.empty()) {
      const std::size_t size = std::min(piece, bytes.size());
      see(bytes.first(size));
      bytes = bytes.subspan(size);
    }
  }
};

// Past an observer to a server of OpenSSL's own, which does what ours does not.
struct WithOpenssl : Overheard {
  WithOpenssl(const Identity& leaf, std::uint16_t version, const char* client_groups = "P-256",
              const char* server_groups = "P-256:P-384") {
    SSL_CTX* context = server_context.get();
    SSL_CTX_use_certificate(context, leaf.certificate->x509());
    SSL_CTX_use_PrivateKey(context, leaf.key.get());
    SSL_CTX_set1_groups_list(context, server_groups);
    SSL_CTX_set1_groups_list(client_context.get(), client_groups);
    for (SSL_CTX* one : {context, client_context.get()}) {
      SSL_CTX_set_security_level(one, 0);
      SSL_CTX_set_min_proto_version(one, version);
      SSL_CTX_set_max_proto_version(one, version);
    }
    client_ssl.reset(SSL_new(client_context.get()));
    server_ssl.reset(SSL_new(context));
    SSL_set_connect_state(client_ssl.get());
    SSL_set_accept_state(server_ssl.get());
    put_on_memory(client_ssl.get());
    put_on_memory(server_ssl.get());
    client = client_ssl.get();
    server_works = [this] {
      ERR_clear_error();
      SSL_do_handshake(server_ssl.get());
      ERR_clear_error();
    };
    server_says = [this] { return said_by(server_ssl.get()); };
    server_hears = [this](const Bytes& bytes) { tell(server_ssl.get(), bytes); };
  }
  void demand_certificate(SSL_verify_cb judge = [](int, X509_STORE_CTX*) { return 1; }) const {
    SSL_set_verify(server_ssl.get(), SSL_VERIFY_PEER | SSL_VERIFY_FAIL_IF_NO_PEER_CERT, judge);
  }
  void have_certificate(const Identity& identity) const {
    SSL_use_certificate(client, identity.certificate->x509());
    SSL_use_PrivateKey(client, identity.key.get());
  }

  SslCtxPtr client_context{SSL_CTX_new(TLS_client_method())};
  SslCtxPtr server_context{SSL_CTX_new(TLS_server_method())};
  SslPtr client_ssl, server_ssl;
};

}  // namespace chainmend::tls::testing
