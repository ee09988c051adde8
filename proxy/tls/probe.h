// Handshakes in memory, between two contexts of our own: how the library finds out what OpenSSL can
// really do instead of believing a table. Not on any data path.
#pragma once

#include <string>

#include "proxy/tls/openssl_ssl.h"
#include "proxy/tls/result.h"

namespace chainmend::tls {

// A server context that speaks anything, with throw-away RSA and ECDSA certificates (the keys are
// made once per process), and a client context that takes anything.
SslCtxPtr make_probe_server();
SslCtxPtr make_probe_client();

// Makes the throw-away certificates of make_probe_server() those of another context.
void use_probe_certificates(SSL_CTX* context);

// One handshake; the error is OpenSSL's reason, the server's if both have one.
Result<void> probe_handshake(SSL_CTX* server, SSL_CTX* client);

}  // namespace chainmend::tls
