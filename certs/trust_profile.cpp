#include "certs/trust_profile.h"

#include <algorithm>
#include <array>
#include <cstdlib>
#include <filesystem>

#include "certs/certificate_reader.h"

namespace chainmend::certs {

namespace {

// Where Debian, Red Hat, SUSE and Alpine keep all roots in one file.
constexpr std::array kSystemStores = {
    "/etc/ssl/certs/ca-certificates.crt",
    "/etc/pki/tls/certs/ca-bundle.crt",
    "/etc/ssl/ca-bundle.pem",
    "/etc/ssl/cert.pem",
};

}  // namespace

TrustProfile::TrustProfile(std::string name, const std::vector<CertificatePtr>& roots)
    : name_(std::move(name)) {
  for (const CertificatePtr& root : roots) {
    if (fingerprints_.insert(root->fingerprint()).second) {
      by_subject_[root->subject_key()].push_back(root);
    }
  }
}

Sha256 TrustProfile::hash() const {
  std::vector<Sha256> sorted(fingerprints_.begin(), fingerprints_.end());
  std::ranges::sort(sorted);
  Bytes all;
  for (const Sha256& fingerprint : sorted) {
    all.insert(all.end(), fingerprint.begin(), fingerprint.end());
  }
  return sha256(all);
}

Result<LoadedProfile> TrustProfile::system() {
  if (const char* file = std::getenv("SSL_CERT_FILE"); file != nullptr && *file != '\0') {
    return from_files("system", {file});
  }
  for (const char* file : kSystemStores) {
    std::error_code error;
    if (std::filesystem::exists(file, error)) {
      return from_files("system", {file});
    }
  }
  return fail(ErrorCode::cannot_read,
              "this system has no store of root certificates in a known place; install its "
              "ca-certificates package or name the roots");
}

Result<LoadedProfile> TrustProfile::from_files(std::string name,
                                               const std::vector<std::string>& paths, Pipes pipes) {
  LoadedProfile loaded;
  std::vector<CertificatePtr> roots;
  for (const std::string& path : paths) {
    Reading reading = read_certificate_files(path, {}, pipes);
    for (FoundCertificate& found : reading.certificates) {
      roots.push_back(found.certificate);
      loaded.found.push_back(std::move(found));
    }
    for (Error& problem : reading.problems) {
      loaded.problems.push_back(std::move(problem));
    }
  }
  if (roots.empty()) {
    if (!loaded.problems.empty()) {
      return tl::unexpected(loaded.problems.front());
    }
    return fail(ErrorCode::empty, "trust profile '" + name + "' has no root certificate");
  }
  loaded.profile = std::make_shared<const TrustProfile>(std::move(name), roots);
  return loaded;
}

Result<LoadedProfile> TrustProfile::system_and_files(std::string name,
                                                     const std::vector<std::string>& paths) {
  Result<LoadedProfile> files = from_files(name, paths);
  if (!files) {
    return files;
  }
  Result<LoadedProfile> both = system();
  if (!both) {
    return both;
  }
  std::vector<CertificatePtr> roots;
  for (const LoadedProfile* part : {&*files, &*both}) {
    for (const FoundCertificate& found : part->found) {
      roots.push_back(found.certificate);
    }
  }
  both->problems.insert(both->problems.end(), files->problems.begin(), files->problems.end());
  both->found = std::move(files->found);
  both->profile = std::make_shared<const TrustProfile>(std::move(name), roots);
  return both;
}

bool TrustProfile::contains(const Certificate& certificate) const {
  return fingerprints_.contains(certificate.fingerprint());
}

const std::vector<CertificatePtr>& TrustProfile::with_subject(
    const std::string& subject_key) const {
  static const std::vector<CertificatePtr> kNone;
  const auto found = by_subject_.find(subject_key);
  return found == by_subject_.end() ? kNone : found->second;
}

}  // namespace chainmend::certs
