#include "certs/leaf_file.h"

#include <fmt/format.h>

#include <algorithm>
#include <unordered_set>

namespace chainmend::certs {

namespace {

bool issued_another(const std::vector<FoundCertificate>& found, const Certificate& issuer) {
  return std::ranges::any_of(found, [&](const FoundCertificate& other) {
    return other.certificate->fingerprint() != issuer.fingerprint() &&
           other.certificate->issuer_key() == issuer.subject_key();
  });
}

}  // namespace

LeafFile make_leaf_file(const std::vector<FoundCertificate>& found, std::size_t leaf) {
  LeafFile file{.leaf = found[leaf].certificate, .extras = {}, .given = {}};
  for (const FoundCertificate& one : found) {
    file.given.push_back(one.certificate);
    if (one.certificate->fingerprint() != file.leaf->fingerprint()) {
      file.extras.push_back({one.certificate, Origin::leaf_file, one.file});
    }
  }
  return file;
}

std::size_t pick_leaf(const std::vector<FoundCertificate>& found) {
  auto leaf = std::ranges::find_if(found, [](const FoundCertificate& one) {
    return one.certificate->ca_flag() != CaFlag::yes && !one.certificate->self_issued();
  });
  if (leaf == found.end()) {
    leaf = std::ranges::find_if(found, [&](const FoundCertificate& one) {
      return !issued_another(found, *one.certificate);
    });
  }
  return leaf == found.end() ? 0 : static_cast<std::size_t>(leaf - found.begin());
}

std::vector<std::string> describe_repairs(std::span<const CertificatePtr> given,
                                          std::span<const Candidate> served) {
  std::vector<std::string> repairs;
  std::vector<std::size_t> places;  // in served, of the given that are served
  std::unordered_set<Sha256, Sha256Hash> met;
  for (const CertificatePtr& one : given) {
    const std::string name = "'" + one->subject() + "'";
    if (!met.insert(one->fingerprint()).second) {
      repairs.push_back(name + " was there more than once");
      continue;
    }
    const auto place = std::ranges::find_if(served, [&](const Candidate& candidate) {
      return candidate.certificate->fingerprint() == one->fingerprint();
    });
    if (place != served.end()) {
      places.push_back(static_cast<std::size_t>(place - served.begin()));
    } else if (one->self_signed()) {
      repairs.push_back("the root " + name + " was left off");
    } else {
      repairs.push_back(name + " is not part of the chain and was left off");
    }
  }
  if (!places.empty() && places.front() != 0) {
    repairs.emplace_back("the leaf was not first");
  } else if (!std::ranges::is_sorted(places)) {
    repairs.emplace_back("the certificates were out of order");
  }
  return repairs;
}

}  // namespace chainmend::certs
