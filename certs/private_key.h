// Private keys: PEM or DER, traditional or PKCS#8, encrypted or not.
#pragma once

#include <string>

#include "certs/bytes.h"
#include "certs/openssl.h"
#include "certs/password.h"
#include "certs/result.h"

namespace chainmend::certs {

// The first private key in bytes. Errors: not_recognised or empty (no key in it), password_needed,
// wrong_password, unsupported_algorithm (encrypted or made with something this OpenSSL cannot do),
// malformed.
Result<EvpPkeyPtr> read_private_key(ByteView bytes, const Password& password);
Result<EvpPkeyPtr> read_private_key_file(const std::string& path, const Password& password);

// SHA-256 of the SubjectPublicKeyInfo; equal to Certificate::spki_hash() of a certificate for this
// key.
Sha256 spki_hash(const EVP_PKEY& key);

}  // namespace chainmend::certs
