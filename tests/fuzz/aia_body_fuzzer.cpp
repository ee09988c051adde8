// What an AIA URL may answer: reading it must neither crash nor bring more certificates than there
// are bytes for, and every certificate that is read must read the same again.
#include <cstddef>
#include <cstdint>
#include <cstdlib>

#include "certs/aia_body.h"

using chainmend::certs::Certificate;
using chainmend::certs::CertificatePtr;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto found = chainmend::certs::read_aia_body({data, size});
  if (!found) {
    return 0;
  }
  std::size_t total = 0;
  for (const CertificatePtr& certificate : *found) {
    total += certificate->der().size();
    const auto again = Certificate::from_der(certificate->der());
    if (!again || (*again)->fingerprint() != certificate->fingerprint()) {
      std::abort();
    }
  }
  if (total > size) {
    std::abort();
  }
  return 0;
}
