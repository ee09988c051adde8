// A certificate of ours, its key and the list behind it, given to a context of either side.
#pragma once

#include <vector>

#include "certs/certificate.h"
#include "proxy/tls/openssl_ssl.h"

namespace chainmend::tls {

// The chain is sent after the leaf exactly like this. False: why is in OpenSSL's queue of errors.
bool use_certificate(SSL_CTX* context, const certs::Certificate& leaf, EVP_PKEY* key,
                     const std::vector<certs::CertificatePtr>& chain);

}  // namespace chainmend::tls
