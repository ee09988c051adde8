// Owning pointers for libssl's objects, beside those of certs/openssl.h.
#pragma once

#include <openssl/ssl.h>

#include <memory>

#include "certs/openssl.h"

namespace chainmend::tls {

using SslPtr = std::unique_ptr<SSL, certs::OpensslDeleter<&SSL_free>>;
using SslCtxPtr = std::unique_ptr<SSL_CTX, certs::OpensslDeleter<&SSL_CTX_free>>;
using SslSessionPtr = std::unique_ptr<SSL_SESSION, certs::OpensslDeleter<&SSL_SESSION_free>>;

}  // namespace chainmend::tls
