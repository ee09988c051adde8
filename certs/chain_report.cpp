#include "certs/chain_report.h"

#include <nlohmann/json.hpp>

namespace chainmend::certs {

namespace {

using Json = nlohmann::ordered_json;

Json key_id(const std::optional<Bytes>& id) { return id ? Json(hex_colons(*id)) : Json(nullptr); }

Json link(const Candidate& candidate) {
  const Certificate& one = *candidate.certificate;
  Json json{{"pem", one.pem()},
            {"sha256", hex(one.fingerprint())},
            {"subject", one.subject()},
            {"issuer", one.issuer()},
            {"key_id", key_id(one.subject_key_id())},
            {"key", one.key_description()},
            {"not_before", format_time(one.not_before())},
            {"not_after", format_time(one.not_after())},
            {"source", to_string(candidate.origin)}};
  if (!candidate.location.empty()) {
    json["location"] = candidate.location;
  }
  return json;
}

Json anchor_of(const ServedChain& chain) {
  if (chain.anchor == nullptr) {
    return nullptr;
  }
  return {{"sha256", hex(chain.anchor->fingerprint())},
          {"subject", chain.anchor->subject()},
          {"not_after", format_time(chain.anchor->not_after())},
          {"profile", chain.profile}};
}

Json failure_of(const ServedChain& chain) {
  if (!chain.failure) {
    return nullptr;
  }
  const Failure& failure = *chain.failure;
  return {{"reason", to_string(failure.reason)},
          {"text", failure.describe()},
          {"at", failure.at->subject()},
          {"missing_issuer", failure.at->issuer()},
          {"key_id", key_id(failure.at->authority().key_id)},
          {"aia_urls", failure.at->aia_urls()}};
}

Json rejections_of(const ServedChain& chain) {
  Json all = Json::array();
  for (const Rejection& rejection : chain.rejected) {
    all.push_back({{"sha256", hex(rejection.issuer.certificate->fingerprint())},
                   {"subject", rejection.issuer.certificate->subject()},
                   {"issuer_of", rejection.child->subject()},
                   {"source", to_string(rejection.issuer.origin)},
                   {"reason", to_string(rejection.reason)},
                   {"text", rejection.describe()}});
  }
  return all;
}

}  // namespace

nlohmann::ordered_json to_json(const ServedChain& chain) {
  Json links = Json::array();
  for (const Candidate& served : chain.certificates) {
    links.push_back(link(served));
  }
  return {{"complete", chain.complete},      {"anchor", anchor_of(chain)},
          {"chain", std::move(links)},       {"failure", failure_of(chain)},
          {"warnings", chain.warnings},      {"repairs", chain.repairs},
          {"rejected", rejections_of(chain)}};
}

std::string to_pem(const ServedChain& chain) {
  std::string pem;
  for (const Candidate& served : chain.certificates) {
    pem += served.certificate->pem();
  }
  return pem;
}

}  // namespace chainmend::certs
