#include "proxy/serving/client_verifier.h"

#include <algorithm>
#include <chrono>
#include <utility>

#include "proxy/serving/upstream_verifier.h"

namespace chainmend::serving {

namespace {

using tls::ClientJudgement;
using tls::Reason;

// A handshake holds up all that its worker serves: a path of phones has a handful of signatures.
constexpr certs::SearchBudget kBudget{
    .signature_checks = 32, .steps = 4'000, .wall = std::chrono::milliseconds(50), .waits = 0};

certs::SearchOptions options_for(const config::ClientCertificates& terms) {
  certs::SearchOptions options;
  options.use = terms.purposes == config::ClientPurpose::any ? certs::Use::any : certs::Use::client;
  options.budget = kBudget;
  options.budget.depth = terms.depth;
  return options;
}

std::string quoted(const certs::Certificate& certificate) {
  return "'" + certificate.subject() + "'";
}

}  // namespace

ClientVerifier::ClientVerifier(std::string listener, certs::TrustProfilePtr trust, Issuers issuers,
                               std::shared_ptr<const certs::RevocationLists> revoked,
                               const config::ClientCertificates& terms)
    : listener_(std::move(listener)),
      trust_(std::move(trust)),
      issuers_(std::move(issuers)),
      revoked_(std::move(revoked)),
      options_(options_for(terms)),
      hard_(terms.revocation == config::Revocation::hard) {}

ClientJudgement ClientVerifier::judge(const std::vector<certs::CertificatePtr>& list) const {
  const certs::SearchResult found =
      judge_list(list, *trust_, issuers_.at_hand_for_stranger(), options_);
  if (!found.complete) {
    return refuse(*found.failure);
  }
  if (auto revoked = refuse_revoked(found.path)) {
    return *std::move(revoked);
  }
  ClientJudgement good;
  good.good_until = found.path.front().certificate->not_after();
  for (std::size_t i = 0; i < found.path.size(); ++i) {
    const certs::CertificatePtr& link = found.path[i].certificate;
    const bool is_root = i > 0 && i + 1 == found.path.size();
    if (!is_root) {
      good.good_until = std::min(good.good_until, link->not_after());
      good.path.push_back(link);
    }
  }
  return good;
}

ClientJudgement ClientVerifier::refuse(const certs::Failure& failure) const {
  ClientJudgement judgement;
  judgement.text = "the client's certificate is not taken: " + failure.describe();
  switch (failure.reason) {
    case certs::Reason::expired:
    case certs::Reason::not_yet_valid:
      judgement.reason = Reason::client_cert_expired;
      break;
    case certs::Reason::not_for_clients:
      judgement.reason = Reason::client_cert_unsuitable;
      judgement.text += "; purposes: any in client_certificate of listener " + listener_ +
                        " takes it all the same";
      break;
    case certs::Reason::broken_extension:
    case certs::Reason::critical_extension:
      judgement.reason = Reason::client_cert_unsuitable;
      break;
    case certs::Reason::depth:
      judgement.reason = Reason::client_cert_untrusted;
      judgement.text += "; client_certificate.depth of listener " + listener_ + " is " +
                        std::to_string(options_.budget.depth);
      break;
    default:
      judgement.reason = Reason::client_cert_untrusted;
      judgement.text +=
          "; client_certificate.trust of listener " + listener_ + " says whose are taken";
      break;
  }
  return judgement;
}

std::optional<ClientJudgement> ClientVerifier::refuse_revoked(
    const std::vector<certs::Candidate>& path) const {
  using Answer = certs::RevocationLists::Answer;
  if (revoked_ == nullptr) {
    return std::nullopt;
  }
  const auto now = std::chrono::floor<std::chrono::seconds>(std::chrono::system_clock::now());
  for (std::size_t i = 0; i + 1 < path.size(); ++i) {
    const certs::Certificate& one = *path[i].certificate;
    const Answer answer = revoked_->ask(one, *path[i + 1].certificate, now);
    if (answer == Answer::revoked) {
      return ClientJudgement{Reason::client_cert_revoked,
                             "its CA has revoked the client's certificate: " + quoted(one) +
                                 " is in client_certificate.crls of listener " + listener_,
                             {},
                             {}};
    }
    if (hard_ && answer != Answer::good) {
      return ClientJudgement{
          Reason::client_cert_revoked,
          "whether the client's certificate was revoked is not known: the list of '" +
              one.issuer() + "' " + (answer == Answer::stale ? "is out of date" : "is missing") +
              " in client_certificate.crls of listener " + listener_ +
              "; revocation: soft takes it all the same",
          {},
          {}};
    }
  }
  return std::nullopt;
}

}  // namespace chainmend::serving
