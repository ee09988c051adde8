#include "proxy/diagnose/lint/in_use.h"

#include <algorithm>
#include <unordered_set>
#include <utility>

#include "proxy/diagnose/lint/listed_store.h"
#include "proxy/diagnose/lint/windows_store.h"

namespace chainmend::diagnose {

namespace {

constexpr std::size_t kMaxSignatures = 16;  // tried for one certificate
constexpr std::size_t kMaxSteps = 1000;     // of one walk

std::string user_text(const Entry& user) {
  return place_text(user.place) + " (" + user.certificate->subject() + ")";
}

}  // namespace

InUse::InUse(const LintInput& used, const LintInput& store) {
  for (const LintInput* const input : {&used, &store}) {
    for (const Entry& entry : input->entries) {
      by_subject_.emplace(entry.certificate->subject_key(), entry.certificate.get());
    }
  }
  for (const Entry& entry : used.entries) {
    walk(entry);
  }
}

const std::vector<const certs::Certificate*>& InUse::issuers_of(
    const certs::Certificate& certificate) {
  const auto [known, is_new] = issuers_.try_emplace(certificate.fingerprint());
  if (is_new && !certificate.self_signed()) {
    std::size_t tries = 0;
    const auto [first, last] = by_subject_.equal_range(certificate.issuer_key());
    for (auto at = first; at != last && tries < kMaxSignatures; ++at, ++tries) {
      if (certs::verifies(certificate, *at->second)) {
        known->second.push_back(at->second);
      }
    }
  }
  return known->second;
}

void InUse::walk(const Entry& user) {
  std::unordered_set<std::string> through;
  std::unordered_set<std::string> names;
  std::vector<const certs::Certificate*> waiting{user.certificate.get()};
  std::unordered_set<certs::Sha256, certs::Sha256Hash> seen{user.certificate->fingerprint()};
  for (std::size_t steps = 0; !waiting.empty() && steps < kMaxSteps; ++steps) {
    const certs::Certificate& certificate = *waiting.back();
    waiting.pop_back();
    if (!certificate.self_signed()) {
      names.insert(comparable_name(certificate.issuer()));
    }
    for (const certs::Certificate* const issuer : issuers_of(certificate)) {
      if (seen.insert(issuer->fingerprint()).second) {
        through.insert(certs::thumbprint(issuer->der()));
        waiting.push_back(issuer);
      }
    }
  }
  const auto note = [&user](Users& users) {
    if (users.size() < kMaxUsers) {
      users.push_back(user_text(user));
    }
  };
  for (const std::string& thumbprint : through) {
    note(by_thumbprint_[thumbprint]);
  }
  for (const std::string& name : names) {
    note(by_name_[name]);
  }
}

const std::vector<std::string>& InUse::users_of(const Entry& entry) const {
  const auto found = by_thumbprint_.find(certs::thumbprint(entry.certificate->der()));
  return found == by_thumbprint_.end() ? nobody_ : found->second;
}

const std::vector<std::string>& InUse::users_of(const Listed& listed) const {
  if (const auto found = by_thumbprint_.find(listed.thumbprint); found != by_thumbprint_.end()) {
    return found->second;
  }
  const auto found = by_name_.find(comparable_name(listed.subject));
  return found == by_name_.end() ? nobody_ : found->second;
}

}  // namespace chainmend::diagnose
