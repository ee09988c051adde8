#include "proxy/serving/upstream_verifier.h"

#include <utility>

#include "certs/host_match.h"
#include "proxy/serving/remedy.h"

namespace chainmend::serving {

namespace {

certs::Sha256 hash_of(const std::vector<certs::CertificatePtr>& list) {
  certs::Bytes all;
  for (const auto& certificate : list) {
    all.insert(all.end(), certificate->fingerprint().begin(), certificate->fingerprint().end());
  }
  return certs::sha256(all);
}

std::string names_of(const certs::Certificate& leaf) {
  std::string text;
  for (const std::string& name : leaf.names()) {
    text += (text.empty() ? "" : ", ") + name;
    if (text.size() > 200) {
      return text + " ...";
    }
  }
  return text.empty() ? "none" : text;
}

// Not when the leaf itself is at fault, or when there were too many certificates already. An
// expired issuer may have a successor, and one with another key a namesake.
bool more_could_help(const certs::Failure& failure) {
  const bool exhausted = failure.reason == certs::Reason::budget_exhausted ||
                         failure.reason == certs::Reason::deadline;
  return !exhausted && (failure.refused == nullptr || failure.refused != failure.at);
}

// Why the list is refused, and the key that mends it.
std::string refusal(const certs::Failure& failure, const std::string& upstream,
                    const Issuers& issuers, bool repair) {
  const config::Aia aia = issuers.aia ? issuers.aia->settings() : config::Aia{config::AiaMode::off};
  return failure.describe() + remedy_for_upstream(failure, upstream, repair ? &aia : nullptr);
}

// Says what an UpstreamVerifier foresees.
class Foresight final : public tls::PeerVerifier {
 public:
  explicit Foresight(std::shared_ptr<const UpstreamVerifier> verifier)
      : verifier_(std::move(verifier)) {}
  tls::Result<void> verify(const std::vector<certs::CertificatePtr>& list,
                           const std::string& host) const override {
    return verifier_->foresee(list, host);
  }

 private:
  std::shared_ptr<const UpstreamVerifier> verifier_;
};

}  // namespace

certs::SearchResult judge_list(const std::vector<certs::CertificatePtr>& list,
                               const certs::TrustProfile& trust, const IssuerSources& more) {
  return judge_list(list, trust, more, {});
}

certs::SearchResult judge_list(const std::vector<certs::CertificatePtr>& list,
                               const certs::TrustProfile& trust, const IssuerSources& more,
                               certs::SearchOptions options) {
  std::vector<certs::Candidate> sent;
  for (std::size_t i = 1; i < list.size(); ++i) {
    sent.push_back({list[i], certs::Origin::peer, {}});
  }
  IssuerSources sources;
  sources.add(std::make_unique<certs::IssuerSetSource>(
      std::make_shared<certs::IssuerSet>(std::move(sent))));
  for (certs::IssuerSource* source : more.list()) {
    sources.add(*source);
  }
  options.at = std::chrono::floor<std::chrono::seconds>(std::chrono::system_clock::now());
  options.purpose = certs::Purpose::judge;
  return certs::search_chain(list.front(), sources.list(), trust, options);
}

UpstreamVerifier::UpstreamVerifier(std::string upstream, certs::TrustProfilePtr trust,
                                   Issuers issuers, bool repair, RunInBackground background)
    : upstream_(std::move(upstream)),
      trust_(std::move(trust)),
      issuers_(std::move(issuers)),
      repair_(repair),
      background_(std::move(background)) {}

tls::Result<void> UpstreamVerifier::check_name(const List& list, const std::string& host) const {
  if (!certs::is_for_host(*list.front(), host)) {
    return tls::fail("the certificate is not for " + host + ", but for " + names_of(*list.front()) +
                     remedy_for_upstream_name(upstream_));
  }
  return {};
}

certs::SearchResult UpstreamVerifier::judge(const List& list) const {
  return judge_list(list, *trust_, repair_ ? issuers_.at_hand_for_stranger() : IssuerSources());
}

tls::Result<void> UpstreamVerifier::foresee(const List& list, const std::string& host) const {
  if (auto named = check_name(list, host); !named) {
    return named;
  }
  const certs::SearchResult found = judge(list);
  if (found.complete || (fetches() && more_could_help(*found.failure))) {
    return {};
  }
  return tls::fail(refusal(*found.failure, upstream_, issuers_, repair_));
}

tls::Result<void> UpstreamVerifier::verify(const List& list, const std::string& host) const {
  if (auto named = check_name(list, host); !named) {
    return named;
  }
  const certs::Sha256 hash = hash_of(list);
  const auto now = std::chrono::steady_clock::now();
  {
    const std::scoped_lock lock(mutex_);
    const auto known = good_until_.find(hash);
    if (known != good_until_.end() && now < known->second) {
      return {};
    }
  }
  const certs::SearchResult found = judge(list);
  if (!found.complete) {
    if (!more_could_help(*found.failure)) {
      return tls::fail(refusal(*found.failure, upstream_, issuers_, repair_));
    }
    const std::string reason = why(hash, *found.failure);
    fetch_issuers(hash, list);
    return tls::fail(reason);
  }
  const std::scoped_lock lock(mutex_);
  if (good_until_.size() >= kRemembered) {
    good_until_.clear();  // an upstream has a handful of lists; more of them is a fault or a game
  }
  good_until_[hash] = now + kRememberGood;
  return {};
}

// What the last fetch for this list had to say includes what is known without it.
std::string UpstreamVerifier::why(const certs::Sha256& hash, const certs::Failure& failure) const {
  const std::scoped_lock lock(fetches_->mutex);
  const auto said = fetches_->failures.find(hash);
  return said == fetches_->failures.end() ? refusal(failure, upstream_, issuers_, repair_)
                                          : said->second;
}

bool UpstreamVerifier::fetches() const {
  return repair_ && background_ && issuers_.aia && issuers_.aia->fetches();
}

void UpstreamVerifier::fetch_issuers(const certs::Sha256& hash, const List& list) const {
  if (!fetches()) {
    return;
  }
  const auto now = std::chrono::steady_clock::now();
  {
    const std::scoped_lock lock(mutex_);
    if (asked_at_.size() >= kRemembered) {
      asked_at_.clear();
    }
    auto& asked = asked_at_[hash];
    if (fetches_->under_way >= kJobs || (asked != SteadyTime() && now < asked + kAskAgain)) {
      return;
    }
    asked = now;
    ++fetches_->under_way;
  }
  background_(
      [hash, list, upstream = upstream_, trust = trust_, issuers = issuers_, fetches = fetches_] {
        const certs::SearchResult found = judge_list(list, *trust, issuers.all_for_stranger());
        const std::scoped_lock lock(fetches->mutex);
        fetches->failures.erase(hash);
        if (fetches->failures.size() >= kRemembered) {
          fetches->failures.clear();
        }
        if (!found.complete) {
          fetches->failures[hash] = refusal(*found.failure, upstream, issuers, true);
        }
        --fetches->under_way;
      });
}

std::shared_ptr<const tls::PeerVerifier> foresight_of(
    std::shared_ptr<const UpstreamVerifier> verifier) {
  return std::make_shared<Foresight>(std::move(verifier));
}

}  // namespace chainmend::serving
