// read_registry(): certificate stores in an export of the Windows registry (.reg): keys named
// ...\SystemCertificates\STORE\Certificates\THUMBPRINT with a value "Blob", whose bytes are the
// properties of a certificate as in a serialized store (certs/sst.h).
#pragma once

#include <string_view>

#include "proxy/diagnose/lint/listed.h"

namespace chainmend::diagnose {

bool looks_like_registry(std::string_view text);

// Pure; linear in the size of text.
Listing read_registry(std::string_view text);

}  // namespace chainmend::diagnose
