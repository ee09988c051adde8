// Trust as configured -> TrustProfile. Each different set of roots is read once per build.
#pragma once

#include <map>
#include <string>

#include "certs/trust_profile.h"
#include "config/config.h"

namespace chainmend::serving {

class TrustStore {
 public:
  // Null when there is none; why is then in errors. Entries that were skipped go to warnings.
  certs::TrustProfilePtr load(const config::Trust& trust, config::Diagnostics& errors,
                              config::Diagnostics& warnings);

 private:
  std::map<std::string, certs::TrustProfilePtr> loaded_;
};

// An error of the certs library, said at a place in the configuration.
config::Diagnostic at(const config::Location& location, const certs::Error& error);

}  // namespace chainmend::serving
