#include "proxy/tls/sent_list.h"

#include <openssl/ssl.h>

#include <string>
#include <utility>

namespace chainmend::tls {

Result<std::vector<certs::CertificatePtr>> sent_list(X509_STORE_CTX* store, int most) {
  std::vector<certs::CertificatePtr> list;
  const STACK_OF(X509)* sent = X509_STORE_CTX_get0_untrusted(store);
  if (sk_X509_num(sent) > most) {
    return fail("its list has " + std::to_string(sk_X509_num(sent)) + " certificates, more than " +
                std::to_string(most));
  }
  for (int i = 0; i < sk_X509_num(sent); ++i) {
    certs::Result<certs::CertificatePtr> certificate =
        certs::Certificate::from_x509(sk_X509_value(sent, i));
    if (!certificate) {
      return fail("certificate " + std::to_string(i + 1) +
                  " of its list cannot be read: " + certificate.error().text);
    }
    list.push_back(*std::move(certificate));
  }
  return list;
}

SSL* ssl_of(X509_STORE_CTX* store) {
  return static_cast<SSL*>(X509_STORE_CTX_get_ex_data(store, SSL_get_ex_data_X509_STORE_CTX_idx()));
}

}  // namespace chainmend::tls
