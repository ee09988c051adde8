#include "proxy/serving/load_certificates.h"

#include <optional>
#include <utility>

#include "certs/certificate_reader.h"

namespace chainmend::serving {

namespace {

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
  const std::string alias = certificate.key_alias ? certificate.key_alias->value : std::string();
  auto credential = certificate.pfx ? certs::load_pfx(source.value.string(), *password, alias)
                                    : certs::load_credential(source.value.string(),
                                                             key.value.string(), *password);
  if (!credential) {
    if (credential.error().code == certs::ErrorCode::ambiguous) {
      credential.error().text += "; \"key_alias\" chooses one";
    }
    if (credential.error().code == certs::ErrorCode::password_needed) {
      credential.error().text += "; \"password_file\" names the file that holds it";
    }
    if (credential.error().code == certs::ErrorCode::wrong_password && certificate.password_file) {
      credential.error().text +=
          "; the first line of \"password_file\" must be the password alone" +
          certs::doubt_about_password_file(certificate.password_file->value.string());
    }
    const bool about_key = credential.error().where == key.value.string();
    findings.errors.push_back(at(about_key ? key.at : source.at, credential.error()));
    return std::nullopt;
  }
  for (const certs::Error& problem : credential->problems) {
    findings.warnings.push_back(at(source.at, problem));
  }
  for (const certs::Error& note : credential->notes) {
    findings.notes.push_back(at(source.at, note));
  }
  return std::move(*credential);
}

}  // namespace

config::Diagnostic at(const config::Location& location, const certs::Error& error) {
  return {location, error.describe()};
}

std::vector<LoadedCertificate> load_certificates(const config::Config& config, Findings& findings) {
  std::vector<LoadedCertificate> loaded;
  for (const config::Certificate& certificate : config.certificates) {
    if (auto credential = load_files(certificate, findings)) {
      loaded.push_back({&certificate, std::move(credential->file), std::move(credential->key)});
    }
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
    for (const certs::Error& note : reading.notes) {
      findings.notes.push_back(at(path.at, note));
    }
    for (certs::FoundCertificate& found : reading.certificates) {
      candidates.push_back(
          {std::move(found.certificate), certs::Origin::bundle, std::move(found.file)});
    }
  }
  return std::make_shared<certs::IssuerSet>(std::move(candidates));
}

}  // namespace chainmend::serving
