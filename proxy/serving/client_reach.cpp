#include "proxy/serving/client_reach.h"

#include <algorithm>
#include <map>
#include <set>
#include <tuple>

#include "proxy/clients/client_hello.h"
#include "proxy/clients/stacks.h"
#include "proxy/tls/connects.h"

namespace chainmend::serving {

namespace {

using clients::ClientStack;
using tls::Connects;
using tls::Obstacle;

bool is_about_certificate(Obstacle obstacle) {
  return obstacle == Obstacle::key_type || obstacle == Obstacle::key_size ||
         obstacle == Obstacle::digest;
}

// Answers of tls::connects(), which replays a handshake for each: the same for all leaves with the
// same kind of key and signature under one policy, so a thousand certificates ask a few times.
class Reach {
 public:
  const Connects& of(const ClientStack& stack, const tls::TlsPolicy& policy,
                     const LoadedCertificate& certificate) {
    const certs::Certificate& leaf = *certificate.file.leaf;
    const auto [known, is_new] = answers_.try_emplace(
        {stack.name, policy.name, leaf.key_description(), X509_get_signature_nid(leaf.x509())});
    if (is_new) {
      known->second =
          tls::connects(stack, policy, {.leaf = leaf.x509(), .key = certificate.key.get()});
    }
    return known->second;
  }

 private:
  std::map<std::tuple<std::string_view, std::string, std::string, int>, Connects> answers_;
};

using Served = std::vector<const LoadedCertificate*>;

Served served_under(const std::vector<config::Located<std::string>>& names,
                    const std::vector<LoadedCertificate>& loaded) {
  Served out;
  for (const auto& name : names) {
    for (const LoadedCertificate& one : loaded) {
      if (one.configured->name == name.value) {
        out.push_back(&one);
      }
    }
  }
  return out;
}

// The answer with the certificate that suits best: any that connects, else any that is at fault.
Connects best(const ClientStack& stack, const tls::TlsPolicy& policy, const Served& served,
              Reach& reach) {
  Connects found;
  for (const LoadedCertificate* certificate : served) {
    found = reach.of(stack, policy, *certificate);
    if (found) {
      break;
    }
  }
  return found;
}

// "ios_6, android_2 (speaks TLS 1.0 at most)": of each reason, whom it stops.
std::string listed(const std::map<std::string, std::string>& names_by_reason) {
  std::string text;
  for (const auto& [why, names] : names_by_reason) {
    text.append(text.empty() ? "" : "; ").append(names).append(" (").append(why).append(")");
  }
  return text;
}

// RSA of 2048 to 4096 bits, signed with SHA-256: no client that can connect at all dislikes these.
bool suits_all(const LoadedCertificate& certificate) {
  X509* const leaf = certificate.file.leaf->x509();
  const EVP_PKEY* const key = X509_get0_pubkey(leaf);
  int digest = NID_undef;
  X509_get_signature_info(leaf, &digest, nullptr, nullptr, nullptr);
  return key != nullptr && EVP_PKEY_is_a(key, "RSA") == 1 && EVP_PKEY_get_bits(key) >= 2048 &&
         EVP_PKEY_get_bits(key) <= 4096 && digest == NID_sha256;
}

// What would be better, unless it is there already.
std::string better_than(const Served& served) {
  const bool has_one = std::ranges::any_of(
      served, [](const LoadedCertificate* certificate) { return suits_all(*certificate); });
  return has_one ? "" : "; a certificate with an RSA key of 2048 bits and SHA-256 suits all";
}

std::string keys_of(const Served& served) {
  std::set<std::string> keys;
  for (const LoadedCertificate* certificate : served) {
    keys.insert(certificate->file.leaf->key_description());
  }
  std::string text;
  for (const std::string& key : keys) {
    text += (text.empty() ? "" : ", ") + key;
  }
  return text;
}

void lint_listener(const config::Listener& listener, const tls::TlsPolicy& policy,
                   const std::vector<LoadedCertificate>& loaded, Reach& reach, Findings& findings) {
  const Served served = served_under(listener.certificates, loaded);
  if (served.empty()) {
    return;
  }
  std::map<std::string, std::string> unsuited;  // names of clients, by what is in their way
  Connects last;
  bool any = false;  // client that connects
  for (const ClientStack& stack : clients::client_stacks()) {
    const Connects answer = best(stack, policy, served, reach);
    any = any || answer;
    if (is_about_certificate(answer.obstacle)) {
      std::string& names = unsuited[answer.why];
      names += (names.empty() ? "" : ", ") + std::string(stack.name);
    }
    if (is_about_certificate(answer.obstacle) || answer.obstacle == Obstacle::policy) {
      last = answer;
    }
  }
  if (!any && !last.why.empty()) {
    findings.errors.push_back(
        {listener.at, "listener " + listener.name +
                          ": no client can connect "
                          "under policy " +
                          policy.name + " with its certificates (" + keys_of(served) +
                          "): " + last.why + "; an RSA key of 2048 bits or one on P-256 will do"});
    return;
  }
  if (unsuited.empty()) {
    return;
  }
  const bool for_old_ones = policy.min_version < clients::kTls12;
  (for_old_ones ? findings.warnings : findings.notes)
      .push_back({listener.at, "listener " + listener.name + ": policy " + policy.name +
                                   " would take these clients, and none of its certificates (" +
                                   keys_of(served) + ") suits them: " + listed(unsuited) +
                                   better_than(served)});
}

void lint_for_clients(const config::Listener& listener, const config::ForClients& some,
                      const tls::TlsPolicy& policy, const std::vector<LoadedCertificate>& loaded,
                      Reach& reach, Findings& findings) {
  const Served served = served_under(listener.certificates_of(some), loaded);
  const auto stacks = clients::stacks_of(some.client_type.value);
  if (served.empty() || stacks.empty()) {
    return;
  }
  Connects last;
  for (const ClientStack* stack : stacks) {
    last = best(*stack, policy, served, reach);
    if (last || last.obstacle == Obstacle::policy) {
      return;
    }
  }
  findings.warnings.push_back({some.at, "listener " + listener.name + ": no " +
                                            some.client_type.value + " can connect with policy " +
                                            policy.name + " and these certificates (" +
                                            keys_of(served) + "): " + last.why});
}

}  // namespace

void lint_client_reach(const config::Config& config,
                       const std::map<std::string, tls::TlsPolicy>& policies,
                       const std::vector<LoadedCertificate>& loaded, Findings& findings) {
  Reach reach;
  for (const config::Listener& listener : config.listeners) {
    if (!listener.tls) {
      continue;
    }
    lint_listener(listener, policies.at(listener.policy.value), loaded, reach, findings);
    for (const config::ForClients& some : listener.for_clients) {
      const std::string& policy = some.policy ? some.policy->value : listener.policy.value;
      lint_for_clients(listener, some, policies.at(policy), loaded, reach, findings);
    }
  }
}

}  // namespace chainmend::serving
