#include "proxy/diagnose/probe/client_certificate.h"

#include <openssl/x509.h>

#include <memory>

#include "certs/name.h"

namespace chainmend::diagnose {
namespace {

// Of Schannel, for the list of trusted issuers: Microsoft, "Overview of TLS - SSL (Schannel SSP)".
// A server with more sends what fits and logs event 36885 (KB 933430).
constexpr std::size_t kMostOfSchannel = 16384;
constexpr std::size_t kLengthField = 2;  // before each name (RFC 5246 7.4.4)

std::string text_of(const certs::Bytes& der) {
  const unsigned char* begin = der.data();
  const std::unique_ptr<X509_NAME, decltype(&X509_NAME_free)> name(
      d2i_X509_NAME(nullptr, &begin, static_cast<long>(der.size())), &X509_NAME_free);
  return name ? certs::name_text(name.get()) : "(no readable name)";
}

}  // namespace

ClientCertificateRequest read_request(const std::vector<certs::Bytes>& names, bool required) {
  ClientCertificateRequest request;
  request.required = required;
  for (const certs::Bytes& name : names) {
    request.authorities.push_back(text_of(name));
    request.bytes += name.size() + kLengthField;
  }
  return request;
}

std::vector<Finding> judge_request(const ClientCertificateRequest& request) {
  std::vector<Finding> findings;
  if (request.bytes > kMostOfSchannel) {
    findings.push_back({"authorities-too-long", Severity::warning, std::nullopt,
                        "the list of authorities for client certificates takes " +
                            std::to_string(request.bytes) +
                            " bytes; Schannel handles 16384 at most, so clients on Windows may "
                            "find none of their certificates in it",
                        "name only the authorities that issue your client certificates; on IIS "
                        "that is the store of trusted roots, or SendTrustedIssuerList 0"});
  }
  if (request.required) {
    findings.push_back({"client-certificate-required", Severity::note, std::nullopt,
                        "the server serves only clients that show a certificate", ""});
  }
  return findings;
}

}  // namespace chainmend::diagnose
