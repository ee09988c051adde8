// UpstreamVerifier: is this the server we mean, and does its certificate lead to a root we trust? The list that
// a server sends may lack its intermediates, as the load balancer's in front of us does: then it is completed
// from the same sources as our own chains before it is judged. Completing never adds trust.
//
// Runs inside a handshake on a worker, so it never waits: what only AIA could bring is left to the background
// thread, and the next connection succeeds. Thread-safe.
#pragma once

#include <chrono>
#include <functional>
#include <map>
#include <mutex>
#include <string>
#include <vector>

#include "certs/bytes.h"
#include "certs/trust_profile.h"
#include "proxy/serving/issuers.h"
#include "proxy/tls/context.h"

namespace chainmend::serving {

class UpstreamVerifier final : public tls::PeerVerifier {
 public:
  // Asks for a certificate's issuers to be fetched into the cache; returns at once. From any thread.
  using RequestIssuers = std::function<void(const certs::CertificatePtr& leaf)>;

  // repair: complete the list before judging it. request may be empty.
  UpstreamVerifier(certs::TrustProfilePtr trust, Issuers issuers, bool repair,
                   RequestIssuers request);

  tls::Result<void> verify(const std::vector<certs::CertificatePtr>& list,
                           const std::string& host) const override;

 private:
  struct Verdict {
    std::string error;  // empty: good
    std::chrono::steady_clock::time_point until;
  };
  static constexpr std::size_t kRemembered = 64;
  static constexpr std::chrono::minutes kRememberGood{5};

  std::string judge(const std::vector<certs::CertificatePtr>& list) const;

  certs::TrustProfilePtr trust_;
  Issuers issuers_;
  bool repair_;
  RequestIssuers request_;
  mutable std::mutex mutex_;
  mutable std::map<certs::Sha256, Verdict> remembered_;  // good verdicts by hash of the whole list
};

}  // namespace chainmend::serving
