// UpstreamVerifier: is this the server we mean, and does its certificate lead to a root we trust?
// The list that a server sends may lack its intermediates, as the load balancer's in front of us
// does: then it is completed from the same sources as our own chains before it is judged.
// Completing never adds trust.
//
// Runs inside a handshake on a worker, so it never waits: what only AIA could bring is left to the
// background thread, and the next connection succeeds. Thread-safe.
#pragma once

#include <atomic>
#include <chrono>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "certs/bytes.h"
#include "certs/chain_search.h"
#include "certs/trust_profile.h"
#include "proxy/serving/issuers.h"
#include "proxy/tls/client_context.h"

namespace chainmend::serving {

// The path of a list's first certificate through the others and `more` to a root, as a client would
// judge it now.
certs::SearchResult judge_list(const std::vector<certs::CertificatePtr>& list,
                               const certs::TrustProfile& trust, const IssuerSources& more = {});
// The same as far as `options` does not say otherwise.
certs::SearchResult judge_list(const std::vector<certs::CertificatePtr>& list,
                               const certs::TrustProfile& trust, const IssuerSources& more,
                               certs::SearchOptions options);

class UpstreamVerifier final : public tls::PeerVerifier {
 public:
  // Runs a job that may wait on the background thread; returns at once. Callable from any thread.
  using RunInBackground = std::function<void(std::function<void()> job)>;

  // upstream: its name, for the keys that mend a refusal. repair: complete the list before judging
  // it. background may be empty: then nothing is fetched.
  UpstreamVerifier(std::string upstream, certs::TrustProfilePtr trust, Issuers issuers, bool repair,
                   RunInBackground background);

  tls::Result<void> verify(const std::vector<certs::CertificatePtr>& list,
                           const std::string& host) const override;
  // What verify() will come to, as far as it is known without AIA: a list that AIA may complete is
  // accepted. Nothing is fetched or remembered.
  tls::Result<void> foresee(const std::vector<certs::CertificatePtr>& list,
                            const std::string& host) const;

 private:
  using SteadyTime = std::chrono::steady_clock::time_point;
  using List = std::vector<certs::CertificatePtr>;
  static constexpr std::size_t kRemembered = 64;
  static constexpr std::chrono::minutes kRememberGood{5};
  static constexpr std::chrono::seconds kAskAgain{10};
  static constexpr int kJobs =
      2;  // under way at once: a server that shows ever new lists fills no queue

  // What the jobs on the background thread leave for the handshakes that follow. It outlives the
  // verifier, which may be gone with its configuration before a job runs.
  struct Fetches {
    std::atomic<int> under_way = 0;
    std::mutex mutex;
    std::map<certs::Sha256, std::string>
        failures;  // by hash of the list: why AIA was no help, and what is
  };

  tls::Result<void> check_name(const List& list, const std::string& host) const;
  certs::SearchResult judge(const List& list) const;
  bool fetches() const;
  void fetch_issuers(const certs::Sha256& hash, const List& list) const;
  std::string why(const certs::Sha256& hash, const certs::Failure& failure) const;

  const std::string upstream_;
  certs::TrustProfilePtr trust_;
  Issuers issuers_;
  bool repair_;
  RunInBackground background_;
  std::shared_ptr<Fetches> fetches_ = std::make_shared<Fetches>();
  mutable std::mutex mutex_;
  mutable std::map<certs::Sha256, SteadyTime> good_until_;  // by hash of the whole list
  mutable std::map<certs::Sha256, SteadyTime> asked_at_;    // AIA, in the background
};

// Judges as verify() will, as far as foresee() knows.
std::shared_ptr<const tls::PeerVerifier> foresight_of(
    std::shared_ptr<const UpstreamVerifier> verifier);

}  // namespace chainmend::serving
