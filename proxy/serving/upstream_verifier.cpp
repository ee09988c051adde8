#include "proxy/serving/upstream_verifier.h"

#include <openssl/sha.h>
#include <openssl/x509v3.h>

#include <utility>

#include "certs/chain_search.h"

namespace chainmend::serving {

namespace {

certs::Sha256 hash_of(const std::vector<certs::CertificatePtr>& list) {
  certs::Bytes all;
  for (const auto& certificate : list) {
    all.insert(all.end(), certificate->fingerprint().begin(), certificate->fingerprint().end());
  }
  certs::Sha256 hash{};
  SHA256(all.data(), all.size(), hash.data());
  return hash;
}

bool belongs_to(const certs::Certificate& leaf, const std::string& host) {
  return X509_check_host(leaf.x509(), host.data(), host.size(), 0, nullptr) == 1 ||
         X509_check_ip_asc(leaf.x509(), host.c_str(), 0) == 1;
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

}  // namespace

UpstreamVerifier::UpstreamVerifier(certs::TrustProfilePtr trust, Issuers issuers, bool repair,
                                   RequestIssuers request)
    : trust_(std::move(trust)),
      issuers_(std::move(issuers)),
      repair_(repair),
      request_(std::move(request)) {}

tls::Result<void> UpstreamVerifier::verify(const std::vector<certs::CertificatePtr>& list,
                                           const std::string& host) const {
  if (!belongs_to(*list.front(), host)) {
    return tls::fail("the certificate is not for " + host + ", but for " + names_of(*list.front()));
  }
  const certs::Sha256 hash = hash_of(list);
  const auto now = std::chrono::steady_clock::now();
  {
    const std::scoped_lock lock(mutex_);
    const auto known = remembered_.find(hash);
    if (known != remembered_.end() && now < known->second.until) {
      return {};
    }
  }
  std::string error = judge(list);
  if (!error.empty()) {
    return tls::fail(std::move(error));
  }
  const std::scoped_lock lock(mutex_);
  if (remembered_.size() >= kRemembered) {
    remembered_.clear();  // an upstream has a handful of certificates; more of them is a fault or a game
  }
  remembered_[hash] = {{}, now + kRememberGood};
  return {};
}

std::string UpstreamVerifier::judge(const std::vector<certs::CertificatePtr>& list) const {
  std::vector<certs::Candidate> sent;
  for (std::size_t i = 1; i < list.size(); ++i) {
    sent.push_back({list[i], certs::Origin::peer, {}});
  }
  IssuerSources sources;
  sources.add(std::make_unique<certs::IssuerSetSource>(
      std::make_shared<certs::IssuerSet>(std::move(sent))));
  const IssuerSources at_hand = issuers_.at_hand();
  if (repair_) {
    for (certs::IssuerSource* source : at_hand.list()) {
      sources.add(*source);
    }
  }
  const certs::SearchResult found = certs::search_chain(
      list.front(), sources.list(), *trust_,
      {.at = std::chrono::floor<std::chrono::seconds>(std::chrono::system_clock::now()),
       .purpose = certs::Purpose::judge});
  if (found.complete) {
    return {};
  }
  if (repair_ && request_ && found.failure->reason == certs::Reason::no_issuer) {
    request_(found.path.empty() ? list.front() : found.path.back().certificate);
  }
  return found.failure->describe();
}

}  // namespace chainmend::serving
