// IssuerSet: a bundle of certificates indexed by subject. Immutable once built, so that every
// thread may ask it.
#pragma once

#include <memory>
#include <string>
#include <unordered_map>
#include <vector>

#include "certs/certificate.h"
#include "certs/issuer_source.h"

namespace chainmend::certs {

class IssuerSet {
 public:
  IssuerSet() = default;
  // Byte-identical certificates are kept once, as first given.
  explicit IssuerSet(std::vector<Candidate> candidates);

  // Every certificate of that subject (Certificate::subject_key()).
  const std::vector<Candidate>& with_subject(const std::string& subject_key) const;
  std::size_t size() const { return size_; }

 private:
  std::unordered_map<std::string, std::vector<Candidate>> by_subject_;
  std::size_t size_ = 0;
};

// IssuerSetSource answers a search out of a shared IssuerSet. Cheap to make, one per search.
class IssuerSetSource final : public IssuerSource {
 public:
  explicit IssuerSetSource(std::shared_ptr<const IssuerSet> set) : set_(std::move(set)) {}
  std::vector<Candidate> issuers_of(const Certificate& child) override;
  bool may_wait() const override { return false; }

 private:
  std::shared_ptr<const IssuerSet> set_;
};

}  // namespace chainmend::certs
