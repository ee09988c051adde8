// What every reader of certificates has to hold, whatever the bytes.
#pragma once

#include <cstdlib>
#include <vector>

#include "certs/certificate.h"

namespace chainmend::fuzz {

inline void require(bool held) {
  if (!held) {
    std::abort();
  }
}

// Each certificate reads the same again.
inline void require_readable(const std::vector<certs::CertificatePtr>& certificates) {
  for (const certs::CertificatePtr& one : certificates) {
    const auto again = certs::Certificate::from_der(one->der());
    require(again && (*again)->fingerprint() == one->fingerprint());
  }
}

// The same, and there are no more of them than there are bytes for.
inline void require_sound(const std::vector<certs::CertificatePtr>& certificates,
                          std::size_t size) {
  require_readable(certificates);
  std::size_t total = 0;
  for (const certs::CertificatePtr& one : certificates) {
    total += one->der().size();
  }
  require(total <= size);
}

}  // namespace chainmend::fuzz
