#include "proxy/serving/builder.h"

#include <algorithm>
#include <map>
#include <utility>

#include "proxy/serving/admin_token.h"
#include "proxy/serving/build_chains.h"
#include "proxy/serving/client_authentication.h"
#include "proxy/serving/client_reach.h"
#include "proxy/serving/lint_certificates.h"
#include "proxy/serving/load_certificates.h"
#include "proxy/serving/load_policies.h"
#include "proxy/serving/make_route.h"
#include "proxy/serving/make_upstream.h"
#include "proxy/serving/trust_store.h"
#include "proxy/serving/upstream_certificate.h"

namespace chainmend::serving {

namespace {

// Outlook Anywhere sends one request of a gigabyte, a few bytes now and then.
constexpr std::string_view kSlowByDesign = "/rpc";

using CertificateNames = std::vector<config::Located<std::string>>;

bool same_certificates(const certs::ServedChain& a, const certs::ServedChain& b) {
  return std::ranges::equal(
      a.certificates, b.certificates, [](const certs::Candidate& one, const certs::Candidate& two) {
        return one.certificate->fingerprint() == two.certificate->fingerprint();
      });
}

class Builder {
 public:
  Builder(const config::Config& config, const BuildServices& services)
      : config_(config), services_(services), state_(std::make_shared<ServingState>()) {}

  config::Result<Build> run(std::shared_ptr<AiaService> previous_aia);

 private:
  void load_issuers(std::shared_ptr<AiaService> previous_aia);
  void build_chains();
  void report_chains(const LoadedCertificate& certificate, const config::Listener* listener);
  void report_cache_problems();
  void add_upstreams();
  certs::TrustProfilePtr trust_for(const config::Upstream& upstream);
  UpstreamTlsTerms tls_terms(const config::Upstream& upstream);
  void add_listeners();
  void add_shadows();
  std::vector<tls::ServerCertificate> certificates_for(const config::Listener& listener,
                                                       const CertificateNames& names,
                                                       const std::string& chain);
  tls::ServerContextPtr server_context(const config::Listener& listener);
  void name_servers(Listener& listener);
  void add_routes(const config::Listener& from, Listener& to);
  void add_passthrough(const config::Listener& from, Listener& to);
  Passthrough passthrough_to(const std::string& upstream);
  Build finish();

