#include "proxy/serving/client_authentication.h"

#include <algorithm>
#include <chrono>
#include <memory>
#include <set>
#include <utility>
#include <vector>

#include "certs/certificate_reader.h"
#include "certs/revocation.h"
#include "proxy/serving/client_verifier.h"
#include "proxy/serving/identity_fields.h"

namespace chainmend::serving {

namespace {

using Files = std::vector<config::Located<config::Path>>;

// Schannel takes no longer list of names (KB 2464556); others take less.
constexpr std::size_t kMostNameBytes = 16'384;

// One certificate for each subject, in the order of the files. What cannot be read is reported
// where `loud`.
std::vector<certs::CertificatePtr> subjects_of(const Files& files, bool loud, Findings& findings) {
  std::vector<certs::CertificatePtr> subjects;
  std::set<std::string> known;
  for (const auto& file : files) {
    certs::Reading reading = certs::read_certificate_files(file.value.string());
    for (const certs::FoundCertificate& found : reading.certificates) {
      if (known.insert(found.certificate->subject_key()).second) {
        subjects.push_back(found.certificate);
      }
    }
    for (const certs::Error& problem : reading.problems) {
      const bool nothing = reading.certificates.empty();
      if (loud) {
        (nothing ? findings.errors : findings.warnings).push_back(at(file.at, problem));
      }
    }
  }
  return subjects;
}

// As they stand in a CertificateRequest: each with two bytes of length (RFC 5246 7.4.4).
std::size_t size_of_names(const std::vector<certs::CertificatePtr>& cas) {
  std::size_t size = 0;
  for (const certs::CertificatePtr& ca : cas) {
    const int name = i2d_X509_NAME(X509_get_subject_name(ca->x509()), nullptr);
    size += 2 + static_cast<std::size_t>(std::max(name, 0));
  }
  return size;
}

std::vector<certs::CertificatePtr> load_ca_names(const config::ClientCertificates& terms,
                                                 Findings& findings) {
  const config::CaNames& from = terms.ca_names;
  std::vector<certs::CertificatePtr> names = from.of_trust
                                                 ? subjects_of(terms.trust, false, findings)
                                                 : subjects_of(from.files, true, findings);
  const std::size_t size = size_of_names(names);
  if (size > kMostNameBytes) {
    findings.errors.push_back(
        {from.files.empty() ? terms.at : from.files.front().at,
         "the names of these " + std::to_string(names.size()) + " CAs are " + std::to_string(size) +
             " bytes, and clients take a list of 16384 at most: name fewer in \"ca_names\", or "
             "none"});
  }
  return names;
}

void warn_of_age(const certs::RevocationList& list, const config::ClientCertificates& terms,
                 const config::Location& place, Findings& findings) {
  const auto now = std::chrono::floor<std::chrono::seconds>(std::chrono::system_clock::now());
  if (list.in_date(now)) {
    return;
  }
  const bool hard = terms.revocation == config::Revocation::hard;
  const std::string when = now < list.this_update
                               ? "is not valid before " + certs::format_time(list.this_update)
                               : "ended at " + certs::format_time(*list.next_update);
  findings.warnings.push_back(
      {place, list.file + ": the list of '" + list.issuer + "' " + when + ", " +
                  (hard ? "so that no certificate of this CA is taken (revocation: hard)"
                        : "so that it misses what was revoked since")});
}

std::shared_ptr<const certs::RevocationLists> load_revoked(const config::ClientCertificates& terms,
                                                           Findings& findings) {
  std::vector<certs::RevocationList> all;
  for (const auto& file : terms.crls) {
    auto lists = certs::read_revocation_lists(file.value.string());
    if (!lists) {
      findings.errors.push_back(at(file.at, lists.error()));
      continue;
    }
    for (certs::RevocationList& list : *lists) {
      warn_of_age(list, terms, file.at, findings);
      all.push_back(std::move(list));
    }
  }
  return terms.crls.empty() ? nullptr
                            : std::make_shared<const certs::RevocationLists>(std::move(all));
}

// Everything that decides whose certificate is taken.
std::string identity_of(const config::ClientCertificates& terms, const certs::TrustProfile& trust,
                        const certs::RevocationLists* revoked) {
  std::string text = config::kAskForCertificateNames[terms.request];
  text += " trust " + certs::hex(trust.hash()) + " depth " + std::to_string(terms.depth);
  text += std::string(" purposes ") + config::kClientPurposeNames[terms.purposes];
  if (revoked != nullptr) {
    text += std::string(" revocation ") + config::kRevocationNames[terms.revocation] + " " +
            certs::hex(revoked->hash());
  }
  return text;
}

tls::ClientAuthentication load_one(const config::ClientCertificates& terms,
                                   const std::string& listener, TrustStore& trust,
                                   const Issuers& issuers, Findings& findings) {
  tls::ClientAuthentication how;
  if (terms.request == config::AskForCertificate::never) {
    return how;
  }
  const std::string name = "client_certificate of listener " + listener;
  const certs::TrustProfilePtr roots =
      trust.load({.system = false, .files = terms.trust}, name, findings);
  const auto revoked = load_revoked(terms, findings);
  how.ca_names = load_ca_names(terms, findings);
  if (roots == nullptr) {
    return how;
  }
  how.required = terms.request == config::AskForCertificate::required;
  how.identity = identity_of(terms, *roots, revoked.get());
  how.verifier = std::make_shared<const ClientVerifier>(listener, roots, issuers, revoked, terms);
  return how;
}

}  // namespace

ClientAuthentications load_client_authentications(const config::Config& config, TrustStore& trust,
                                                  const Issuers& issuers, Findings& findings) {
  ClientAuthentications all;
  for (const config::Listener& listener : config.listeners) {
    const auto load = [&](const config::ClientCertificates& terms) {
      all[&terms] = load_one(terms, listener.name, trust, issuers, findings);
    };
    load(listener.client_certificate);
    if (listener.to_upstream) {
      check_identity(*listener.to_upstream, findings);
    }
    for (const config::Route& route : listener.routes) {
      if (route.to_upstream && route.to_upstream != listener.to_upstream) {
        check_identity(*route.to_upstream, findings);
      }
    }
    for (const config::ForClients& some : listener.for_clients) {
      if (some.client_certificate) {
        load(*some.client_certificate);
      }
    }
  }
  return all;
}

}  // namespace chainmend::serving
