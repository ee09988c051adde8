// Is a certificate for this host?
#pragma once

#include <string>

#include "certs/certificate.h"

namespace chainmend::certs {

// A name must be covered by a dNSName of the certificate, a wildcard covers one label, and an
// address must stand there as an address (RFC 6125 6.4, RFC 9110 4.3.5). A certificate without
// dNSNames is asked for its common name, as clients of its time did.
bool is_for_host(const Certificate& leaf, const std::string& host);

}  // namespace chainmend::certs