  const config::Config& config_;
  const BuildServices& services_;
  std::shared_ptr<ServingState> state_;
  Findings findings_;
  TrustStore trust_;
  Issuers issuers_;
  std::vector<LoadedCertificate> certificates_;
  ChainBuilder chains_{config_, issuers_, trust_, findings_};
  std::vector<CertificateReport> reports_;
  ClientAuthentications asked_;
  std::map<std::string, tls::TlsPolicy> policies_;
  std::map<std::string, std::shared_ptr<const UpstreamChain>> upstream_chains_;
  std::string admin_token_;
};

config::Result<Build> Builder::run(std::shared_ptr<AiaService> previous_aia) {
  findings_.warnings = config_.warnings;
  state_->classifier = std::make_shared<const clients::Classifier>(config_.client_types);
  state_->learn_clients = config_.clients.learn;
  policies_ = load_policies(config_, findings_.errors);
  trust_.load(config_.chain.trust, kChainTrust, findings_);
  for (const config::TrustProfile& profile : config_.trust_profiles) {
    trust_.load(profile.roots, profile.name, findings_);
    trust_.examine(profile, findings_);
  }
  load_issuers(std::move(previous_aia));
  if (services_.progress) {
    services_.progress("building the chains");
  }
  certificates_ = load_certificates(config_, findings_);
  lint_certificates(config_, certificates_, findings_);
  build_chains();
  report_cache_problems();
  admin_token_ = load_admin_token(config_.admin, findings_);
  add_upstreams();
  asked_ = load_client_authentications(config_, trust_, issuers_, findings_);
  if (findings_.errors.empty()) {
    add_listeners();
    add_shadows();
    lint_client_reach(config_, policies_, certificates_, findings_);
  }
  if (!findings_.errors.empty()) {
    return tl::unexpected(config::failure(std::move(findings_.errors), findings_.warnings));
  }
  return finish();
}

void Builder::load_issuers(std::shared_ptr<AiaService> previous_aia) {
  issuers_.bundles = load_bundles(config_.chain, findings_);
  issuers_.ask_aia = services_.ask_aia;
  const config::Aia& aia = config_.chain.aia;
  if (aia.mode == config::AiaMode::off) {
    return;
  }
  issuers_.aia = previous_aia && previous_aia->settings() == aia
                     ? std::move(previous_aia)
                     : std::make_shared<AiaService>(aia, services_.fetcher, services_.clock,
                                                    services_.aia_cache);
}

// All of them, also of listeners that cannot be: what is wrong is to come out in one run.
void Builder::build_chains() {
  for (const LoadedCertificate& certificate : certificates_) {
    bool used = false;
    for (const config::Listener& listener : config_.listeners) {
      if (serves(listener, certificate)) {
        report_chains(certificate, &listener);
        used = true;
      }
    }
    if (!used && !is_for_upstreams_alone(config_, certificate)) {
      report_chains(certificate, nullptr);
    }
  }
}

// Listeners that serve the very same share a report.
void Builder::report_chains(const LoadedCertificate& certificate,
                            const config::Listener* listener) {
  for (const BuiltChain& built : chains_.chains_of(certificate, listener)) {
    auto report = std::ranges::find_if(reports_, [&](const CertificateReport& known) {
      return known.name == certificate.configured->name && known.chain_name == built.name &&
             same_certificates(known.chain, built.chain);
    });
    if (report == reports_.end()) {
      reports_.push_back({certificate.configured->name,
                          certificate.file.leaf->key_description(),
                          built.name,
                          built.chain,
                          built.accepted_by,
                          {},
                          built.remedy});
      report = std::prev(reports_.end());
    }
    if (listener != nullptr) {
      report->listeners.push_back(listener->name);
    }
  }
}

// A cache that cannot be used matters to those who named it, and where something came from AIA or
// had to.
void Builder::report_cache_problems() {
  const auto& cache = config_.chain.aia.cache;
  const auto from_aia = [](const CertificateReport& report) {
    return lacks_issuer(report.chain) ||
           std::ranges::any_of(report.chain.certificates, [](const certs::Candidate& link) {
             return link.origin == certs::Origin::aia || link.origin == certs::Origin::cache;
           });
  };
  if (!issuers_.aia || (cache.at.line == 0 && std::ranges::none_of(reports_, from_aia))) {
    return;
  }
  for (const certs::Error& problem : issuers_.aia->cache().problems()) {
    findings_.warnings.push_back(at(cache.at, problem));
  }
}

void Builder::add_upstreams() {
  upstream::Registry fresh(services_.metrics);
  upstream::Registry& registry = services_.upstreams != nullptr ? *services_.upstreams : fresh;
  for (const config::Upstream& from : config_.upstreams) {
    const bool any_tls =
        std::ranges::any_of(from.servers, [](const config::Server& server) { return server.tls; });
    const UpstreamTlsTerms terms = any_tls ? tls_terms(from) : UpstreamTlsTerms();
    if (const auto key = cookie_key(from, registry, findings_)) {
      state_->upstreams[from.name] = make_upstream(from, terms, *key, registry);
    }
  }
}

// Null: it cannot be loaded, which is said.
certs::TrustProfilePtr Builder::trust_for(const config::Upstream& upstream) {
  return upstream.tls.trust
             ? trust_.load(*upstream.tls.trust, "upstream " + upstream.name, findings_)
             : trust_.load(config_.chain.trust, kChainTrust, findings_);
}

// Without a context when there is none, which is said.
UpstreamTlsTerms Builder::tls_terms(const config::Upstream& upstream) {
  tls::ClientSetup setup;
  setup.policy = policy_towards(upstream, findings_.errors);
  if (const auto roots = trust_.load(config_.chain.trust, kChainTrust, findings_)) {
    setup.certificate = certificate_for(upstream, certificates_, issuers_, *roots, findings_);
  }
  tls::ClientSetup foreseeing = setup;
  setup.resume = upstream.tls.resume;
  certs::TrustProfilePtr trust;
  if (upstream.tls.verify) {
    trust = trust_for(upstream);
    if (!trust) {
      return {};
    }
    const auto verifier = std::make_shared<const UpstreamVerifier>(
        upstream.name, trust, issuers_, upstream.tls.repair_chain, services_.background);
    setup.verifier = verifier;
    foreseeing.verifier = foresight_of(verifier);
  }
  const certs::Sha256 hash = hash_of_terms(setup, trust.get(), upstream.tls.repair_chain);
  auto context = tls::ClientContext::create(std::move(setup));
  auto foresight = tls::ClientContext::create(std::move(foreseeing));
  if (!context || !foresight) {
    findings_.errors.push_back({upstream.at, "upstream " + upstream.name + ": " +
                                                 (context ? foresight : context).error().text});
    return {};
  }
  return {*context, *foresight, hash};
}

void Builder::add_shadows() {
  for (const auto& [name, policy] : policies_) {
    if (auto shadow = tls::ShadowPolicy::of(policy)) {
      state_->shadows.push_back({*std::move(shadow), services_.metrics.policy(name)});
    }
  }
}

void Builder::add_listeners() {
  for (const config::Listener& from : config_.listeners) {
    auto listener = std::make_unique<Listener>();
    listener->name = from.name;
    listener->mode = from.mode;
    listener->timeouts = from.timeouts;
    listener->limits = {from.limits.head, from.limits.fields};
    listener->answer_rate = from.limits.answer_rate;
    listener->max_connections = from.max_connections;
    listener->trusted_sources = from.trusted_sources;
    listener->proxy_protocol = from.proxy_protocol;
    listener->forwarded = from.forwarded;
    listener->endpoints = from.listen;
    listener->metrics = &services_.metrics.listener(from.name);
    if (from.tls) {
      listener->tls = server_context(from);
    }
    add_passthrough(from, *listener);
    name_servers(*listener);
    if (from.mode != config::Mode::passthrough) {
      add_routes(from, *listener);
    }
    state_->listeners.push_back(std::move(listener));
  }
}

std::vector<tls::ServerCertificate> Builder::certificates_for(const config::Listener& listener,
                                                              const CertificateNames& names,
                                                              const std::string& chain) {
  std::vector<tls::ServerCertificate> served;
  for (const auto& name : names) {
    for (const LoadedCertificate& certificate : certificates_) {
      if (certificate.configured->name == name.value) {
        served.push_back(
            for_context(certificate, chains_.chains_of(certificate, &listener), chain));
      }
    }
  }
  return served;
}

tls::ServerContextPtr Builder::server_context(const config::Listener& listener) {
  tls::ServerSetup setup;
  setup.listener = listener.name;
  setup.policy = policies_.at(listener.policy.value);
  setup.http = listener.mode == config::Mode::http;
  setup.certificates = certificates_for(listener, listener.certificates, kAutomaticChain);
  setup.client_certificate = asked_.at(&listener.client_certificate);
  setup.classifier = state_->classifier;
  for (const config::ForClients& some : listener.for_clients) {
    const auto& policy = some.policy ? *some.policy : listener.policy;
    const auto& names = listener.certificates_of(some);
    setup.for_clients.push_back(
        {clients::ClientType::known(some.client_type.value), policies_.at(policy.value),
         certificates_for(listener, names, some.chain ? some.chain->value : kAutomaticChain),
         asked_.at(some.client_certificate ? &*some.client_certificate
                                           : &listener.client_certificate)});
  }
  auto context = tls::ServerContext::create(setup, services_.tickets, services_.sessions);
  if (!context) {
    findings_.errors.push_back(
        {listener.at, "listener " + listener.name + ": " + context.error().text});
    return nullptr;
  }
  return *context;
}

// Those of its certificates, and those that its rules for passing on speak of.
void Builder::name_servers(Listener& listener) {
  const auto add = [&](const std::string& name) {
    listener.server_names.add(name, services_.metrics.server_name(*listener.metrics, name));
  };
  if (listener.tls) {
    std::ranges::for_each(listener.tls->server_names(), add);
  }
  for (const Passthrough& some : listener.passthrough) {
    for (const std::string& name : some.match.sni) {
      if (name != config::kNone) {
        add(name);
      }
    }
  }
}

void Builder::add_routes(const config::Listener& from, Listener& to) {
  for (const config::Route& route : from.routes) {
    Route made = make_route(route);
    made.name = route.text();
    made.metrics = &services_.metrics.route(from.name, made.name);
    if (!route.of_exchange || made.prefix != kSlowByDesign) {
      made.request_rate = from.limits.request_rate;
    }
    if (!route.upstream.empty()) {
      made.upstream = state_->upstreams.at(route.upstream).get();
    }
    for (const std::string& host : route.hosts) {
      to.routes.push_back(made);
      to.routes.back().host = host;
    }
    if (route.hosts.empty()) {
      to.routes.push_back(std::move(made));
    }
  }
  std::ranges::sort(to.routes, says_more);
}

void Builder::add_passthrough(const config::Listener& from, Listener& to) {
  if (from.mode == config::Mode::passthrough) {
    to.passthrough.push_back(passthrough_to(from.routes.front().upstream));
  }
  for (const config::Passthrough& some : from.passthrough) {
    Passthrough rule = passthrough_to(some.upstream);
    rule.match = some.match;
    for (const auto& type : some.client_types) {
      rule.client_types.push_back(clients::ClientType::known(type.value));
    }
    to.passthrough.push_back(std::move(rule));
  }
}

// Everyone's.
Passthrough Builder::passthrough_to(const std::string& upstream) {
  auto& chain = upstream_chains_[upstream];
  if (!chain) {
    const auto configured = std::ranges::find(config_.upstreams, upstream, &config::Upstream::name);
    const certs::TrustProfilePtr trust = trust_for(*configured);
    chain = std::make_shared<const UpstreamChain>(
        upstream, trust, trust ? services_.background : nullptr, services_.log,
        services_.metrics.upstream_chain(upstream));
  }
  return {{}, {}, state_->upstreams.at(upstream).get(), chain};
}

Build Builder::finish() {
  Build build;
  state_->max_connections = config_.process.max_connections;
  state_->limits = config_.limits;
  state_->access = config_.logs.access;
  for (const auto& type : config_.logs.access.client_types) {
    state_->access_types.push_back(clients::ClientType::known(type.value));
  }
  build.state = std::move(state_);
  build.aia = std::move(issuers_.aia);
  build.warnings = std::move(findings_.warnings);
  build.notes = std::move(findings_.notes);
  build.complete = std::ranges::all_of(
      reports_, [](const CertificateReport& report) { return !lacks_issuer(report.chain); });
  build.certificates = std::move(reports_);
  build.policies = std::move(policies_);
  build.admin_token = std::move(admin_token_);
  return build;
}

}  // namespace

config::Result<Build> build(const config::Config& config, const BuildServices& services,
                            std::shared_ptr<AiaService> previous_aia) {
  return Builder(config, services).run(std::move(previous_aia));
}

}  // namespace chainmend::serving
