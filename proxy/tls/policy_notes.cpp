#include "proxy/tls/policy_notes.h"

#include <algorithm>

namespace chainmend::tls {

std::vector<std::string> policy_notes(const TlsPolicy& policy, const Capability& capability) {
  std::vector<std::string> notes;
  if (policy.min_version > TLS1_VERSION) {
    return notes;
  }
  if (!capability.rc4 && !capability.triple_des) {
    notes.emplace_back(
        "clients that offer nothing but RC4 or 3DES fail as library_unsupported: this OpenSSL has "
        "neither (deploy/openssl-weak.md)");
  }
  const auto is_dhe = [](const std::string& suite) { return suite.starts_with("DHE-"); };
  if (std::ranges::any_of(policy.ciphers, is_dhe)) {
    notes.push_back(policy.dh_bits > 1024
                        ? "DHE suites use a group of " + std::to_string(policy.dh_bits) +
                              " bits; Java 6 and 7 take at most 1024 and need another suite, or "
                              "a policy of their own with max 1.1 and dh_bits 1024"
                        : "DHE suites use a well-known group of 1024 bits, for Java 6 and 7; it "
                          "is within reach of a state (Logjam): keep it to those who need it");
  }
  return notes;
}

}  // namespace chainmend::tls
