#include "proxy/lab/lab_pki.h"

#include <cerrno>
#include <cstring>
#include <fstream>
#include <optional>
#include <vector>

#include "certs/issue.h"

namespace chainmend::lab {

namespace {

using certs::Issued;
using certs::IssueSpec;
using std::chrono::days;

// Makes and writes; after the first failure it does neither, and says why at the end.
class Maker {
 public:
  explicit Maker(const PkiTerms& terms) : terms_(terms), pki_(terms.folder / "pki") {}

  Issued ca(const std::string& common_name, const Issued* issuer) {
    return make(ca_spec(common_name, issuer));
  }

  IssueSpec ca_spec(const std::string& common_name, const Issued* issuer) const {
    return {.subject = name(common_name),
            .issuer = issuer,
            .not_before = terms_.now - days(3650),
            .not_after = terms_.now + days(3650),
            .key_usage = "critical,keyCertSign,cRLSign"};
  }

  IssueSpec leaf_spec(const Issued& issuer) const {
    return {.subject = name(kHost),
            .issuer = &issuer,
            .not_before = terms_.now - days(30),
            .not_after = terms_.now + days(335),
            .basic_constraints = "CA:FALSE",
            .key_usage = "critical,digitalSignature,keyEncipherment",
            .extended_key_usage = "serverAuth",
            .alternative_names =
                std::string("DNS:") + kHost + ",DNS:autodiscover.contoso.test,IP:127.0.0.1"};
  }

  Issued make(IssueSpec spec) {
    if (spec.key == nullptr) {
      spec.key = certs::make_rsa_key(2048);
    }
    auto made = problem_ ? tl::unexpected(*problem_) : certs::issue_certificate(spec);
    if (made) {
      return *std::move(made);
    }
    problem_ = made.error();
    return {};
  }

  void write(const std::filesystem::path& file, const std::vector<Issued>& list) {
    std::string pem;
    for (const Issued& one : list) {
      pem += problem_ ? "" : one.certificate->pem();
    }
    write_text(file, pem);
  }

  void write_pki(const std::string& file, const std::vector<Issued>& list) {
    write(pki_ / file, list);
  }

  void write_key(const std::string& file, const Issued& of) {
    if (!problem_) {
      write_text(pki_ / file, certs::key_pem(of));
      std::error_code ignored;
      std::filesystem::permissions(pki_ / file, std::filesystem::perms::owner_read, ignored);
    }
  }

  void publish(const std::string& file, const Issued& one) {
    if (!problem_) {
      write_text(terms_.folder / "published" / file,
                 std::string(certs::as_text(one.certificate->der())));
    }
  }

  void fold(const std::filesystem::path& folder) {
    std::error_code error;
    std::filesystem::create_directories(folder, error);
    if (error && !problem_) {
      problem_ = certs::Error{certs::ErrorCode::cannot_read,
                              "cannot make this folder: " + error.message(), folder.string(), 0};
    }
  }

  certs::Result<void> end() const {
    return problem_ ? certs::Result<void>(tl::unexpected(*problem_)) : certs::Result<void>();
  }

 private:
  static std::string name(const std::string& common_name) {
    return "O=Contoso lab,CN=" + common_name;
  }

  void write_text(const std::filesystem::path& file, const std::string& text) {
    std::ofstream out(file, std::ios::binary | std::ios::trunc);
    out << text;
    out.close();
    if (!out && !problem_) {
      problem_ = certs::Error{certs::ErrorCode::cannot_read,
                              "cannot write this file: " + std::string(std::strerror(errno)),
                              file.string(), 0};
    }
  }

  const PkiTerms& terms_;
  std::filesystem::path pki_;
  std::optional<certs::Error> problem_;
};

}  // namespace

certs::Result<void> make_pki(const PkiTerms& terms) {
  Maker maker(terms);
  for (const char* folder : {"pki", "published", "keystore/certs"}) {
    maker.fold(terms.folder / folder);
  }
  constexpr const char* kPrimary = "Contoso Lab Class 3 Primary CA - G5";
  constexpr const char* kIssuing = "Contoso Lab Class 3 Secure Server CA - G3";
  const Issued old_root = maker.ca("Contoso Lab Class 3 Root of 1996", nullptr);
  const Issued root = maker.ca("Contoso Lab Class 3 Root", nullptr);
  const Issued primary = maker.ca(kPrimary, &root);
  const Issued namesake = maker.ca(kPrimary, &root);  // another key under the same name
  const Issued issuing = maker.ca(kIssuing, &primary);
  if (auto made = maker.end(); !made) {
    return made;
  }
  IssueSpec cross = maker.ca_spec("Contoso Lab Class 3 Root", &old_root);
  cross.key = root.key;
  const Issued cross_signed = maker.make(cross);
  IssueSpec old_issuing = maker.ca_spec(kIssuing, &primary);
  old_issuing.key = issuing.key;
  old_issuing.not_after = terms.now - days(20);
  const Issued expired = maker.make(old_issuing);
  const Issued leaf = maker.make(maker.leaf_spec(issuing));
  const Issued renewed = maker.make(maker.leaf_spec(issuing));

  IssueSpec published = maker.ca_spec("Contoso Lab Issuing CA", &primary);
  published.aia_urls = {terms.aia + "/primary.der"};
  const Issued by_aia = maker.make(published);
  if (auto made = maker.end(); !made) {
    return made;
  }
  IssueSpec names_it = maker.leaf_spec(by_aia);
  names_it.aia_urls = {terms.aia + "/issuing.der"};
  const Issued leaf_aia = maker.make(names_it);

  maker.write_pki("root.pem", {root});
  maker.write_pki("old-root.pem", {old_root});
  maker.write_pki("roots.pem", {root, old_root});
  maker.write_pki("bundle.pem", {namesake, issuing, cross_signed, primary});
  maker.write_pki("leaf.pem", {leaf});
  maker.write_pki("full.pem", {leaf, issuing, primary});
  maker.write_pki("one-intermediate.pem", {leaf, issuing});
  maker.write_pki("wrong-order.pem", {leaf, primary, issuing});
  maker.write_pki("expired-intermediate.pem", {leaf, expired, primary});
  maker.write_pki("cross-signed.pem", {leaf, issuing, primary, cross_signed});
  maker.write_pki("renewed.pem", {renewed, issuing, primary});
  maker.write_pki("leaf-aia.pem", {leaf_aia});
  maker.write_key("leaf.key", leaf);
  maker.write_key("renewed.key", renewed);
  maker.write_key("leaf-aia.key", leaf_aia);
  maker.publish("issuing.der", by_aia);
  maker.publish("primary.der", primary);
  maker.write(terms.folder / "keystore/certs/server.crt", {leaf});
  maker.write(terms.folder / "keystore/certs/ca.crt", {issuing, primary, root});
  maker.write(terms.folder / "root-store-broken.pem", {root, issuing, old_root});
  maker.write(terms.folder / "root-store-fixed.pem", {root, old_root});
  return maker.end();
}

}  // namespace chainmend::lab
