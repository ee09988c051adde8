// Files that hold several certificates, made for tests.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "tests/certs/test_pki.h"

namespace chainmend::certs::testing {

Bytes der_of(const Identity& identity);
Bytes make_pkcs7(const std::vector<Identity>& certificates);  // certs-only
Bytes make_sst(const std::vector<Identity>& certificates);    // Windows serialized store

// How a PKCS#12 file is encrypted.
enum class Pkcs12Kind {
  modern,       // PBES2 with AES-256
  windows,      // certificates under RC2-40, key under 3DES: what Windows exports
  unencrypted,  // but with an integrity check
  without_mac,  // encrypted, no integrity check
};

// identities.front() brings the key unless with_key is false; password nullopt writes "none at
// all".
Bytes make_pkcs12(const std::vector<Identity>& identities,
                  const std::optional<std::string>& password, Pkcs12Kind kind = Pkcs12Kind::modern,
                  bool with_key = true, int mac_iterations = 1000);

std::string armour(const std::string& label, ByteView der);

}  // namespace chainmend::certs::testing
