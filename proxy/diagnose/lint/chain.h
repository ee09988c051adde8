// lint_chain(): what is wrong with the certificate list in one file, and what it should be.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "certs/issuer_source.h"
#include "certs/trust_profile.h"
#include "proxy/diagnose/lint/lint_input.h"

namespace chainmend::diagnose {

struct ChainQuestion {
  std::span<const Entry> entries;  // of one file, in its order; not empty
  certs::TrustProfilePtr trust;
  std::vector<certs::IssuerSource*> sources;  // where missing issuers may be found
  certs::Time now;
};

struct LintedChain {
  std::vector<LintFinding> findings;            // the gravest first
  std::vector<certs::CertificatePtr> repaired;  // leaf first, without the root; empty: no way
  certs::CertificatePtr root;                   // where it ends; null: not known
};

LintedChain lint_chain(const ChainQuestion& question);

// No list is longer; the work on one grows with the square of its length.
inline constexpr std::size_t kMaxChain = 100;

}  // namespace chainmend::diagnose
