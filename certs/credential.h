// Credential: a leaf certificate with its private key, and what else lay in its files. Leaf files
// come in every disorder; which certificate is the leaf is decided by the key and not by the place.
#pragma once

#include <string>
#include <vector>

#include "certs/certificate.h"
#include "certs/certificate_reader.h"
#include "certs/issuer_source.h"
#include "certs/openssl.h"
#include "certs/password.h"
#include "certs/result.h"

namespace chainmend::certs {

struct Credential {
  CertificatePtr leaf;
  EvpPkeyPtr key;
  std::vector<Candidate> extras;      // the file's other certificates: candidates, no more
  std::vector<CertificatePtr> given;  // all of the file as it came, for `serve: as-given`
  std::vector<std::string> repairs;   // what was put right, in words
  std::vector<Error> problems;        // entries that could not be read
};

// Certificates from one file and the key from another (or the same). Errors of reading either, and
// key_mismatch with the SPKI fingerprints of both sides.
Result<Credential> load_credential(const std::string& certificate_file, const std::string& key_file,
                                   const Password& password);
// Leaf, key and extras from one PKCS#12 file.
Result<Credential> load_pfx(const std::string& file, const Password& password);

// The same over what was read already.
Result<Credential> make_credential(std::vector<FoundCertificate> found, EvpPkeyPtr key);

// The leaf among certificates without a key to tell: the first that is no CA, else the first that
// issued none of the others. found must not be empty.
std::size_t pick_leaf(const std::vector<FoundCertificate>& found);

// What order and content of a leaf file differ from "leaf, then each one's issuer, no root, nothing
// else", in words.
std::vector<std::string> describe_repairs(const std::vector<FoundCertificate>& found,
                                          std::size_t leaf);

}  // namespace chainmend::certs
