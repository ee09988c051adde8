// Trust as configured -> TrustProfile. Each different set of roots is read once per build.
#pragma once

#include <map>
#include <string>

#include "certs/trust_profile.h"
#include "config/config.h"
#include "proxy/serving/load_certificates.h"

namespace chainmend::serving {

class TrustStore {
 public:
  // name: what reports call it. Null when there is no root to be had; why is then in the findings,
  // and so are entries that were skipped.
  certs::TrustProfilePtr load(const config::Trust& trust, const std::string& name,
                              Findings& findings);
  // Warns of what is wrong with the store of a kind of client, as far as its files show it: these
  // are the roots that the clients have, and a bad store fails like a bad chain.
  void examine(const config::TrustProfile& profile, Findings& findings);

 private:
  std::map<std::string, certs::LoadedProfile> loaded_;
};

}  // namespace chainmend::serving
