// TlsPolicy: which versions, suites and groups one listener speaks, as plain data. The security
// level follows from the lowest version: OpenSSL 3 refuses TLS 1.0 and 1.1 at any level but 0, with
// alert 80, so a policy that allows them lowers the level by itself, and only on the contexts it is
// applied to.
#pragma once

#include <openssl/ssl.h>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "proxy/tls/result.h"

namespace chainmend::tls {

struct TlsPolicy {
  std::string name;
  std::string base;  // the policy that it was made from; empty: none
  std::uint16_t min_version = TLS1_2_VERSION;
  std::uint16_t max_version = TLS1_3_VERSION;
  std::vector<std::string> ciphers;  // TLS <= 1.2, OpenSSL's names, in the order of preference
  std::vector<std::string> suites;   // TLS 1.3, likewise
  std::vector<std::string> groups;   // for (EC)DHE, likewise
  bool tickets = true;               // false: resumption by session id only
  // An empty record before each CBC record of TLS 1.0 hides the next IV from an attacker (BEAST),
  // but old phones choke on it; clients that matter split their own records.
  bool empty_fragments = true;
  // 1024 (Java 6 and 7 take no more), 2048, 3072 or 4096: of the one group for the DHE suites.
  unsigned dh_bits = 2048;

  bool operator==(const TlsPolicy&) const = default;
  int security_level() const { return min_version < TLS1_2_VERSION ? 0 : 2; }
};

// "TLS 1.0": a version for people.
std::string version_name(std::uint16_t version);

// The built-in policies, strictest first. Each but the first is made from the one before.
//   modern            TLS 1.3
//   intermediate      and TLS 1.2, with forward secrecy and AEAD suites: today's clients
//   compatible-tls12  and CBC and static RSA at TLS 1.2: Windows 7 and 8.1, iOS 6
//   legacy-tls10      and TLS 1.0 and 1.1: old phones, Windows Vista, Java 7
const std::vector<TlsPolicy>& builtin_policies();
const TlsPolicy* find_builtin_policy(std::string_view name);  // null: no such policy

// What an operator may change of a base policy.
struct PolicyChanges {
  std::optional<std::uint16_t> min_version = std::nullopt, max_version = std::nullopt;
  std::optional<std::vector<std::string>> ciphers = std::nullopt, suites = std::nullopt,
                                          groups = std::nullopt;
  std::optional<bool> tickets = std::nullopt, empty_fragments = std::nullopt;
  std::optional<unsigned> dh_bits = std::nullopt;
};
TlsPolicy customise(const TlsPolicy& base, std::string name, const PolicyChanges& changes);

// Where in the policy a problem lies, so that the caller can point at the line.
enum class PolicyField { min, max, ciphers, suites, groups, dh_bits };
struct PolicyProblem {
  PolicyField field;
  std::string text;  // what is wrong and what to do, one sentence
};
// Tries the policy against this OpenSSL: unknown or missing suites and groups, a range or a list
// that leaves nothing to speak. Empty: every version of its range can be spoken with at least one
// suite.
std::vector<PolicyProblem> verify_policy(const TlsPolicy& policy);

// Sets versions, suites, groups, level and options on a context. Fails on what verify_policy
// reports.
Result<void> apply_policy(SSL_CTX* context, const TlsPolicy& policy);
// Sets on one connection what SSL_set_SSL_CTX does not bring along from the context it switches to.
void apply_policy(SSL* ssl, const TlsPolicy& policy);

// Every field in one line of text: equal texts, equal policies. Part of the identity of a session.
std::string describe(const TlsPolicy& policy);

}  // namespace chainmend::tls
