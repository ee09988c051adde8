// What PKCS#12 files and encrypted keys share: a place where old algorithms work, the limit on key
// derivation, and telling a wrong password from an algorithm that is missing.
#pragma once

#include <openssl/crypto.h>
#include <openssl/provider.h>

#include <memory>

#include "certs/openssl.h"
#include "certs/password.h"
#include "certs/result.h"

namespace chainmend::certs {

// A library context with the default and, where it is installed, the legacy provider. What is read
// in it must not outlive it; keys are handed on in the process's own context.
class DecryptionContext {
 public:
  DecryptionContext();
  OSSL_LIB_CTX* get() const { return context_.get(); }

 private:
  std::unique_ptr<OSSL_LIB_CTX, OpensslDeleter<&OSSL_LIB_CTX_free>> context_;
  using ProviderPtr = std::unique_ptr<OSSL_PROVIDER, OpensslDeleter<&OSSL_PROVIDER_unload>>;
  ProviderPtr default_, legacy_;
};

// An error when the key derivation of this algorithm would take too long on purpose (iteration
// count).
Result<void> check_derivation_cost(const X509_ALGOR& algorithm);

// What the error queue says of a decryption that failed; empties the queue. Call it right after.
Error decryption_error(const Password& password);

// The key in an encrypted PKCS#8 structure, usable with the default library context. Without a
// password it is decrypted with nothing at all, which PKCS#12 files know besides the empty
// password.
Result<EvpPkeyPtr> decrypt_pkcs8(const X509_SIG& encrypted, const Password& password,
                                 const DecryptionContext& context);

// The key in a plain PKCS#8 structure.
Result<EvpPkeyPtr> key_from_pkcs8(const PKCS8_PRIV_KEY_INFO& plain);

}  // namespace chainmend::certs
