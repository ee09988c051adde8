// ProfileChains: what to serve for one leaf to clients with different root stores. One list for all
// of them when there is one, since then nobody has to be told apart; otherwise the list that serves
// the first profile and as many others as it can, and one more list for each profile left out.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "certs/served_chain.h"

namespace chainmend::certs {

// A profile whose clients refuse the common chain.
struct LeftOut {
  TrustProfilePtr profile;
  ServedChain own;       // the best for this profile alone; may be incomplete
  CertificatePtr needs;  // the root that these clients would need for the common chain; may be null
  std::string describe() const;
};

struct ProfileChains {
  ServedChain common;
  std::vector<std::string> accepted_by;  // names of the profiles whose clients take it
  std::vector<LeftOut> left_out;
};

// profiles: the ones to please, the most important first; at least one, and no two of one name.
// Waits for sources that wait.
ProfileChains build_profile_chains(const LeafFile& file, std::span<IssuerSource* const> sources,
                                   std::span<const TrustProfilePtr> profiles,
                                   const ServeOptions& options);

}  // namespace chainmend::certs
