#include "certs/aia_body.h"

#include <utility>

#include "certs/pem.h"
#include "certs/pkcs7.h"

namespace chainmend::certs {
namespace {

using Certificates = std::vector<CertificatePtr>;

Result<Certificates> read_der(ByteView der) {
  const Result<CertificatePtr> certificate = Certificate::from_der(der);
  if (certificate) {
    return Certificates{*certificate};
  }
  Result<Pkcs7Content> message = read_pkcs7(der);
  if (!message) {
    return fail(ErrorCode::not_recognised, "neither a certificate nor a PKCS#7 message");
  }
  if (message->certificates.empty() && !message->problems.empty()) {
    return tl::unexpected(message->problems.front());
  }
  return std::move(message->certificates);
}

// Labels are not asked: what is no certificate inside does not parse as one.
Result<Certificates> read_armoured(ByteView body) {
  const PemText text = read_pem(as_text(body));
  Certificates all;
  for (const PemBlock& block : text.blocks) {
    Result<Certificates> found = read_der(block.der);
    if (found) {
      all.insert(all.end(), found->begin(), found->end());
    }
  }
  if (!all.empty()) {
    return all;
  }
  if (!text.problems.empty()) {
    return tl::unexpected(text.problems.front());
  }
  return fail(ErrorCode::empty, "PEM without certificates");
}

}  // namespace

Result<Certificates> read_aia_body(ByteView body) {
  if (body.empty()) {
    return fail(ErrorCode::empty, "the answer has no body");
  }
  Result<Certificates> found = read_der(body);
  if (found || !looks_like_pem(body)) {
    return found;
  }
  return read_armoured(body);
}

}  // namespace chainmend::certs
