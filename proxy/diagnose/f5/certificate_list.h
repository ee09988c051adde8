// The certificates that a client-ssl profile really shows: which of its three ways of naming them
// counts, and what a BIG-IP sends because of it.
#pragma once

#include <string>
#include <vector>

#include "proxy/diagnose/f5/configuration.h"

namespace chainmend::diagnose::f5 {

struct CertificateEntry {
  std::string name;  // of the cert-key-chain entry; empty: cert, key and chain themselves
  std::string cert, key, chain;  // "/Common/ews.crt"; chain empty: none is sent
  bool says_none = false;        // that there is no chain is said, and not only left out
  bool has_passphrase = false;
  const Object* from = nullptr;         // who says it; null: F5's default
  const Statement* at = nullptr;        // the entry, or the property cert
  std::vector<const Statement*> parts;  // the properties that it is made of
};

std::vector<CertificateEntry> certificates_of(const Configuration& config, const Object& profile);

}  // namespace chainmend::diagnose::f5
