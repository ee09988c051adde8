#include "certs/root_store.h"

#include <map>
#include <unordered_map>
#include <utility>

namespace chainmend::certs {

namespace {

using Kind = RootProblem::Kind;

std::string place_of(const FoundCertificate& found) {
  return found.line == 0 ? found.file : found.file + ":" + std::to_string(found.line);
}

class Examination {
 public:
  explicit Examination(Time at) : at_(at) {}

  void examine(const FoundCertificate& found) {
    const Certificate& root = *found.certificate;
    const auto [first, is_new] = by_fingerprint_.try_emplace(root.fingerprint(), &found);
    if (!is_new) {
      report(Kind::duplicate, found, "is the same certificate as at " + place_of(*first->second));
      return;  // what else is wrong with it was said there
    }
    examine_signature(found);
    if (root.ca_flag() == CaFlag::no || !root.may_sign_certificates()) {
      report(Kind::not_a_ca, found, "is no CA");
    }
    if (at_ < root.not_before()) {
      report(Kind::not_yet_valid, found, "is not valid before " + format_time(root.not_before()));
    } else if (root.not_after() < at_) {
      report(Kind::expired, found, "expired at " + format_time(root.not_after()));
    }
    const auto [twin, alone] =
        by_subject_and_key_.try_emplace({root.subject_key(), root.spki_hash()}, &found);
    if (!alone) {
      report(Kind::same_key, found,
             "has the name and key of the one at " + place_of(*twin->second));
    }
  }

  std::vector<RootProblem> take(const std::vector<FoundCertificate>& store) {
    if (store.size() > kMaxRootsOfOldClients) {
      const FoundCertificate& first_too_many = store[kMaxRootsOfOldClients];
      problems_.push_back({Kind::too_many,
                           "there are " + std::to_string(store.size()) +
                               " roots, and old clients (Lync, Schannel) look at the first " +
                               std::to_string(kMaxRootsOfOldClients) + " only",
                           first_too_many.file, first_too_many.line});
    }
    return std::move(problems_);
  }

 private:
  void examine_signature(const FoundCertificate& found) {
    const Certificate& root = *found.certificate;
    if (!root.self_issued()) {
      report(
          Kind::not_self_signed, found,
          "is no root: it was issued by '" + root.issuer() +
              "'; Windows servers that find such a one among the roots trust no client any more");
    } else if (!root.self_signed()) {
      report(Kind::bad_self_signature, found,
             "names itself as its issuer, but its key did not sign it");
    }
  }

  void report(Kind kind, const FoundCertificate& found, const std::string& what) {
    problems_.push_back(
        {kind, "'" + found.certificate->subject() + "' " + what, found.file, found.line});
  }

  Time at_;
  std::vector<RootProblem> problems_;
  std::unordered_map<Sha256, const FoundCertificate*, Sha256Hash> by_fingerprint_;
  std::map<std::pair<std::string, Sha256>, const FoundCertificate*> by_subject_and_key_;
};

}  // namespace

std::vector<RootProblem> examine_roots(const std::vector<FoundCertificate>& store, Time at) {
  Examination examination(at);
  for (const FoundCertificate& found : store) {
    examination.examine(found);
  }
  return examination.take(store);
}

}  // namespace chainmend::certs
