#include "certs/issuer_check.h"

#include <tuple>

namespace chainmend::certs {

namespace {

std::optional<Reason> refuse_dates(const Certificate& certificate, Time at) {
  if (at < certificate.not_before()) {
    return Reason::not_yet_valid;
  }
  if (at > certificate.not_after()) {
    return Reason::expired;
  }
  return std::nullopt;
}

int place(const IssuerRank& rank) {
  switch (rank.match) {
    case KeyIdMatch::match:
      return rank.trusted ? 0 : 2;
    case KeyIdMatch::no_data:
      return rank.trusted ? 1 : 3;
    case KeyIdMatch::mismatch:
      break;
  }
  return rank.trusted ? 4 : 5;
}

std::optional<Reason> refuse_issuers_use(const Certificate& issuer, Use use) {
  if (use == Use::server && !issuer.may_issue_servers()) {
    return Reason::wrong_purpose;
  }
  return use == Use::client && !issuer.may_issue_clients() ? std::optional(Reason::not_for_clients)
                                                           : std::nullopt;
}

std::optional<Reason> refuse_leafs_use(const Certificate& leaf, Use use) {
  if (use == Use::server && !leaf.may_serve()) {
    return Reason::wrong_purpose;
  }
  return use == Use::client && !leaf.may_authenticate_clients()
             ? std::optional(Reason::not_for_clients)
             : std::nullopt;
}

}  // namespace

KeyIdMatch compare_key_ids(const Certificate& child, const Certificate& issuer) {
  const AuthorityKeyId& wanted = child.authority();
  bool agreed = false;
  if (wanted.key_id && issuer.subject_key_id()) {
    if (*wanted.key_id != *issuer.subject_key_id()) {
      return KeyIdMatch::mismatch;
    }
    agreed = true;
  }
  if (wanted.serial) {
    if (*wanted.serial != issuer.serial()) {
      return KeyIdMatch::mismatch;
    }
    agreed = true;
  }
  if (wanted.issuer_key) {
    if (*wanted.issuer_key != issuer.issuer_key()) {
      return KeyIdMatch::mismatch;
    }
    agreed = true;
  }
  return agreed ? KeyIdMatch::match : KeyIdMatch::no_data;
}

std::optional<Reason> refuse_issuer(const Certificate& child, const Certificate& issuer,
                                    bool trusted, Time at, Use use) {
  if (child.entity() == issuer.entity()) {
    return Reason::loop;
  }
  if (issuer.has_broken_extensions()) {  // first: nothing else that it says can be relied on
    return Reason::broken_extension;
  }
  if (issuer.ca_flag() == CaFlag::no || (issuer.ca_flag() == CaFlag::absent && !trusted)) {
    return Reason::not_a_ca;
  }
  if (!issuer.may_sign_certificates()) {
    return Reason::no_cert_sign;
  }
  if (const auto refused = refuse_issuers_use(issuer, use)) {
    return refused;
  }
  if (issuer.has_unknown_critical_extension()) {
    return Reason::critical_extension;
  }
  return trusted ? std::nullopt : refuse_dates(issuer, at);
}

std::optional<Reason> refuse_leaf(const Certificate& leaf, Time at, Use use) {
  if (leaf.has_broken_extensions()) {
    return Reason::broken_extension;
  }
  if (const auto refused = refuse_dates(leaf, at)) {
    return refused;
  }
  if (const auto refused = refuse_leafs_use(leaf, use)) {
    return refused;
  }
  return leaf.has_unknown_critical_extension() ? std::optional(Reason::critical_extension)
                                               : std::nullopt;
}

bool operator<(const IssuerRank& a, const IssuerRank& b) {
  const auto key = [](const IssuerRank& rank) {
    return std::make_tuple(place(rank), !rank.certificate->self_issued(),
                           -rank.certificate->not_before().time_since_epoch(),
                           -rank.certificate->not_after().time_since_epoch());
  };
  const auto left = key(a);
  const auto right = key(b);
  return left != right ? left < right : a.certificate->fingerprint() < b.certificate->fingerprint();
}

}  // namespace chainmend::certs
