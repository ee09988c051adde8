// ServedChain: what goes on the wire for one leaf, and the verdict on it. Strict order for every
// TLS version (RFC 5246 7.4.2), since the clients that need the repair are the old ones.
#pragma once

#include <functional>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "certs/certificate.h"
#include "certs/chain_search.h"
#include "certs/issuer_source.h"
#include "certs/leaf_file.h"
#include "certs/trust_profile.h"

namespace chainmend::certs {

struct ServeOptions {
  SearchOptions search;
  bool send_root = false;
  // Subject, common name or SHA-256 fingerprint (hex, with or without colons) of the root that the
  // path should end in when it can. Empty: whichever the search ranks first.
  std::string preferred_root = {};
};

struct ServedChain {
  std::vector<Candidate> certificates;  // in wire order, leaf first; never empty
  bool complete = false;              // ends right below (or, when sent, in) a root of the profile
  CertificatePtr anchor;              // that root; null when incomplete
  std::string profile;                // name of the trust profile it was built for
  bool doubtful = false;              // complete, and some clients refuse it all the same
  std::optional<Failure> failure;     // set exactly when incomplete
  std::vector<std::string> warnings;  // expiry, weak certificates, contradictions
  std::vector<std::string> repairs;   // what was put right in the leaf's own files
  std::vector<Rejection> rejected;
};

// The chain for the leaf: an incomplete one is served as far as it goes. The file's own extras are
// asked before sources, which are borrowed for the call. When an intermediate of a complete chain
// ends within 30 days, sources that may wait are asked for its successor; without one it is kept.
ServedChain build_served_chain(const LeafFile& file, std::span<IssuerSource* const> sources,
                               const TrustProfile& profile, const ServeOptions& options);

// The same under a condition on what would be on the wire. Nothing when no complete chain meets it.
using AcceptServed = std::function<bool(const std::vector<Candidate>& served)>;
std::optional<ServedChain> build_served_chain_where(const AcceptServed& accept,
                                                    const LeafFile& file,
                                                    std::span<IssuerSource* const> sources,
                                                    const TrustProfile& profile,
                                                    const ServeOptions& options);

// The leaf's file as it is: its certificates in their order, but for the leaf, which TLS sends
// first. Nothing is added or left off; the verdict is what clients make of just that.
ServedChain serve_as_given(const LeafFile& file, const TrustProfile& profile,
                           const ServeOptions& options);

}  // namespace chainmend::certs
