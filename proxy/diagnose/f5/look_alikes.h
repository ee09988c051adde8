// make_look_alikes(): certificates with keys of their own in place of those that a configuration
// names and nobody has at hand: for a lab. They have the names, dates and issuers of the others, as
// far as these are known, and kLookAlike for an organisation.
#pragma once

#include <string>
#include <vector>

#include "certs/result.h"
#include "certs/time.h"
#include "proxy/diagnose/f5/certificate_store.h"
#include "proxy/diagnose/f5/configuration.h"

namespace chainmend::diagnose::f5 {

inline constexpr const char* kLookAlike = "chainmend lab look-alike";

struct LookAlikes {
  std::vector<std::string> made;  // objects: "/Common/ews.crt"
  certs::Bytes root, issuers;     // PEM: where all of them end, and what lies between
};

// Of certificates of client-ssl profiles whose key or certificate is not in the store: puts both
// there, and the chain that a profile names.
certs::Result<LookAlikes> make_look_alikes(const Configuration& config, CertificateStore& store,
                                           certs::Time now);

}  // namespace chainmend::diagnose::f5
