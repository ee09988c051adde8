// make_upstream(): a configured upstream as connections use it.
#pragma once

#include <memory>
#include <optional>

#include "certs/trust_profile.h"
#include "config/config.h"
#include "proxy/serving/load_certificates.h"
#include "proxy/tls/client_context.h"
#include "proxy/tls/policy.h"
#include "proxy/upstream/registry.h"
#include "proxy/upstream/upstream.h"

namespace chainmend::serving {

// How TLS is spoken with an upstream's https servers.
struct UpstreamTlsTerms {
  tls::ClientContextPtr context;
  tls::ClientContextPtr foreseeing;  // see upstream::Upstream
  certs::Sha256 hash{};              // of what makes two contexts alike; see upstream::Peer::terms
};

// trust: the roots that its certificates are verified with; null: they are not. Of setup counts the
// policy and whom the servers are shown.
certs::Sha256 hash_of_terms(const tls::ClientSetup& setup, const certs::TrustProfile* trust,
                            bool repair_chain);

// What signs the cookies of an upstream with persistence: that of its key_file, or the process'
// own. Nothing when the file cannot be used, which is said.
std::optional<certs::Bytes> cookie_key(const config::Upstream& upstream,
                                       const upstream::Registry& registry, Findings& findings);

// terms.context may be null when no server speaks TLS. The servers are the registry's.
std::unique_ptr<upstream::Upstream> make_upstream(const config::Upstream& from,
                                                  const UpstreamTlsTerms& terms,
                                                  certs::ByteView cookie_key,
                                                  upstream::Registry& registry);

}  // namespace chainmend::serving
