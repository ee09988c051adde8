// ClientVerifier: is the certificate that a client shows one of those that the listener takes? Its
// list may lack intermediates, as phones' do: it is completed from bundles and the AIA cache before
// it is judged, by the search that everything else is judged by. Completing never adds trust, and
// no stranger makes us fetch anything.
//
// Runs inside a handshake on a worker, so it never waits, and what it spends is bounded.
// Thread-safe.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "certs/chain_search.h"
#include "certs/revocation.h"
#include "certs/trust_profile.h"
#include "config/client_certificate.h"
#include "proxy/serving/issuers.h"
#include "proxy/tls/client_authentication.h"

namespace chainmend::serving {

class ClientVerifier final : public tls::ClientVerifier {
 public:
  // listener: its name, for the keys that mend a refusal. Of terms counts what a certificate must
  // be like: depth, purposes, revocation.
  ClientVerifier(std::string listener, certs::TrustProfilePtr trust, Issuers issuers,
                 std::shared_ptr<const certs::RevocationLists> revoked,
                 const config::ClientCertificates& terms);

  tls::ClientJudgement judge(const std::vector<certs::CertificatePtr>& list) const override;

 private:
  tls::ClientJudgement refuse(const certs::Failure& failure) const;
  // Nothing: no certificate of the path has been revoked, as far as it must be known.
  std::optional<tls::ClientJudgement> refuse_revoked(
      const std::vector<certs::Candidate>& path) const;

  const std::string listener_;
  certs::TrustProfilePtr trust_;
  Issuers issuers_;
  std::shared_ptr<const certs::RevocationLists> revoked_;
  certs::SearchOptions options_;
  bool hard_ = true;
};

}  // namespace chainmend::serving
