#include "proxy/tls/openssl_ssl.h"

#include <openssl/err.h>
#include <openssl/provider.h>

#include <new>

namespace chainmend::tls {
namespace {

// An OpenSSL that is built for RC4 in TLS has the cipher itself in its legacy provider, and looks
// for it when a context is made. Debian's is not built so, and is left as it is.
void load_weak_ciphers() {
#ifndef OPENSSL_NO_WEAK_SSL_CIPHERS
  // Kept for the life of the process; the default provider stays beside it.
  static OSSL_PROVIDER* const legacy = OSSL_PROVIDER_try_load(nullptr, "legacy", 1);
  if (legacy == nullptr) {
    ERR_clear_error();
  }
#endif
}

}  // namespace

SslCtxPtr new_context(const SSL_METHOD* method) {
  load_weak_ciphers();
  SslCtxPtr context(SSL_CTX_new(method));
  if (context == nullptr) {
    throw std::bad_alloc();
  }
  return context;
}

}  // namespace chainmend::tls
