// IssuerSource: "who may have issued this certificate?" Bundles, the AIA cache and AIA itself
// answer through this one contract (tests/certs/issuer_source_contract.h). An answer is a claim,
// never trust: the search verifies every signature itself.
#pragma once

#include <vector>

#include "certs/certificate.h"
#include "proxy/enums/names.h"

namespace chainmend::certs {

// Where a certificate came from, as reports print it.
enum class Origin { leaf_file, bundle, cache, aia, peer, root };
inline constexpr enums::Names<Origin> kOriginNames{"file", "bundle", "cache",
                                                   "aia",  "peer",   "root"};
constexpr const char* to_string(Origin origin) { return kOriginNames[origin]; }

struct Candidate {
  CertificatePtr certificate;
  Origin origin = Origin::bundle;
  std::string location;  // file or URL it was read from; may be empty
};

class IssuerSource {
 public:
  virtual ~IssuerSource() = default;
  // Certificates whose subject is child's issuer (RFC 5280 7.1 comparison), in any order,
  // duplicates allowed. Never fails: a source that cannot answer returns none and remembers why in
  // problems().
  virtual std::vector<Candidate> issuers_of(const Certificate& child) = 0;
  // Why answers are missing, in the order it happened; a chain that fails prints it.
  virtual std::vector<Error> problems() const { return {}; }
  // True when issuers_of may wait for the network; the search asks such a source only after all
  // others.
  virtual bool may_wait() const = 0;
};

}  // namespace chainmend::certs
