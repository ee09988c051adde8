#include "proxy/tls/openssl_ssl.h"

#include <openssl/ec.h>
#include <openssl/err.h>
#include <openssl/objects.h>
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

std::string group_of(SSL* ssl) {
  int nid =
      SSL_version(ssl) == TLS1_3_VERSION ? static_cast<int>(SSL_get_negotiated_group(ssl)) : 0;
  EVP_PKEY* sent = nullptr;
  if (nid == 0 && SSL_get_tmp_key(ssl, &sent) == 1) {
    const certs::EvpPkeyPtr key(sent);
    if (EVP_PKEY_get_base_id(key.get()) == EVP_PKEY_DH) {
      return "DH " + std::to_string(EVP_PKEY_get_bits(key.get()));
    }
    std::string name(64, '\0');
    std::size_t size = 0;
    if (EVP_PKEY_get_group_name(key.get(), name.data(), name.size(), &size) == 1) {
      name.resize(size);
      nid = OBJ_sn2nid(name.c_str());
    } else {
      nid = EVP_PKEY_get_base_id(key.get());
    }
  }
  const char* nist = EC_curve_nid2nist(nid);
  return nid == 0 ? "" : nist != nullptr ? nist : OBJ_nid2sn(nid);
}

}  // namespace chainmend::tls
