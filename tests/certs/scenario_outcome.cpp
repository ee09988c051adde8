// What comes of the cases of a scenario, as expected.txt holds it.
#include <fmt/format.h>
#include <openssl/x509_vfy.h>

#include <algorithm>
#include <random>

#include "certs/issuer_set.h"
#include "certs/profile_chains.h"
#include "certs/root_store.h"
#include "tests/certs/scenario.h"

namespace chainmend::certs::testing {

namespace {

constexpr int kShuffles = 6;
constexpr int kFew = 5;

// What an OpenSSL client with these roots says to the list as it was served.
std::string ask_openssl(const ServedChain& chain, const std::vector<CertificatePtr>& roots,
                        Time at) {
  const std::unique_ptr<X509_STORE, OpensslDeleter<&X509_STORE_free>> store(X509_STORE_new());
  for (const CertificatePtr& root : roots) {
    X509_STORE_add_cert(store.get(), root->x509());
  }
  STACK_OF(X509)* untrusted = sk_X509_new_null();
  for (std::size_t i = 1; i < chain.certificates.size(); ++i) {
    sk_X509_push(untrusted, chain.certificates[i].certificate->x509());
  }
  const std::unique_ptr<X509_STORE_CTX, OpensslDeleter<&X509_STORE_CTX_free>> context(
      X509_STORE_CTX_new());
  X509_STORE_CTX_init(context.get(), store.get(), chain.certificates.front().certificate->x509(),
                      untrusted);
  X509_VERIFY_PARAM* parameters = X509_STORE_CTX_get0_param(context.get());
  X509_VERIFY_PARAM_set_time(parameters, at.time_since_epoch().count());
  X509_VERIFY_PARAM_set_auth_level(parameters, 0);
  X509_VERIFY_PARAM_set_purpose(parameters, X509_PURPOSE_SSL_SERVER);
  const bool accepted = X509_verify_cert(context.get()) == 1;
  sk_X509_free(untrusted);
  return accepted ? "accepts"
                  : std::string("refuses: ") +
                        X509_verify_cert_error_string(X509_STORE_CTX_get_error(context.get()));
}

}  // namespace

std::string Scenario::run() const {
  std::string all;
  for (const Line& line : cases_) {
    all += (all.empty() ? "" : "\n") + (line.words.front() == "lint" ? lint(line) : run_case(line));
  }
  return all;
}

// What is wrong with a file of roots, ten lines each.
std::string Scenario::lint(const Line& line) const {
  std::vector<FoundCertificate> store;
  for (const Identity* root : identities(line.values.at("roots"))) {
    store.push_back({root->certificate, "roots.pem", 10 * store.size() + 1});
  }
  std::string text = "[" + line.words.at(1) + "] " + std::to_string(store.size()) + " roots\n";
  for (const RootProblem& problem : examine_roots(store, at_)) {
    text += fmt::format("{}:{}: {}: {}\n", problem.file, problem.line, to_string(problem.kind),
                        problem.text);
  }
  return text;
}

std::string Scenario::run_case(const Line& line) const {
  std::vector<const Identity*> bundle = identities(line.value("bundle", ""));
  std::string first = outcome(line, bundle);
  std::mt19937 shuffled(
      line.number);  // NOLINT(bugprone-random-generator-seed): the same in every run
  for (int i = 0; i < kShuffles; ++i) {
    std::ranges::shuffle(bundle, shuffled);
    const std::string other = outcome(line, bundle);
    if (other != first) {
      first += "THE ORDER OF THE BUNDLE MATTERS; otherwise:\n";
      return first.append(other);
    }
  }
  return first;
}

std::string Scenario::outcome(const Line& line, const std::vector<const Identity*>& bundle) const {
  std::vector<Candidate> candidates;
  candidates.reserve(bundle.size());
  for (const Identity* one : bundle) {
    candidates.push_back(in_bundle(*one));
  }
  IssuerSetSource source(std::make_shared<const IssuerSet>(std::move(candidates)));
  std::vector<IssuerSource*> sources{&source};
  return "[" + line.words.at(1) + "]\n" +
         (line.words.front() == "profiles" ? profiles(line, sources) : search(line, sources));
}

LeafFile Scenario::leaf_file(const Line& line) const {
  std::vector<FoundCertificate> file;
  for (const Identity* one : identities(line.value("file", line.value("leaf", "L")))) {
    file.push_back({one->certificate, "leaf.pem", 0});
  }
  const Identity* leaf = identities(line.value("leaf", "L")).front();
  const auto place = std::ranges::find(file, leaf->certificate, &FoundCertificate::certificate);
  return make_leaf_file(file, static_cast<std::size_t>(place - file.begin()));
}

ServeOptions Scenario::options(const Line& line) const {
  ServeOptions options;
  options.search.at = line.values.contains("at") ? time_of(line.values.at("at")) : at_;
  options.search.purpose = line.values.contains("judge") ? Purpose::judge : Purpose::serve;
  options.search.refuse_weak = line.value("weak", "allow") == "refuse";
  options.send_root = line.values.contains("send_root");
  options.preferred_root = line.value("prefer", "");
  return options;
}

std::vector<CertificatePtr> Scenario::roots(const std::string& aliases) const {
  std::vector<CertificatePtr> trusted;
  for (const Identity* root : identities(aliases)) {
    trusted.push_back(root->certificate);
  }
  return trusted;
}

std::string Scenario::search(const Line& line, std::span<IssuerSource* const> sources) const {
  const auto trusted = roots(line.values.at("roots"));
  const ServeOptions chosen = options(line);
  const ServedChain chain =
      build_served_chain(leaf_file(line), sources, TrustProfile("phones", trusted), chosen);
  return list_of(chain) + rejections_of(chain) + "OpenSSL client " +
         ask_openssl(chain, trusted, chosen.search.at) + "\n";
}

// stores="phone1:A phone2:B,C": what one leaf gets where clients have different roots.
std::string Scenario::profiles(const Line& line, std::span<IssuerSource* const> sources) const {
  std::map<std::string, std::vector<CertificatePtr>> stores;
  std::vector<TrustProfilePtr> profiles;
  for (const std::string& store : split(line.values.at("stores"), ' ')) {
    const auto colon = store.find(':');
    const std::string name = store.substr(0, colon);
    stores[name] = roots(store.substr(colon + 1));
    profiles.push_back(std::make_shared<const TrustProfile>(name, stores[name]));
  }
  const ServeOptions chosen = options(line);
  const ProfileChains chains = build_profile_chains(leaf_file(line), sources, profiles, chosen);
  const auto client = [&](const ServedChain& chain, const std::string& name) {
    return ask_openssl(chain, stores.at(name), chosen.search.at);
  };
  std::string text = "to all:\n" + list_of(chains.common);
  for (const std::string& name : chains.accepted_by) {
    text += fmt::format("{} takes it, OpenSSL client {}\n", name, client(chains.common, name));
  }
  for (const LeftOut& left_out : chains.left_out) {
    const std::string& name = left_out.profile->name();
    text += fmt::format("{} is left out, OpenSSL client {}\n{}\nto {}:\n{}OpenSSL client {}\n",
                        name, client(chains.common, name), with_aliases(left_out.describe()), name,
                        list_of(left_out.own), client(left_out.own, name));
  }
  return text;
}

std::string Scenario::list_of(const ServedChain& chain) const {
  std::string text;
  for (const Candidate& served : chain.certificates) {
    text += fmt::format("serve {} ({})\n", alias_of(*served.certificate), to_string(served.origin));
  }
  text += chain.complete ? "complete below " + alias_of(*chain.anchor) + "\n"
                         : "incomplete, " + std::string(to_string(chain.failure->reason)) + ": " +
                               with_aliases(chain.failure->describe()) + "\n";
  for (const std::string& repair : chain.repairs) {
    text += "repaired: " + repair + "\n";
  }
  for (const std::string& warning : chain.warnings) {
    text += "warning: " + warning + "\n";
  }
  return text;
}

// Many of a kind are counted: their order among themselves is that of fingerprints, new in every
// run.
std::string Scenario::rejections_of(const ServedChain& chain) const {
  std::map<std::string, int> kinds;
  const auto kind_of = [&](const Rejection& rejection) {
    return " for " + alias_of(*rejection.child) + ", " + to_string(rejection.reason) + "\n";
  };
  for (const Rejection& rejection : chain.rejected) {
    ++kinds[kind_of(rejection)];
  }
  std::string text;
  for (const Rejection& rejection : chain.rejected) {
    const std::string kind = kind_of(rejection);
    if (kinds[kind] > kFew) {
      text += "rejected: " + std::to_string(std::exchange(kinds[kind], 0)) + kind;
    } else if (kinds[kind] > 0) {
      text += "rejected: " + alias_of(*rejection.issuer.certificate) + kind;
    }
  }
  return text;
}

std::string Scenario::alias_of(const Certificate& certificate) const {
  for (const auto& [alias, identity] : identities_) {
    if (identity.certificate->fingerprint() == certificate.fingerprint()) {
      return alias;
    }
  }
  return "unknown";
}

std::string Scenario::with_aliases(std::string text) const {
  const auto replace = [&](const std::string& what, const std::string& by) {
    if (const auto at = text.find(what); at != std::string::npos) {
      text.replace(at, what.size(), by);
    }
  };
  for (const auto& [alias, identity] : identities_) {
    const Certificate& certificate = *identity.certificate;
    replace("sha256 " + hex(certificate.fingerprint()), "sha256 of " + alias);
    if (certificate.subject_key_id()) {
      replace("key id is " + hex_colons(*certificate.subject_key_id()),
              "key id is that of " + alias);
    }
  }
  return text;
}

}  // namespace chainmend::certs::testing
