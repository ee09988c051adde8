// The chains of the loaded certificates: the automatic one for each set of trust profiles that a
// listener has to suit, and those that the operator named. Each is built once per configuration.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "certs/profile_chains.h"
#include "config/config.h"
#include "proxy/serving/issuers.h"
#include "proxy/serving/load_certificates.h"
#include "proxy/serving/trust_store.h"
#include "proxy/tls/context.h"

namespace chainmend::serving {

inline const std::string kAutomaticChain{config::kAutomaticChain};
// The profile of clients that nobody tells apart: the `trust` of the section chain.
inline constexpr const char* kChainTrust = "chain.trust";

struct BuiltChain {
  std::string name;  // kAutomaticChain, or what a listener's for_clients calls it
  certs::ServedChain chain;
  bool allow_weak = false;
  std::vector<std::string> accepted_by;  // trust profiles whose clients take it
  std::string remedy = {};               // what completes it, when something can
};

// What one certificate can serve on one listener; the automatic chain comes first, where somebody
// gets it. Others are for the clients that are told apart by `for_clients: [{ chain: NAME }]`.
using CertificateChains = std::vector<BuiltChain>;

// Whether the chain is incomplete for want of something that could be had. A self-signed leaf ends
// in itself: nothing is missing, whether its clients trust it or not.
bool lacks_issuer(const certs::ServedChain& chain);

class ChainBuilder {
 public:
  // All are borrowed. What there is to say goes to findings, once for each chain.
  ChainBuilder(const config::Config& config, const Issuers& issuers, TrustStore& trust,
               Findings& findings);

  // The chains of certificate on that listener; without a listener, for chain.trust alone. Waits
  // for the network where AIA has to be asked. Empty when its trust could not be read, which is in
  // the findings then. The reference stays good as long as the builder.
  const CertificateChains& chains_of(const LoadedCertificate& certificate,
                                     const config::Listener* listener);

 private:
  using Profiles = std::vector<certs::TrustProfilePtr>;
  // What the clients of a listener are to get of one certificate.
  struct Demand {
    bool automatic = true;
    std::vector<std::string> profiles = {};  // whose chain has to be built apart
  };
  Demand demand(const LoadedCertificate& certificate, const config::Listener* listener) const;
  bool is_profile(const std::string& name) const;
  Profiles profiles_for(const config::Listener* listener);
  certs::TrustProfilePtr profile(const std::string& name);
  void add_for_profile(const LoadedCertificate& certificate, const std::string& name,
                       CertificateChains& chains);
  void add_automatic(const LoadedCertificate& certificate, const Profiles& profiles,
                     const config::Listener* listener, CertificateChains& chains);
  BuiltChain build_variant(const LoadedCertificate& certificate,
                           const config::ChainVariant& variant);
  void report(const LoadedCertificate& certificate, const config::Location& place,
              config::Serve serve, BuiltChain& built);
  void report_left_out(const LoadedCertificate& certificate, const certs::LeftOut& left_out,
                       const config::Listener& listener);

  const config::Config& config_;
  const Issuers& issuers_;
  TrustStore& trust_;
  Findings& findings_;
  std::map<std::string, CertificateChains> built_;  // by certificate and profiles
  std::map<std::string, BuiltChain> variants_;      // by certificate and name
};

// Whether anyone on that listener gets the certificate.
bool serves(const config::Listener& listener, const LoadedCertificate& certificate);

// What the context needs to serve a certificate with one of its chains: the one of that name, or
// else the first. Borrows the key.
tls::ServerCertificate for_context(const LoadedCertificate& certificate,
                                   const CertificateChains& chains, const std::string& chain);

}  // namespace chainmend::serving
