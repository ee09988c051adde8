#include "certs/pkcs7.h"

#include <openssl/err.h>

namespace chainmend::certs {

namespace {

const STACK_OF(X509) * certificates_of(const PKCS7& message) {
  switch (OBJ_obj2nid(message.type)) {
    case NID_pkcs7_signed:
      return message.d.sign != nullptr ? message.d.sign->cert : nullptr;
    case NID_pkcs7_signedAndEnveloped:
      return message.d.signed_and_enveloped != nullptr ? message.d.signed_and_enveloped->cert
                                                       : nullptr;
    default:
      return nullptr;
  }
}

}  // namespace

Result<Pkcs7Content> read_pkcs7(ByteView der) {
  ERR_clear_error();
  const unsigned char* at = der.data();
  const Pkcs7Ptr message(d2i_PKCS7(nullptr, &at, static_cast<long>(der.size())));
  if (message == nullptr) {
    return fail(ErrorCode::malformed,
                "no readable PKCS#7 message (" + drain_openssl_errors() + ")");
  }
  Pkcs7Content content;
  const STACK_OF(X509)* all = certificates_of(*message);
  for (int i = 0; i < sk_X509_num(all); ++i) {
    auto certificate = Certificate::from_x509(sk_X509_value(all, i));
    if (certificate) {
      content.certificates.push_back(std::move(*certificate));
    } else {
      content.problems.push_back(std::move(certificate.error()));
    }
  }
  return content;
}

}  // namespace chainmend::certs
