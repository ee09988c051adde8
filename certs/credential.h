// Credential: a leaf certificate with its private key. Which certificate of the files is the leaf
// is decided by the key and not by the place.
#pragma once

#include <string>
#include <vector>

#include "certs/leaf_file.h"
#include "certs/openssl.h"
#include "certs/password.h"
#include "certs/result.h"

namespace chainmend::certs {

struct Credential {
  LeafFile file;
  EvpPkeyPtr key;
  std::vector<Error> problems;  // entries of the files that could not be read
  std::vector<Error> notes;     // what of the files had to be put right to be read
};

// Certificates from one file and the key from another (or the same). Errors of reading either, and
// key_mismatch with the SPKI fingerprints of both sides.
Result<Credential> load_credential(const std::string& certificate_file, const std::string& key_file,
                                   const Password& password);
// Leaf, key and the rest from one PKCS#12 file. key_name: the friendly name of the key, for a file
// with several; empty: the only one.
Result<Credential> load_pfx(const std::string& file, const Password& password,
                            const std::string& key_name = {});

// The same over what was read already.
Result<Credential> make_credential(const std::vector<FoundCertificate>& found, EvpPkeyPtr key);

}  // namespace chainmend::certs
