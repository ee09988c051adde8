// How a PKCS#12 file is protected. Told without its password: what is encrypted, and how, is
// written outside.
#pragma once

#include <string>
#include <vector>

#include "certs/bytes.h"
#include "certs/result.h"

namespace chainmend::certs {

struct Pkcs12Shape {
  std::string mac;                    // digest of the integrity check, "sha256"; empty: none
  std::vector<std::string> contents;  // how each part is encrypted; "none": not at all
  std::vector<std::string> keys;      // likewise each key outside an encrypted part
  bool needs_legacy = false;          // OpenSSL 3 opens it with its legacy provider alone
  bool uses_pbes2 = false;            // PBES2 (RFC 8018), which Windows knows since Server 2019
};

// Error: malformed.
Result<Pkcs12Shape> read_pkcs12_shape(ByteView der);

}  // namespace chainmend::certs
