// PKCS#7 / CMS "certs-only" messages (.p7b, .p7c): a bag of certificates without signers.
#pragma once

#include <vector>

#include "certs/bytes.h"
#include "certs/certificate.h"
#include "certs/result.h"

namespace chainmend::certs {

struct Pkcs7Content {
  std::vector<CertificatePtr> certificates;  // in the order of the message
  std::vector<Error> problems;               // entries that are no readable certificates
};

// All certificates of one DER message. None at all is legal and gives empty lists.
Result<Pkcs7Content> read_pkcs7(ByteView der);

}  // namespace chainmend::certs
