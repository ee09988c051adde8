// What an AIA URL answered -> certificates, by content and never by Content-Type: DER, then PKCS#7
// "certs-only", then PEM (RFC 5280 4.2.2.1 wants the first two; the third is found in the wild).
// The bytes are hostile; nothing in them is trusted for having been read.
#pragma once

#include <vector>

#include "certs/certificate.h"
#include "certs/result.h"

namespace chainmend::certs {

// All certificates, in the order they came. A PKCS#7 message without any is legal and gives an
// empty list. Unreadable entries beside readable ones are left out. Errors: not_recognised, empty
// (PEM without certificates), malformed.
Result<std::vector<CertificatePtr>> read_aia_body(ByteView body);

}  // namespace chainmend::certs
