#include "proxy/tls/use_certificate.h"

#include <openssl/err.h>

#include <memory>

namespace chainmend::tls {
namespace {

using X509StackPtr =
    std::unique_ptr<STACK_OF(X509), decltype([](STACK_OF(X509) * s) { sk_X509_free(s); })>;

}  // namespace

bool use_certificate(SSL_CTX* context, const certs::Certificate& leaf, EVP_PKEY* key,
                     const std::vector<certs::CertificatePtr>& chain) {
  const X509StackPtr links(sk_X509_new_null());
  for (const certs::CertificatePtr& link : chain) {
    sk_X509_push(links.get(), link->x509());
  }
  ERR_clear_error();
  return X509_check_private_key(leaf.x509(), key) == 1 &&
         SSL_CTX_use_certificate(context, leaf.x509()) == 1 &&
         SSL_CTX_use_PrivateKey(context, key) == 1 && SSL_CTX_set1_chain(context, links.get()) == 1;
}

}  // namespace chainmend::tls
