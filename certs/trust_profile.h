// TrustProfile: the roots that one kind of client has. Immutable and shared.
#pragma once

#include <memory>
#include <string>
#include <unordered_map>
#include <unordered_set>
#include <vector>

#include "certs/certificate.h"
#include "certs/certificate_reader.h"
#include "certs/result.h"

namespace chainmend::certs {

class TrustProfile;
using TrustProfilePtr = std::shared_ptr<const TrustProfile>;

struct LoadedProfile {
  TrustProfilePtr profile;
  std::vector<Error> problems;  // entries that were skipped, and files that could not be read
  std::vector<FoundCertificate> found;  // as they stood in the files, for examine_roots()
};

class TrustProfile {
 public:
  TrustProfile(std::string name, const std::vector<CertificatePtr>& roots);

  // The operating system's store: $SSL_CERT_FILE, else the first of the usual files that exists.
  static Result<LoadedProfile> system();
  // Files, folders and glob patterns. A profile without a single root is an error.
  static Result<LoadedProfile> from_files(std::string name, const std::vector<std::string>& paths,
                                          Pipes pipes = Pipes::refused);
  // The roots of both, under this name; of the files there must be one as well. `found` has those
  // of the files alone: the system's are not the caller's to examine.
  static Result<LoadedProfile> system_and_files(std::string name,
                                                const std::vector<std::string>& paths);

  const std::string& name() const { return name_; }
  std::size_t size() const { return fingerprints_.size(); }
  Sha256 hash() const;  // equal for profiles of the same roots, whatever their names
  bool contains(const Certificate& certificate) const;  // this very certificate, byte for byte
  // Roots of that subject (Certificate::subject_key()).
  const std::vector<CertificatePtr>& with_subject(const std::string& subject_key) const;

 private:
  std::string name_;
  std::unordered_map<std::string, std::vector<CertificatePtr>> by_subject_;
  std::unordered_set<Sha256, Sha256Hash> fingerprints_;
};

}  // namespace chainmend::certs
