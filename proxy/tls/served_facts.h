// ServedFacts: under which policy a client was served and with which list of certificates, or would
// have been, had the handshake come so far. For logs, metrics and hints.
#pragma once

#include <string>
#include <vector>

#include "certs/certificate.h"
#include "proxy/tls/policy.h"

namespace chainmend::tls {

// A list of certificates as it goes on the wire, and what was found out about it when it was built.
struct ServedList {
  std::string certificate;                   // its name in the configuration
  std::string chain;                         // likewise; "auto" is the automatic one
  std::vector<certs::CertificatePtr> links;  // leaf first; never empty
  bool complete = false;  // whoever trusts `issuer` as a root can verify the leaf with this list
  std::string issuer;     // complete: the root that the list ends in; else the CA that is missing
};

// Borrowed from the ServerContext. Both null: nothing was served here, as of a handshake that was
// passed through.
struct ServedFacts {
  const TlsPolicy* policy = nullptr;
  const ServedList* list = nullptr;
  // Types of key among the certificates that were there for the name asked for.
  bool has_rsa_key = false;
  bool has_ecdsa_key = false;
};

}  // namespace chainmend::tls
