// The certificates that the other side of a handshake sent, in a verification callback.
#pragma once

#include <openssl/x509_vfy.h>

#include <climits>
#include <vector>

#include "certs/certificate.h"
#include "proxy/tls/result.h"

namespace chainmend::tls {

// As sent, its own first. Fails when one of them cannot be read, or there are more than `most`:
// reading costs.
Result<std::vector<certs::CertificatePtr>> sent_list(X509_STORE_CTX* store, int most = INT_MAX);

// The connection that the callback is for.
SSL* ssl_of(X509_STORE_CTX* store);

}  // namespace chainmend::tls
