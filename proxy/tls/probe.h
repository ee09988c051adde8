// Handshakes in memory, between two contexts of our own: how the library finds out what OpenSSL can
// really do instead of believing a table. Not on any data path.
#pragma once

#include <string>

#include "certs/openssl.h"
#include "proxy/tls/openssl_ssl.h"
#include "proxy/tls/result.h"

namespace chainmend::tls {

// A key with a certificate of its own signature.
struct Identity {
  certs::EvpPkeyPtr key;
  certs::X509Ptr certificate;
};
Identity make_identity(certs::EvpPkeyPtr key);
// Throw-away ones: RSA of 2048 bits and ECDSA on P-256, made once per process.
const Identity& probe_rsa();
const Identity& probe_ecdsa();

// A server context that speaks anything, with the two throw-away certificates, and a client context
// that takes anything.
SslCtxPtr make_probe_server();
SslCtxPtr make_probe_client();

// Makes the two throw-away certificates those of a context.
void use_probe_certificates(SSL_CTX* context);

// One handshake; the error is OpenSSL's reason, the server's if both have one.
Result<void> probe_handshake(SSL_CTX* server, SSL_CTX* client);

}  // namespace chainmend::tls
