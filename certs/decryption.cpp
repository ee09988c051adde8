#include "certs/decryption.h"

#include <openssl/asn1t.h>
#include <openssl/err.h>
#include <openssl/evperr.h>
#include <openssl/pemerr.h>

#include <cstring>

namespace chainmend::certs {

namespace {

constexpr std::int64_t kMaxIterations = 5'000'000;  // some seconds

template <auto Free, typename T>
std::unique_ptr<T, OpensslDeleter<Free>> unpack(const ASN1_ITEM* item, const ASN1_TYPE* parameter) {
  return std::unique_ptr<T, OpensslDeleter<Free>>(
      static_cast<T*>(ASN1_TYPE_unpack_sequence(item, parameter)));
}

bool is_small(const ASN1_INTEGER* iterations) {
  std::int64_t count = 0;
  return iterations == nullptr ||
         (ASN1_INTEGER_get_int64(&count, iterations) == 1 && count <= kMaxIterations);
}

// Reasons that mean "cannot do that" and never "wrong password".
bool is_unsupported(unsigned long code) {
  const int reason = ERR_GET_REASON(code);
  if (reason == ERR_R_UNSUPPORTED) {
    // A decoder that finds nothing it knows has been given what the wrong password made.
    return ERR_GET_LIB(code) != ERR_LIB_OSSL_DECODER;
  }
  if (ERR_GET_LIB(code) == ERR_LIB_EVP) {
    switch (reason) {
      case EVP_R_UNKNOWN_PBE_ALGORITHM:
      case EVP_R_UNKNOWN_CIPHER:
      case EVP_R_UNKNOWN_DIGEST:
      case EVP_R_UNSUPPORTED_ALGORITHM:
      case EVP_R_UNSUPPORTED_CIPHER:
      case EVP_R_UNSUPPORTED_KEYLENGTH:
      case EVP_R_UNSUPPORTED_KEY_DERIVATION_FUNCTION:
      case EVP_R_UNSUPPORTED_PRF:
      case EVP_R_UNSUPPORTED_PRIVATE_KEY_ALGORITHM:
        return true;
      default:
        return false;
    }
  }
  return (ERR_GET_LIB(code) == ERR_LIB_PEM &&
          (reason == PEM_R_UNSUPPORTED_ENCRYPTION || reason == PEM_R_UNSUPPORTED_CIPHER)) ||
         (ERR_GET_LIB(code) == ERR_LIB_PKCS12 && reason == PKCS12_R_UNKNOWN_DIGEST_ALGORITHM);
}

}  // namespace

DecryptionContext::DecryptionContext()
    : context_(OSSL_LIB_CTX_new()),
      default_(OSSL_PROVIDER_load(context_.get(), "default")),
      legacy_(OSSL_PROVIDER_load(context_.get(), "legacy")) {
  ERR_clear_error();  // without the legacy provider old files fail by name, and new ones work
}

Result<void> check_derivation_cost(const X509_ALGOR& algorithm) {
  bool small = true;
  if (OBJ_obj2nid(algorithm.algorithm) == NID_pbes2) {
    const auto scheme =
        unpack<&PBE2PARAM_free, PBE2PARAM>(ASN1_ITEM_rptr(PBE2PARAM), algorithm.parameter);
    if (scheme != nullptr && OBJ_obj2nid(scheme->keyfunc->algorithm) == NID_id_pbkdf2) {
      const auto derivation = unpack<&PBKDF2PARAM_free, PBKDF2PARAM>(ASN1_ITEM_rptr(PBKDF2PARAM),
                                                                     scheme->keyfunc->parameter);
      small = derivation == nullptr || is_small(derivation->iter);
    }
  } else {
    const auto derivation =
        unpack<&PBEPARAM_free, PBEPARAM>(ASN1_ITEM_rptr(PBEPARAM), algorithm.parameter);
    small = derivation == nullptr || is_small(derivation->iter);
  }
  ERR_clear_error();
  if (!small) {
    return fail(ErrorCode::blocked, "the key derivation asks for too many iterations");
  }
  return {};
}

Error decryption_error(const Password& password) {
  std::string unsupported;
  const char* data = nullptr;
  int flags = 0;
  while (const unsigned long code = ERR_get_error_all(nullptr, nullptr, nullptr, &data, &flags)) {
    if (is_unsupported(code) && unsupported.empty()) {
      unsupported = (flags & ERR_TXT_STRING) != 0 && data != nullptr && *data != '\0'
                        ? data
                        : ERR_reason_error_string(code);
    }
  }
  if (!unsupported.empty()) {
    return {ErrorCode::unsupported_algorithm,
            "encrypted with an algorithm that this OpenSSL cannot do (" + unsupported + ")",
            {},
            0};
  }
  if (!password) {
    return {ErrorCode::password_needed, "encrypted, and no password was given", {}, 0};
  }
  return {ErrorCode::wrong_password, "the password is wrong", {}, 0};
}

Result<EvpPkeyPtr> key_from_pkcs8(const PKCS8_PRIV_KEY_INFO& plain) {
  ERR_clear_error();
  EvpPkeyPtr key(EVP_PKCS82PKEY(&plain));
  if (key == nullptr) {
    return fail(ErrorCode::unsupported_algorithm,
                "a private key that this OpenSSL cannot use (" + drain_openssl_errors() + ")");
  }
  return key;
}

Result<EvpPkeyPtr> decrypt_pkcs8(const X509_SIG& encrypted, const Password& password,
                                 const DecryptionContext& context) {
  const X509_ALGOR* algorithm = nullptr;
  X509_SIG_get0(&encrypted, &algorithm, nullptr);
  if (const auto cheap = check_derivation_cost(*algorithm); !cheap) {
    return tl::unexpected(cheap.error());
  }
  ERR_clear_error();
  const std::unique_ptr<PKCS8_PRIV_KEY_INFO, OpensslDeleter<&PKCS8_PRIV_KEY_INFO_free>> plain(
      PKCS8_decrypt_ex(&encrypted, password ? password->data() : nullptr,
                       password ? static_cast<int>(password->size()) : 0, context.get(), nullptr));
  if (plain == nullptr) {
    return tl::unexpected(decryption_error(password));
  }
  return key_from_pkcs8(*plain);
}

}  // namespace chainmend::certs
