// Owning pointers for libssl's objects, beside those of certs/openssl.h, and what every context of
// ours has in common.
#pragma once

#include <openssl/ssl.h>

#include <memory>
#include <string>

#include "certs/openssl.h"

namespace chainmend::tls {

using SslPtr = std::unique_ptr<SSL, certs::OpensslDeleter<&SSL_free>>;
using SslCtxPtr = std::unique_ptr<SSL_CTX, certs::OpensslDeleter<&SSL_CTX_free>>;
using SslSessionPtr = std::unique_ptr<SSL_SESSION, certs::OpensslDeleter<&SSL_SESSION_free>>;

// A context with every suite that this OpenSSL can give. Throws std::bad_alloc.
SslCtxPtr new_context(const SSL_METHOD* method);

// The group of the key exchange: "P-256", "X25519"; of Diffie-Hellman its size: "DH 2048". Empty:
// there is none, or OpenSSL has forgotten it: up to TLS 1.2 it knows no longer after the handshake.
std::string group_of(SSL* ssl);

// Small idle connections, and one recv per record.
inline void use_common_settings(SSL_CTX* context) {
  SSL_CTX_set_mode(context, SSL_MODE_RELEASE_BUFFERS | SSL_MODE_ENABLE_PARTIAL_WRITE |
                                SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER | SSL_MODE_NO_AUTO_CHAIN);
  SSL_CTX_set_read_ahead(context, 1);
}

}  // namespace chainmend::tls
