// PKCS#12 (.pfx, .p12): a leaf, its key and often its chain in one encrypted file; also the
// RC2/3DES kind that Windows exports, for which the legacy provider is loaded into a library
// context of its own, so that nothing else in the process gains the old algorithms.
#pragma once

#include <string>
#include <vector>

#include "certs/bytes.h"
#include "certs/certificate.h"
#include "certs/openssl.h"
#include "certs/password.h"
#include "certs/result.h"

namespace chainmend::certs {

bool looks_like_pkcs12(ByteView der);

struct Pkcs12Key {
  EvpPkeyPtr key;
  std::string name;  // friendly name, UTF-8; empty: none
};

struct Pkcs12Content {
  std::vector<Pkcs12Key> keys;  // may be empty: some files hold certificates only
  std::vector<CertificatePtr>
      certificates;  // in the order of the file; unreadable bags are left out
};

// Without a password both customs of "no password" are tried. Errors: password_needed,
// wrong_password, unsupported_algorithm (names it), malformed.
Result<Pkcs12Content> read_pkcs12(ByteView der, const Password& password);

// The key of this friendly name; without a name the only one. Errors: empty, ambiguous (names
// them).
Result<EvpPkeyPtr> take_key(Pkcs12Content& content, const std::string& name);

}  // namespace chainmend::certs
