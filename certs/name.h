// Distinguished names: the comparable form of RFC 5280 7.1, and the form people read.
#pragma once

#include <openssl/x509.h>

#include <string>

namespace chainmend::certs {

// Equal strings mean equal names: strings of every type become UTF-8, ASCII case is folded, outer
// blanks go and inner runs become one; attributes of one RDN in any order. Values that are no text
// compare byte for byte. Case beyond ASCII is not folded, as no TLS client in use does it and a
// path built that way would be refused.
std::string name_key(const X509_NAME* name);

// RFC 2253 order, UTF-8, control bytes escaped; "(empty)" for a name without attributes.
std::string name_text(const X509_NAME* name);

// The last common name, as UTF-8; empty when there is none, or none without control bytes.
std::string common_name(const X509_NAME* name);

}  // namespace chainmend::certs
