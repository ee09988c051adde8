#include "proxy/tls/policy.h"

#include <openssl/crypto.h>
#include <openssl/err.h>

#include <algorithm>
#include <utility>

#include "certs/openssl.h"
#include "proxy/clients/client_hello.h"
#include "proxy/tls/dh_group.h"
#include "proxy/tls/openssl_ssl.h"
#include "proxy/tls/probe.h"

namespace chainmend::tls {
namespace {

using Names = std::vector<std::string>;

Names operator+(Names list, const Names& more) {
  list.insert(list.end(), more.begin(), more.end());
  return list;
}

std::string join(const Names& names) {
  std::string text;
  for (const std::string& name : names) {
    text += (text.empty() ? "" : ":") + name;
  }
  return text;
}

std::vector<TlsPolicy> make_builtin_policies() {
  const Names tls13 = {"TLS_AES_128_GCM_SHA256", "TLS_AES_256_GCM_SHA384",
                       "TLS_CHACHA20_POLY1305_SHA256"};
  const Names ecdhe_aead = {"ECDHE-ECDSA-AES128-GCM-SHA256", "ECDHE-RSA-AES128-GCM-SHA256",
                            "ECDHE-ECDSA-AES256-GCM-SHA384", "ECDHE-RSA-AES256-GCM-SHA384",
                            "ECDHE-ECDSA-CHACHA20-POLY1305", "ECDHE-RSA-CHACHA20-POLY1305"};
  const Names dhe_aead = {"DHE-RSA-AES128-GCM-SHA256", "DHE-RSA-AES256-GCM-SHA384"};
  const Names ecdhe_cbc = {"ECDHE-ECDSA-AES128-SHA256", "ECDHE-RSA-AES128-SHA256",
                           "ECDHE-ECDSA-AES128-SHA",    "ECDHE-RSA-AES128-SHA",
                           "ECDHE-ECDSA-AES256-SHA",    "ECDHE-RSA-AES256-SHA"};
  const Names rsa = {"AES128-GCM-SHA256", "AES256-GCM-SHA384", "AES128-SHA256",
                     "AES256-SHA256",     "AES128-SHA",        "AES256-SHA"};
  // Behind plain RSA on purpose: Java 6 and 7 offer DHE but give up on groups over 1024 bits.
  const Names dhe_cbc = {"DHE-RSA-AES128-SHA", "DHE-RSA-AES256-SHA"};

  // Mozilla, Server Side TLS 6.0, "modern" and "intermediate"; without X25519MLKEM768, which comes
  // with OpenSSL 3.5.
  TlsPolicy modern;
  modern.name = "modern";
  modern.min_version = TLS1_3_VERSION;
  modern.suites = tls13;
  modern.groups = {"X25519", "P-256", "P-384"};

  TlsPolicy intermediate = modern;
  intermediate.name = "intermediate";
  intermediate.base = modern.name;
  intermediate.min_version = TLS1_2_VERSION;
  intermediate.ciphers = ecdhe_aead;

  TlsPolicy compatible = intermediate;
  compatible.name = "compatible-tls12";
  compatible.base = intermediate.name;
  compatible.ciphers = ecdhe_aead + dhe_aead + ecdhe_cbc + rsa;
  compatible.groups = intermediate.groups + Names{"P-521"};

  TlsPolicy legacy = compatible;
  legacy.name = "legacy-tls10";
  legacy.base = compatible.name;
  legacy.min_version = TLS1_VERSION;
  legacy.ciphers = compatible.ciphers + dhe_cbc;
  legacy.tickets = false;
  legacy.empty_fragments = false;
  return {modern, intermediate, compatible, legacy};
}

std::uint64_t options_of(const TlsPolicy& policy) {
  return SSL_OP_CIPHER_SERVER_PREFERENCE | SSL_OP_PRIORITIZE_CHACHA |
         (policy.tickets ? 0 : SSL_OP_NO_TICKET) |
         (policy.empty_fragments ? 0 : SSL_OP_DONT_INSERT_EMPTY_FRAGMENTS);
}

// Every suite that this OpenSSL has, at any security level, and that authenticates with a
// certificate.
Names known_suites(bool tls13) {
  const SslCtxPtr context = new_context(TLS_method());
  SSL_CTX_set_security_level(context.get(), 0);
  SSL_CTX_set_cipher_list(context.get(), "ALL:!aNULL:!PSK:!SRP");
  SSL_CTX_set_ciphersuites(
      context.get(),
      "TLS_AES_128_GCM_SHA256:TLS_AES_256_GCM_SHA384:TLS_CHACHA20_POLY1305_SHA256:"
      "TLS_AES_128_CCM_SHA256:TLS_AES_128_CCM_8_SHA256");
  const STACK_OF(SSL_CIPHER)* ciphers = SSL_CTX_get_ciphers(context.get());
  Names names;
  for (int i = 0; i < sk_SSL_CIPHER_num(ciphers); ++i) {
    const SSL_CIPHER* cipher = sk_SSL_CIPHER_value(ciphers, i);
    if ((std::string_view(SSL_CIPHER_get_version(cipher)) == "TLSv1.3") == tls13) {
      names.emplace_back(SSL_CIPHER_get_name(cipher));
    }
  }
  ERR_clear_error();
  return names;
}

std::string unknown_suite(const std::string& name, bool tls13) {
  const auto contains = [&](std::string_view part) { return name.find(part) != std::string::npos; };
  std::string text = "'" + name + "' is no " +
                     (tls13 ? "TLS 1.3 suite" : "suite for TLS 1.2 and older") +
                     " of this OpenSSL " + OpenSSL_version(OPENSSL_VERSION_STRING);
  if (contains("RC4") || contains("DES") || contains("EXP") || contains("SEED") ||
      contains("IDEA")) {
    text +=
        ", which is built without RC4, DES and 3DES: deploy/openssl-weak.md tells how to build "
        "chainmend with one that has RC4 and 3DES";
  } else if (!tls13 && name.starts_with("TLS_")) {
    text += ": name it as `openssl ciphers` does, such as AES128-SHA";
  }
  return text;
}

void check_suites(const Names& wanted, bool tls13, std::vector<PolicyProblem>& problems) {
  const Names known = known_suites(tls13);
  for (const std::string& name : wanted) {
    if (std::ranges::find(known, name) == known.end()) {
      problems.push_back(
          {tls13 ? PolicyField::suites : PolicyField::ciphers, unknown_suite(name, tls13)});
    }
  }
}

void check_groups(const Names& wanted, std::vector<PolicyProblem>& problems) {
  const SslCtxPtr context = new_context(TLS_method());
  for (const std::string& name : wanted) {
    if (name.find(':') != std::string::npos ||
        SSL_CTX_set1_groups_list(context.get(), name.c_str()) != 1) {
      problems.push_back({PolicyField::groups, "'" + name + "' is no group of this OpenSSL"});
    }
  }
  ERR_clear_error();
  if (wanted.empty()) {
    problems.push_back({PolicyField::groups, "no group is left for the key exchange"});
  }
}

// A small group in the legacy policy's range would be that of TLS 1.2 clients that do without it.
void check_dh(const TlsPolicy& policy, std::vector<PolicyProblem>& problems) {
  if (policy.dh_bits < 2048 && policy.max_version >= TLS1_2_VERSION) {
    problems.push_back(
        {PolicyField::dh_bits, "dh_bits " + std::to_string(policy.dh_bits) +
                                   " is for old clients alone: give the policy max 1.0 or 1.1"});
  }
}

// The proof that counts: a client that takes anything completes a handshake at each version of the
// range.
void check_versions(const TlsPolicy& policy, std::vector<PolicyProblem>& problems) {
  for (std::uint16_t version = policy.min_version; version <= policy.max_version; ++version) {
    const bool tls13 = version == TLS1_3_VERSION;
    const SslCtxPtr server = new_context(TLS_server_method());
    const SslCtxPtr client = make_probe_client();
    Result<void> tried = apply_policy(server.get(), policy);
    if (tried) {
      use_probe_certificates(server.get());
      SSL_CTX_set_min_proto_version(client.get(), version);
      SSL_CTX_set_max_proto_version(client.get(), version);
      tried = probe_handshake(server.get(), client.get());
    }
    if (!tried) {
      problems.push_back({tls13 ? PolicyField::suites : PolicyField::ciphers,
                          std::string("no client can complete ") + clients::version_label(version) +
                              " with this policy on this OpenSSL: " + tried.error().text});
    }
  }
}

}  // namespace

std::string version_name(std::uint16_t version) {
  const std::string label = clients::version_label(version);
  return label.starts_with("tls") ? "TLS " + label.substr(3) : label == "ssl3" ? "SSL 3" : label;
}

const std::vector<TlsPolicy>& builtin_policies() {
  static const std::vector<TlsPolicy> policies = make_builtin_policies();
  return policies;
}

const TlsPolicy* find_builtin_policy(std::string_view name) {
  const auto found = std::ranges::find(builtin_policies(), name, &TlsPolicy::name);
  return found == builtin_policies().end() ? nullptr : &*found;
}

TlsPolicy customise(const TlsPolicy& base, std::string name, const PolicyChanges& changes) {
  TlsPolicy policy = base;
  policy.name = std::move(name);
  policy.base = base.name;
  policy.min_version = changes.min_version.value_or(base.min_version);
  policy.max_version = changes.max_version.value_or(base.max_version);
  policy.ciphers = changes.ciphers.value_or(base.ciphers);
  policy.suites = changes.suites.value_or(base.suites);
  policy.groups = changes.groups.value_or(base.groups);
  policy.tickets = changes.tickets.value_or(base.tickets);
  policy.empty_fragments = changes.empty_fragments.value_or(base.empty_fragments);
  policy.dh_bits = changes.dh_bits.value_or(base.dh_bits);
  return policy;
}

std::vector<PolicyProblem> verify_policy(const TlsPolicy& policy) {
  std::vector<PolicyProblem> problems;
  if (policy.min_version > policy.max_version) {
    problems.push_back(
        {PolicyField::min, std::string("min ") + clients::version_label(policy.min_version) +
                               " is above max " + clients::version_label(policy.max_version)});
  }
  check_suites(policy.ciphers, false, problems);
  check_suites(policy.suites, true, problems);
  check_groups(policy.groups, problems);
  check_dh(policy, problems);
  if (problems.empty()) {
    check_versions(policy, problems);
  }
  return problems;
}

Result<void> apply_policy(SSL_CTX* context, const TlsPolicy& policy) {
  const certs::EvpPkeyPtr dh_group = make_dh_group(policy.dh_bits);
  ERR_clear_error();
  SSL_CTX_set_security_level(context, policy.security_level());
  SSL_CTX_clear_options(context, SSL_OP_NO_TICKET | SSL_OP_DONT_INSERT_EMPTY_FRAGMENTS);
  SSL_CTX_set_options(context, options_of(policy));
  // An empty list would leave OpenSSL's defaults in force; it is right only where no version needs
  // the list.
  const bool needs_ciphers = policy.min_version < TLS1_3_VERSION;
  if ((needs_ciphers && policy.ciphers.empty()) ||
      (!policy.ciphers.empty() &&
       SSL_CTX_set_cipher_list(context, join(policy.ciphers).c_str()) != 1)) {
    ERR_clear_error();
    return fail("policy '" + policy.name + "' has no usable suite for TLS 1.2 and older");
  }
  if ((policy.max_version >= TLS1_3_VERSION && policy.suites.empty()) ||
      SSL_CTX_set_ciphersuites(context, join(policy.suites).c_str()) != 1) {
    ERR_clear_error();
    return fail("policy '" + policy.name + "' has no usable suite for TLS 1.3");
  }
  if (SSL_CTX_set_min_proto_version(context, policy.min_version) != 1 ||
      SSL_CTX_set_max_proto_version(context, policy.max_version) != 1 ||
      SSL_CTX_set1_groups_list(context, join(policy.groups).c_str()) != 1 || dh_group == nullptr ||
      SSL_CTX_set0_tmp_dh_pkey(context, certs::up_ref(dh_group.get()).release()) != 1) {
    return fail("policy '" + policy.name +
                "' does not work on this OpenSSL: " + certs::drain_openssl_errors());
  }
  return {};
}

void apply_policy(SSL* ssl, const TlsPolicy& policy) {
  SSL_set_min_proto_version(ssl, policy.min_version);
  SSL_set_max_proto_version(ssl, policy.max_version);
  SSL_clear_options(ssl, SSL_OP_NO_TICKET | SSL_OP_DONT_INSERT_EMPTY_FRAGMENTS);
  SSL_set_options(ssl, options_of(policy));
  SSL_set1_groups_list(ssl, join(policy.groups).c_str());
}

std::string describe(const TlsPolicy& policy) {
  return policy.name + " " + clients::version_label(policy.min_version) + "-" +
         clients::version_label(policy.max_version) + " ciphers=" + join(policy.ciphers) +
         " suites=" + join(policy.suites) + " groups=" + join(policy.groups) +
         " level=" + std::to_string(policy.security_level()) + (policy.tickets ? " tickets" : "") +
         (policy.empty_fragments ? " empty-fragments" : "") +
         " dh=" + std::to_string(policy.dh_bits);
}

}  // namespace chainmend::tls
