#include "proxy/serving/build_chains.h"

#include <algorithm>
#include <chrono>
#include <utility>

#include "proxy/serving/remedy.h"

namespace chainmend::serving {

namespace {

constexpr const char* kSelfSigned =
    "it is self-signed: there is no chain to build, and its clients have to trust the certificate "
    "itself";

certs::ServeOptions options_for(const config::ChainRules& rules) {
  certs::ServeOptions options;
  options.search.at = std::chrono::floor<std::chrono::seconds>(std::chrono::system_clock::now());
  options.search.refuse_weak = rules.weak == config::Weak::refuse;
  options.send_root = rules.send_root;
  if (rules.preferred_root) {
    options.preferred_root = rules.preferred_root->value;
  }
  return options;
}

std::string key_of(const LoadedCertificate& certificate, const std::string& what) {
  return certs::hex(certificate.file.leaf->fingerprint()) + ' ' + certificate.configured->name +
         ' ' + what;
}

bool contains(const std::vector<config::Located<std::string>>& names, const std::string& name) {
  return std::ranges::find(names, name, &config::Located<std::string>::value) != names.end();
}

bool has_chain(const config::Certificate& certificate, const std::string& name) {
  return std::ranges::find(certificate.chains, name, &config::ChainVariant::name) !=
         certificate.chains.end();
}

bool named(const std::vector<BuiltChain>& chains, const std::string& name) {
  return std::ranges::find(chains, name, &BuiltChain::name) != chains.end();
}

std::string name_of(const certs::Certificate& certificate) {
  const std::string name = certificate.common_name();
  return name.empty() ? certificate.subject() : name;
}

}  // namespace

ChainBuilder::ChainBuilder(const config::Config& config, const Issuers& issuers, TrustStore& trust,
                           Findings& findings)
    : config_(config), issuers_(issuers), trust_(trust), findings_(findings) {}

certs::TrustProfilePtr ChainBuilder::profile(const std::string& name) {
  const auto found = std::ranges::find(config_.trust_profiles, name, &config::TrustProfile::name);
  return found == config_.trust_profiles.end()
             ? trust_.load(config_.chain.trust, kChainTrust, findings_)
             : trust_.load(found->roots, found->name, findings_);
}

// chain.trust first: clients that nobody tells apart have its roots.
ChainBuilder::Profiles ChainBuilder::profiles_for(const config::Listener* listener) {
  std::vector<std::string> names{kChainTrust};
  if (listener != nullptr) {
    for (const auto& name : listener->trust_profiles) {
      names.push_back(name.value);
    }
  }
  Profiles profiles;
  for (const std::string& name : names) {
    const auto one = profile(name);
    if (one && std::ranges::find(profiles, one) == profiles.end()) {
      profiles.push_back(one);
    }
  }
  return profiles;
}

bool ChainBuilder::is_profile(const std::string& name) const {
  return std::ranges::find(config_.trust_profiles, name, &config::TrustProfile::name) !=
         config_.trust_profiles.end();
}

// A chain that no client gets must not be missed, or warned of.
ChainBuilder::Demand ChainBuilder::demand(const LoadedCertificate& certificate,
                                          const config::Listener* listener) const {
  if (listener == nullptr) {
    return {};
  }
  const auto serves = [&](const std::vector<config::Located<std::string>>& names) {
    return contains(names, certificate.configured->name);
  };
  Demand demand{serves(listener->certificates)};
  for (const config::ForClients& some : listener->for_clients) {
    if (!serves(listener->certificates_of(some))) {
      continue;
    }
    const std::string name = some.chain ? some.chain->value : kAutomaticChain;
    if (is_profile(name)) {
      demand.profiles.push_back(name);
    } else if (!has_chain(*certificate.configured, name)) {
      demand.automatic = true;
    }
  }
  // Building the automatic one tells whether it suits these, and makes theirs if not.
  if (demand.automatic) {
    std::erase_if(demand.profiles, [&](const std::string& name) {
      return contains(listener->trust_profiles, name);
    });
  }
  return demand;
}

const CertificateChains& ChainBuilder::chains_of(const LoadedCertificate& certificate,
                                                 const config::Listener* listener) {
  const Profiles profiles = profiles_for(listener);
  const Demand wanted = demand(certificate, listener);
  std::string names = wanted.automatic ? "auto " : "";
  for (const auto& one : profiles) {
    names += one->name() + ' ';
  }
  for (const std::string& name : wanted.profiles) {
    names += "+" + name;
  }
  const auto [at, is_new] = built_.try_emplace(key_of(certificate, names));
  CertificateChains& chains = at->second;
  if (!is_new || profiles.empty()) {
    return chains;
  }
  if (wanted.automatic) {
    add_automatic(certificate, profiles, listener, chains);
  }
  for (const config::ChainVariant& variant : certificate.configured->chains) {
    chains.push_back(build_variant(certificate, variant));
  }
  for (const std::string& name : wanted.profiles) {
    add_for_profile(certificate, name, chains);
  }
  return chains;
}

void ChainBuilder::add_for_profile(const LoadedCertificate& certificate, const std::string& name,
                                   CertificateChains& chains) {
  if (named(chains, name)) {
    return;  // the operator's own
  }
  config::ChainVariant variant;
  variant.name = name;
  variant.at = certificate.configured->at;
  variant.trust_profile.emplace().value = name;
  variant.rules = certificate.configured->rules;
  chains.push_back(build_variant(certificate, variant));
}

void ChainBuilder::add_automatic(const LoadedCertificate& certificate, const Profiles& profiles,
                                 const config::Listener* listener, CertificateChains& chains) {
  const config::ChainRules& rules = certificate.configured->rules;
  const bool allow_weak = rules.weak == config::Weak::allow;
  certs::ProfileChains found;
  if (rules.serve == config::Serve::as_given) {
    found.common = certs::serve_as_given(certificate.file, *profiles.front(), options_for(rules));
  } else {
    found = certs::build_profile_chains(certificate.file, issuers_.all().list(), profiles,
                                        options_for(rules));
  }
  chains.push_back({kAutomaticChain, found.common, allow_weak, found.accepted_by});
  report(certificate, certificate.configured->at, rules.serve, chains.front());
  for (const certs::LeftOut& left_out : found.left_out) {
    const std::string& name = left_out.profile->name();
    if (listener != nullptr) {
      report_left_out(certificate, left_out, *listener);
    }
    // A profile's own name is that of its chain, unless the operator gave it to another.
    if (left_out.own.complete && !has_chain(*certificate.configured, name)) {
      chains.push_back({name, left_out.own, allow_weak, {name}});
    }
  }
}

BuiltChain ChainBuilder::build_variant(const LoadedCertificate& certificate,
                                       const config::ChainVariant& variant) {
  const auto [at, is_new] = variants_.try_emplace(key_of(certificate, variant.name));
  if (!is_new) {
    return at->second;
  }
  const auto trust =
      profile(variant.trust_profile ? variant.trust_profile->value : std::string(kChainTrust));
  if (!trust) {
    return at->second;
  }
  const certs::ServeOptions options = options_for(variant.rules);
  at->second = {
      variant.name,
      variant.rules.serve == config::Serve::as_given
          ? certs::serve_as_given(certificate.file, *trust, options)
          : certs::build_served_chain(certificate.file, issuers_.all().list(), *trust, options),
      variant.rules.weak == config::Weak::allow,
      {}};
  if (at->second.chain.complete) {
    at->second.accepted_by.push_back(trust->name());
  }
  report(certificate, variant.at, variant.rules.serve, at->second);
  return at->second;
}

// What the operator should hear of a chain, what would mend it, and whether it may be served.
void ChainBuilder::report(const LoadedCertificate& certificate, const config::Location& place,
                          config::Serve serve, BuiltChain& built) {
  std::string who = "certificate " + certificate.configured->name + ": ";
  if (built.name != kAutomaticChain) {
    who += "chain " + built.name + ": ";
  }
  for (const std::string& text : built.chain.warnings) {
    findings_.warnings.push_back({place, who + text});
  }
  for (const std::string& text : built.chain.repairs) {
    findings_.notes.push_back({place, who + text});
  }
  if (built.chain.complete) {
    return;
  }
  const certs::Failure& failure = *built.chain.failure;
  if (!lacks_issuer(built.chain)) {
    findings_.notes.push_back({place, who + kSelfSigned});
    return;
  }
  const std::string remedy =
      remedy_for_own(failure, certificate.configured->name, serve, config_.chain.aia);
  built.remedy = remedy.substr(std::min(remedy.find_first_not_of("; "), remedy.size()));
  const std::string text = who + "the chain is incomplete: " + failure.describe() + remedy;
  if (config_.chain.on_incomplete == config::OnIncomplete::fail) {
    findings_.errors.push_back({place, text + " (chain.on_incomplete is fail)"});
  } else {
    findings_.warnings.push_back({place, text});
  }
}

// No news when those clients are told apart and get their own.
void ChainBuilder::report_left_out(const LoadedCertificate& certificate,
                                   const certs::LeftOut& left_out,
                                   const config::Listener& listener) {
  const bool served = std::ranges::any_of(listener.for_clients, [&](const auto& some) {
    return some.chain && some.chain->value == left_out.profile->name() &&
           contains(listener.certificates_of(some), certificate.configured->name);
  });
  if (served && left_out.own.complete) {
    return;
  }
  findings_.warnings.push_back({listener.at, "listener " + listener.name +
                                                 ": the chain of certificate " +
                                                 certificate.configured->name +
                                                 " does not suit all: " + left_out.describe()});
}

bool lacks_issuer(const certs::ServedChain& chain) {
  return !chain.complete && !(chain.failure->reason == certs::Reason::untrusted_root &&
                              chain.failure->at->fingerprint() ==
                                  chain.certificates.front().certificate->fingerprint());
}

bool serves(const config::Listener& listener, const LoadedCertificate& certificate) {
  const auto among = [&](const auto& names) {
    return contains(names, certificate.configured->name);
  };
  return among(listener.certificates) ||
         std::ranges::any_of(listener.for_clients, among, &config::ForClients::certificates);
}

tls::ServerCertificate for_context(const LoadedCertificate& certificate,
                                   const CertificateChains& chains, const std::string& chain) {
  auto chosen = std::ranges::find(chains, chain, &BuiltChain::name);
  if (chosen == chains.end()) {
    chosen = chains.begin();
  }
  tls::ServerCertificate out;
  out.name = certificate.configured->name;
  out.leaf = certificate.file.leaf;
  out.key = certificate.key.get();
  out.allow_weak = chosen->allow_weak;
  const auto& sent = chosen->chain.certificates;
  out.chain_name = chosen->name;
  out.complete = chosen->chain.complete;
  out.issuer = out.complete ? name_of(*chosen->chain.anchor) : sent.back().certificate->issuer();
  for (std::size_t i = 1; i < sent.size(); ++i) {
    out.chain.push_back(sent[i].certificate);
  }
  return out;
}

}  // namespace chainmend::serving
