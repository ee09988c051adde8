// IdentityFields: the fields of a request that tell a server which certificate the client has
// shown. Immutable, part of a Route.
#pragma once

#include <span>
#include <utility>
#include <vector>

#include "certs/certificate.h"
#include "config/client_certificate.h"
#include "proxy/http/rewrite.h"
#include "proxy/serving/load_certificates.h"

namespace chainmend::serving {

class IdentityFields {
 public:
  IdentityFields() = default;
  explicit IdentityFields(config::IdentityHeaders from) : from_(std::move(from)) {}

  // The fields for a client that showed path.front(), verified by way of the others; of none, path
  // is empty. Over `out`, whose memory is used again.
  std::span<const http::FieldChange> write(const std::vector<certs::CertificatePtr>& path,
                                           std::vector<http::FieldChange>& out) const;

 private:
  config::IdentityHeaders from_;
};

// Names that clients could send as well, since nobody takes such fields from them.
void check_identity(const config::IdentityHeaders& from, Findings& findings);

}  // namespace chainmend::serving
