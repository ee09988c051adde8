// Owning pointers for OpenSSL's objects. A raw pointer borrows; up_ref() makes an owner of one.
#pragma once

#include <openssl/bio.h>
#include <openssl/evp.h>
#include <openssl/pkcs12.h>
#include <openssl/pkcs7.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>

#include <memory>
#include <string>
#include <string_view>

namespace chainmend::certs {

template <auto Free>
struct OpensslDeleter {
  template <typename T>
  void operator()(T* p) const noexcept {
    Free(p);
  }
};

using AuthorityInfoAccessPtr =
    std::unique_ptr<AUTHORITY_INFO_ACCESS, OpensslDeleter<&AUTHORITY_INFO_ACCESS_free>>;
using BioPtr = std::unique_ptr<BIO, OpensslDeleter<&BIO_free_all>>;
using EvpPkeyPtr = std::unique_ptr<EVP_PKEY, OpensslDeleter<&EVP_PKEY_free>>;
using GeneralNamesPtr = std::unique_ptr<GENERAL_NAMES, OpensslDeleter<&GENERAL_NAMES_free>>;
using NameConstraintsPtr =
    std::unique_ptr<NAME_CONSTRAINTS, OpensslDeleter<&NAME_CONSTRAINTS_free>>;
using Pkcs12Ptr = std::unique_ptr<PKCS12, OpensslDeleter<&PKCS12_free>>;
using Pkcs7Ptr = std::unique_ptr<PKCS7, OpensslDeleter<&PKCS7_free>>;
using X509CrlPtr = std::unique_ptr<X509_CRL, OpensslDeleter<&X509_CRL_free>>;
using X509Ptr = std::unique_ptr<X509, OpensslDeleter<&X509_free>>;

inline X509Ptr up_ref(X509* x) {
  X509_up_ref(x);
  return X509Ptr(x);
}
inline EvpPkeyPtr up_ref(EVP_PKEY* k) {
  EVP_PKEY_up_ref(k);
  return EvpPkeyPtr(k);
}

// Empties this thread's OpenSSL error queue into one line, "" when it was empty.
std::string drain_openssl_errors();

// What a reason of OpenSSL means, with OpenSSL's own words behind it for those who look them up;
// these alone when it is not known: "ca md too weak".
std::string in_plain_words(std::string_view reason);

}  // namespace chainmend::certs
