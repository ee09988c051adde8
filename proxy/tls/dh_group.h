// The Diffie-Hellman group of a policy's DHE suites: one for all of its clients. OpenSSL's own
// choice by the certificate's key would give Java 6, 7 and 8 more bits than they take.
#pragma once

#include "certs/openssl.h"

namespace chainmend::tls {

// From 2048 bits on the groups of RFC 7919, appendix A; for 1024 the second Oakley group, RFC 2409,
// section 6.2. Null: OpenSSL has no group of that many bits.
certs::EvpPkeyPtr make_dh_group(unsigned bits);

}  // namespace chainmend::tls
