#include "certs/issuer_set.h"

#include <unordered_set>

namespace chainmend::certs {

IssuerSet::IssuerSet(std::vector<Candidate> candidates) {
  std::unordered_set<Sha256, Sha256Hash> met;
  for (Candidate& candidate : candidates) {
    const Certificate& certificate = *candidate.certificate;
    if (met.insert(certificate.fingerprint()).second) {
      by_subject_[certificate.subject_key()].push_back(std::move(candidate));
    }
  }
  size_ = met.size();
}

const std::vector<Candidate>& IssuerSet::with_subject(const std::string& subject_key) const {
  static const std::vector<Candidate> kNone;
  const auto found = by_subject_.find(subject_key);
  return found == by_subject_.end() ? kNone : found->second;
}

std::vector<Candidate> IssuerSetSource::issuers_of(const Certificate& child) {
  return set_->with_subject(child.issuer_key());
}

}  // namespace chainmend::certs
