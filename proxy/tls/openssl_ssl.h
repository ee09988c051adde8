// Owning pointers for libssl's objects, beside those of certs/openssl.h.
#pragma once

#include <openssl/ssl.h>

#include <memory>
#include <string>

#include "certs/openssl.h"

namespace chainmend::tls {

using SslPtr = std::unique_ptr<SSL, certs::OpensslDeleter<&SSL_free>>;
using SslCtxPtr = std::unique_ptr<SSL_CTX, certs::OpensslDeleter<&SSL_CTX_free>>;
using SslSessionPtr = std::unique_ptr<SSL_SESSION, certs::OpensslDeleter<&SSL_SESSION_free>>;

// Empties this thread's error queue and gives the reason of its first entry, or "unknown error".
std::string drain_openssl_error();

}  // namespace chainmend::tls
