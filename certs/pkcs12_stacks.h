// Owners of the stacks that a PKCS#12 file is read into: its safes, and the bags in one of them.
#pragma once

#include <openssl/pkcs12.h>

#include <memory>

namespace chainmend::certs {

using BagsPtr =
    std::unique_ptr<STACK_OF(PKCS12_SAFEBAG), decltype([](STACK_OF(PKCS12_SAFEBAG) * bags) {
                      sk_PKCS12_SAFEBAG_pop_free(bags, PKCS12_SAFEBAG_free);
                    })>;
using SafesPtr = std::unique_ptr<STACK_OF(PKCS7), decltype([](STACK_OF(PKCS7) * safes) {
                                   sk_PKCS7_pop_free(safes, PKCS7_free);
                                 })>;

}  // namespace chainmend::certs
