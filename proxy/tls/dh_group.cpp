#include "proxy/tls/dh_group.h"

#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/param_build.h>

#include <string>

namespace chainmend::tls {
namespace {

using BignumPtr = std::unique_ptr<BIGNUM, certs::OpensslDeleter<&BN_free>>;
using KeyContextPtr = std::unique_ptr<EVP_PKEY_CTX, certs::OpensslDeleter<&EVP_PKEY_CTX_free>>;
using ParamsPtr = std::unique_ptr<OSSL_PARAM, certs::OpensslDeleter<&OSSL_PARAM_free>>;
using ParamsBuilderPtr =
    std::unique_ptr<OSSL_PARAM_BLD, certs::OpensslDeleter<&OSSL_PARAM_BLD_free>>;

// Twice the 80 bits of strength of the 1024-bit group (RFC 3526, section 1), rounded up.
constexpr int kShortExponent = 192;

bool push_oakley_group(OSSL_PARAM_BLD* to, const BIGNUM* prime, BIGNUM* generator) {
  return prime != nullptr && generator != nullptr && BN_set_word(generator, 2) == 1 &&
         OSSL_PARAM_BLD_push_BN(to, OSSL_PKEY_PARAM_FFC_P, prime) == 1 &&
         OSSL_PARAM_BLD_push_BN(to, OSSL_PKEY_PARAM_FFC_G, generator) == 1 &&
         OSSL_PARAM_BLD_push_int(to, OSSL_PKEY_PARAM_DH_PRIV_LEN, kShortExponent) == 1;
}

bool push_named_group(OSSL_PARAM_BLD* to, const std::string& name) {
  return OSSL_PARAM_BLD_push_utf8_string(to, OSSL_PKEY_PARAM_GROUP_NAME, name.c_str(), 0) == 1;
}

ParamsPtr parameters(unsigned bits) {
  const ParamsBuilderPtr builder(OSSL_PARAM_BLD_new());
  // The builder refers to what was pushed until it has made the parameters.
  const BignumPtr prime(BN_get_rfc2409_prime_1024(nullptr));
  const BignumPtr generator(BN_new());
  const std::string name = "ffdhe" + std::to_string(bits);
  const bool pushed = builder != nullptr &&
                      (bits == 1024 ? push_oakley_group(builder.get(), prime.get(), generator.get())
                                    : push_named_group(builder.get(), name));
  return ParamsPtr(pushed ? OSSL_PARAM_BLD_to_param(builder.get()) : nullptr);
}

}  // namespace

certs::EvpPkeyPtr make_dh_group(unsigned bits) {
  const KeyContextPtr context(EVP_PKEY_CTX_new_from_name(nullptr, "DH", nullptr));
  const ParamsPtr described = parameters(bits);
  EVP_PKEY* key = nullptr;
  if (context == nullptr || described == nullptr || EVP_PKEY_fromdata_init(context.get()) != 1 ||
      EVP_PKEY_fromdata(context.get(), &key, EVP_PKEY_KEY_PARAMETERS, described.get()) != 1) {
    return nullptr;
  }
  return certs::EvpPkeyPtr(key);
}

}  // namespace chainmend::tls
