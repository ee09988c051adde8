#include "certs/path_rules.h"

#include <openssl/err.h>
#include <openssl/x509_vfy.h>

#include <algorithm>

namespace chainmend::certs {

namespace {

bool repeats(std::span<const Certificate* const> path, const Certificate& issuer) {
  return std::any_of(path.begin(), path.end(),
                     [&](const Certificate* below) { return below->entity() == issuer.entity(); });
}

// Intermediates below, not counting the leaf nor self-issued ones.
std::size_t counted_length(std::span<const Certificate* const> path) {
  return static_cast<std::size_t>(
      std::count_if(path.begin() + 1, path.end(),
                    [](const Certificate* below) { return !below->self_issued(); }));
}

}  // namespace

std::size_t PathRules::PairHash::operator()(const Pair& pair) const noexcept {
  const std::hash<const Certificate*> hash;
  return hash(pair.issuer) * 31 + hash(pair.below);
}

std::optional<Reason> PathRules::refuse(std::span<const Certificate* const> path,
                                        const Certificate& issuer) {
  if (repeats(path, issuer)) {
    return Reason::loop;
  }
  if (issuer.path_length() && counted_length(path) > *issuer.path_length()) {
    return Reason::path_length;
  }
  if (issuer.name_constraints() != nullptr) {
    for (const Certificate* below : path) {
      const bool is_leaf = below == path.front();
      if ((is_leaf || !below->self_issued()) && !permits(issuer, *below, is_leaf)) {
        return Reason::name_constraints;
      }
    }
  }
  return std::nullopt;
}

bool PathRules::permits(const Certificate& issuer, const Certificate& below, bool is_leaf) {
  const auto [known, is_new] = permitted_.try_emplace(Pair{&issuer, &below}, false);
  if (is_new) {
    auto* constraints = const_cast<NAME_CONSTRAINTS*>(issuer.name_constraints());  // read only
    ERR_clear_error();
    known->second = NAME_CONSTRAINTS_check(below.x509(), constraints) == X509_V_OK &&
                    (!is_leaf || below.has_dns_names() ||
                     NAME_CONSTRAINTS_check_CN(below.x509(), constraints) == X509_V_OK);
    ERR_clear_error();
  }
  return known->second;
}

}  // namespace chainmend::certs
