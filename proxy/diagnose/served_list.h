// judge_list(): what is good and bad about the certificate list that a server sends, point by
// point, and what the list should be. Pure but for its sources, which may wait.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <vector>

#include "certs/certificate.h"
#include "certs/chain_search.h"
#include "certs/issuer_source.h"
#include "certs/trust_profile.h"
#include "proxy/diagnose/finding.h"

namespace chainmend::diagnose {

// The certificates of a list as it was sent; empty when one of them is no certificate.
std::vector<certs::CertificatePtr> parse_list(const std::vector<certs::Bytes>& list);

struct ListQuestion {
  std::vector<certs::CertificatePtr> list;  // as sent, leaf first; not empty
  std::string host;                         // that clients ask for; empty: any
  certs::TrustProfilePtr trust;             // roots that clients are taken to have
  // Where missing issuers may be found; asked only when the list does not reach a root by itself.
  std::vector<certs::IssuerSource*> sources;
  certs::Time now;
};

struct ListVerdict {
  std::vector<Finding> findings;
  // For a client that fetches nothing and has the roots of `trust`: the list leads to one.
  bool complete = false;
  bool strict_order = false;  // each certificate signs the one before it, to the end
  // The certificates that have to be added, each behind the one before it; with their origins.
  // Empty when nothing is missing, or when it could not be found.
  std::vector<certs::Candidate> missing;
  certs::CertificatePtr root;  // where the list, or the repaired list, ends; null: not known
  std::vector<certs::CertificatePtr> repaired;  // leaf first, without the root; empty: no way
  std::optional<certs::Failure> failure;        // why there is none
};

ListVerdict judge_list(const ListQuestion& question);

}  // namespace chainmend::diagnose
