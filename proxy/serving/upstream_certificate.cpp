#include "proxy/serving/upstream_certificate.h"

#include <algorithm>
#include <chrono>

#include "certs/served_chain.h"
#include "proxy/serving/build_chains.h"

namespace chainmend::serving {

namespace {

certs::ServedChain chain_of(const LoadedCertificate& certificate, const Issuers& issuers,
                            const certs::TrustProfile& trust) {
  certs::ServeOptions options;
  options.search.at = std::chrono::floor<std::chrono::seconds>(std::chrono::system_clock::now());
  options.search.use = certs::Use::client;
  return certs::build_served_chain(certificate.file, issuers.all().list(), trust, options);
}

}  // namespace

std::optional<tls::OwnCertificate> certificate_for(const config::Upstream& upstream,
                                                   const std::vector<LoadedCertificate>& loaded,
                                                   const Issuers& issuers,
                                                   const certs::TrustProfile& trust,
                                                   Findings& findings) {
  if (!upstream.tls.certificate) {
    return std::nullopt;
  }
  const auto& [name, place] = *upstream.tls.certificate;
  const auto found = std::ranges::find_if(
      loaded, [&](const LoadedCertificate& one) { return one.configured->name == name; });
  if (found == loaded.end()) {
    return std::nullopt;
  }
  findings.warnings.push_back(
      {place, "every client whose requests go to upstream " + upstream.name +
                  " has the identity of certificate '" + name +
                  "' there: its servers cannot tell them apart, and let in whoever reaches them "
                  "through this proxy"});
  const certs::ServedChain chain = chain_of(*found, issuers, trust);
  // Further up it may well be the root that is missing, which the servers have.
  const bool lacks_issuer = !chain.complete && chain.failure->at == found->file.leaf &&
                            chain.failure->reason == certs::Reason::no_issuer;
  if (lacks_issuer) {
    findings.warnings.push_back(
        {place, "the chain that servers of upstream " + upstream.name +
                    " are shown is incomplete: " + chain.failure->describe() + " (chain.bundles)"});
  } else if (!chain.complete && chain.failure->refused == found->file.leaf) {
    findings.warnings.push_back({place, chain.failure->describe()});
  }
  tls::OwnCertificate own{found->file.leaf, found->key.get(), {}};
  for (std::size_t i = 1; i < chain.certificates.size(); ++i) {
    own.chain.push_back(chain.certificates[i].certificate);
  }
  return own;
}

bool is_for_upstreams_alone(const config::Config& config, const LoadedCertificate& certificate) {
  const auto shows = [&](const config::Upstream& upstream) {
    return upstream.tls.certificate &&
           upstream.tls.certificate->value == certificate.configured->name;
  };
  return std::ranges::any_of(config.upstreams, shows) &&
         std::ranges::none_of(config.listeners, [&](const config::Listener& listener) {
           return serves(listener, certificate);
         });
}

}  // namespace chainmend::serving
