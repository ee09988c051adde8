#include "proxy/serving/load_certificates.h"

#include <chrono>
#include <utility>

#include "certs/certificate_reader.h"
#include "proxy/serving/trust_store.h"

namespace chainmend::serving {

namespace {

certs::Time now() {
  return std::chrono::floor<std::chrono::seconds>(std::chrono::system_clock::now());
}

std::optional<certs::Password> load_password(const config::Certificate& certificate,
                                             Findings& findings) {
  certs::Result<certs::Password> password = certs::Password();
  config::Location location;
  if (certificate.password_file) {
    location = certificate.password_file->at;
    password = certs::password_from_file(certificate.password_file->value.string());
  } else if (certificate.password_env) {
    location = certificate.password_env->at;
    password = certs::password_from_environment(certificate.password_env->value);
  }
  if (!password) {
    findings.errors.push_back(at(location, password.error()));
    return std::nullopt;
  }
  return *password;
}

void report_unreadable(const config::Located<config::Path>& file, Findings& findings) {
  if (auto read = certs::read_file(file.value.string()); !read) {
    findings.errors.push_back(at(file.at, read.error()));
  }
}

std::optional<certs::Credential> load_files(const config::Certificate& certificate,
                                            Findings& findings) {
  const auto& source = certificate.pfx ? *certificate.pfx : *certificate.cert;
  const auto& key = certificate.key ? *certificate.key : source;
  const auto password = load_password(certificate, findings);
  if (!password) {
    // All that is wrong is to come out in one run, so the files are looked for all the same.
    report_unreadable(source, findings);
    if (&key != &source) {
      report_unreadable(key, findings);
    }
    return std::nullopt;
  }
  auto credential = certificate.pfx ? certs::load_pfx(source.value.string(), *password)
                                    : certs::load_credential(source.value.string(),
                                                             key.value.string(), *password);
  if (!credential) {
    const bool about_key = credential.error().where == key.value.string();
    findings.errors.push_back(at(about_key ? key.at : source.at, credential.error()));
    return std::nullopt;
  }
  for (const certs::Error& problem : credential->problems) {
    findings.warnings.push_back(at(source.at, problem));
  }
  return std::move(*credential);
}

// What the operator should hear of a chain, and whether it may be served.
void judge_chain(const config::Certificate& certificate, const certs::ServedChain& chain,
                 config::OnIncomplete on_incomplete, Findings& findings) {
  const std::string who = "certificate " + certificate.name + ": ";
  for (const auto& texts : {chain.warnings, chain.repairs}) {
    for (const std::string& text : texts) {
      findings.warnings.push_back({certificate.at, who + text});
    }
  }
  if (chain.complete) {
    return;
  }
  const std::string text = who + "the chain is incomplete: " + chain.failure->describe();
  if (on_incomplete == config::OnIncomplete::fail) {
    findings.errors.push_back({certificate.at, text + " (chain.on_incomplete is fail)"});
  } else {
    findings.warnings.push_back({certificate.at, text});
  }
}

}  // namespace

tls::ServerCertificate LoadedCertificate::for_context() const {
  tls::ServerCertificate certificate;
  certificate.name = name;
  certificate.leaf = chain.certificates.front().certificate;
  certificate.key = key.get();
  for (std::size_t i = 1; i < chain.certificates.size(); ++i) {
    certificate.chain.push_back(chain.certificates[i].certificate);
  }
  return certificate;
}

std::vector<LoadedCertificate> load_certificates(const config::Config& config,
                                                 const Issuers& issuers,
                                                 const certs::TrustProfilePtr& trust,
                                                 Findings& findings) {
  std::vector<LoadedCertificate> loaded;
  for (const config::Certificate& certificate : config.certificates) {
    auto credential = load_files(certificate, findings);
    if (!credential || !trust) {
      continue;
    }
    const IssuerSources sources = issuers.all();
    certs::ServedChain chain = certs::build_served_chain(credential->file, sources.list(), *trust,
                                                         {.search = {.at = now()}});
    judge_chain(certificate, chain, config.chain.on_incomplete, findings);
    loaded.push_back({certificate.name, std::move(credential->key), std::move(chain)});
  }
  return loaded;
}

std::shared_ptr<const certs::IssuerSet> load_bundles(const config::Chain& chain,
                                                     Findings& findings) {
  std::vector<certs::Candidate> candidates;
  for (const auto& path : chain.bundles) {
    certs::Reading reading = certs::read_certificate_files(path.value.string());
    for (const certs::Error& problem : reading.problems) {
      const bool missing = problem.code == certs::ErrorCode::cannot_read;
      (missing ? findings.errors : findings.warnings).push_back(at(path.at, problem));
    }
    for (certs::FoundCertificate& found : reading.certificates) {
      candidates.push_back(
          {std::move(found.certificate), certs::Origin::bundle, std::move(found.file)});
    }
  }
  return std::make_shared<certs::IssuerSet>(std::move(candidates));
}

}  // namespace chainmend::serving
