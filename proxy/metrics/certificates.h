// CertificateState: what the metrics say of a certificate in service. A value, replaced as a whole
// when a snapshot is.
#pragma once

#include <chrono>
#include <compare>
#include <cstddef>
#include <set>
#include <span>
#include <string>
#include <vector>

namespace chainmend::metrics {

template <typename Owner>
struct Family;

// One configured certificate and the chains served for it.
struct CertificateState {
  struct Leaf {
    std::string subject_cn;
    std::string issuer_cn;
    std::string key_type;  // "RSA 2048"
    auto operator<=>(const Leaf&) const = default;
  };
  struct Chain {
    std::string name;               // variant; the automatic one is "auto"
    bool complete = false;          // a path to a trusted root exists
    std::size_t length = 0;         // certificates sent
    std::set<std::string> sources;  // of those after the leaf: "file", "bundle", "aia", "root"

    static std::span<const Family<Chain>> families();
  };
  std::string name;                    // unique among the states; chain names are unique in it
  std::chrono::sys_seconds not_after;  // earliest of the leaf and the chain served by default
  std::vector<Chain> chains;
  std::set<Leaf> leaves;  // one of each key type, as a rule

  static std::span<const Family<CertificateState>> families();
};

}  // namespace chainmend::metrics
