#include "certs/credential.h"

#include <fmt/format.h>

#include "certs/file_text.h"
#include "certs/pkcs12.h"
#include "certs/private_key.h"

namespace chainmend::certs {

namespace {

// A key renewed with its old key leaves two certificates for one key: the newer is meant.
bool is_better_leaf(const Certificate& a, const Certificate& b) {
  return a.not_before() != b.not_before() ? a.not_before() > b.not_before()
                                          : a.not_after() > b.not_after();
}

}  // namespace

Result<Credential> make_credential(const std::vector<FoundCertificate>& found, EvpPkeyPtr key) {
  if (found.empty()) {
    return fail(ErrorCode::empty, "no certificate to go with the private key");
  }
  const Sha256 wanted = spki_hash(*key);
  std::size_t leaf = found.size();
  for (std::size_t i = 0; i < found.size(); ++i) {
    const Certificate& one = *found[i].certificate;
    if (one.spki_hash() == wanted &&
        (leaf == found.size() || is_better_leaf(one, *found[leaf].certificate))) {
      leaf = i;
    }
  }
  if (leaf == found.size()) {
    const Certificate& meant = *found[pick_leaf(found)].certificate;
    return fail(
        ErrorCode::key_mismatch,
        fmt::format("the private key does not belong to the certificate '{}': SHA-256 of the "
                    "public key is {} in the key and {} in the certificate",
                    meant.subject(), hex(wanted), hex(meant.spki_hash())));
  }
  return Credential{make_leaf_file(found, leaf), std::move(key), {}, {}};
}

Result<Credential> load_credential(const std::string& certificate_file, const std::string& key_file,
                                   const Password& password) {
  const auto bytes = read_file(certificate_file);
  if (!bytes) {
    return tl::unexpected(bytes.error());
  }
  Reading reading = read_certificates(*bytes, certificate_file, password);
  if (reading.certificates.empty()) {
    return tl::unexpected(reading.problems.front());
  }
  auto key = read_private_key_file(key_file, password);
  if (!key) {
    return tl::unexpected(key.error());
  }
  auto credential = make_credential(reading.certificates, std::move(*key));
  if (!credential) {
    credential.error().where = key_file;
    return credential;
  }
  credential->problems = std::move(reading.problems);
  credential->notes = std::move(reading.notes);
  return credential;
}

Result<Credential> load_pfx(const std::string& file, const Password& password,
                            const std::string& key_name) {
  const auto bytes = read_file(file);
  if (!bytes) {
    return tl::unexpected(bytes.error());
  }
  const std::string foreign = name_foreign_bytes(*bytes);
  auto content = looks_like_pkcs12(*bytes) ? read_pkcs12(*bytes, password)
                                           : fail(ErrorCode::not_recognised,
                                                  foreign.empty() ? "no PKCS#12 (.pfx, .p12) file"
                                                                  : "this is " + foreign);
  if (!content) {
    content.error().where = file;
    return tl::unexpected(content.error());
  }
  auto key = take_key(*content, key_name);
  if (!key) {
    key.error().where = file;
    return tl::unexpected(key.error());
  }
  std::vector<FoundCertificate> found;
  for (CertificatePtr& certificate : content->certificates) {
    found.push_back({std::move(certificate), file, 0});
  }
  auto credential = make_credential(found, std::move(*key));
  if (!credential) {
    credential.error().where = file;
  }
  return credential;
}

}  // namespace chainmend::certs
