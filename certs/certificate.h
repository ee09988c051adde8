// Certificate: one X.509 certificate, parsed once, immutable and shared. Everything that the chain
// search asks often (names in comparable form, key ids, dates, flags) is computed at construction,
// so that reading it is a field access and any thread may read.
#pragma once

#include <openssl/x509.h>

#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "certs/bytes.h"
#include "certs/openssl.h"
#include "certs/result.h"
#include "certs/time.h"

namespace chainmend::certs {

class Certificate;
using CertificatePtr = std::shared_ptr<const Certificate>;

// What the basicConstraints extension says.
enum class CaFlag : std::uint8_t { absent, no, yes };

// The authority key identifier (RFC 5280 4.2.1.1): what the child says of its issuer's certificate.
// Each part may be missing.
struct AuthorityKeyId {
  std::optional<Bytes> key_id;
  std::optional<std::string> issuer_key;  // name of the issuer's issuer, in comparable form
  std::optional<Bytes> serial;            // serial number of the issuer's certificate
};

class Certificate {
 public:
  // Parses one DER certificate; trailing bytes are an error.
  static Result<CertificatePtr> from_der(ByteView der);
  // Shares x (takes a reference of its own).
  static Result<CertificatePtr> from_x509(X509* x);

  // Borrowed; do not modify. Decoded with its key when first asked for: OpenSSL 3 takes ten times
  // as long for the key as for all the rest, and most certificates of a large bundle never need it.
  X509* x509() const;
  ByteView der() const { return der_; }
  std::string pem() const;

  const Sha256& fingerprint() const { return fingerprint_; }  // SHA-256 of the DER
  const std::string& subject() const { return subject_; }  // RFC 2253, UTF-8, control bytes escaped
  const std::string& issuer() const { return issuer_; }
  std::string common_name() const;  // last CN of the subject; empty if none
  std::string issuer_common_name() const;

  // Names in the comparable form of RFC 5280 7.1: equal strings mean equal names.
  const std::string& subject_key() const { return subject_key_; }
  const std::string& issuer_key() const { return issuer_key_; }

  const Bytes& serial() const { return serial_; }  // magnitude of the INTEGER
  const std::optional<Bytes>& subject_key_id() const { return subject_key_id_; }
  const AuthorityKeyId& authority() const { return authority_; }
  const Sha256& spki_hash() const { return spki_hash_; }  // SHA-256 of the SubjectPublicKeyInfo
  // Hash of subject, subjectAltName and SubjectPublicKeyInfo: one entity, however often
  // cross-signed. No path holds the same entity twice (RFC 4158 2.4.2).
  const Sha256& entity() const { return entity_; }

  Time not_before() const { return not_before_; }
  Time not_after() const { return not_after_; }
  bool valid_at(Time t) const { return not_before_ <= t && t <= not_after_; }

  bool self_issued() const { return subject_key_ == issuer_key_; }
  // Self-issued, and the signature verifies or is of a kind that nobody can verify any more (MD2).
  bool self_signed() const { return self_signed_; }

  CaFlag ca_flag() const { return ca_flag_; }
  std::optional<std::uint32_t> path_length() const { return path_length_; }  // pathLenConstraint
  bool may_sign_certificates() const;  // keyUsage is absent or has keyCertSign
  bool may_serve() const;          // as a leaf: extendedKeyUsage is absent or has serverAuth or any
  bool may_issue_servers() const;  // as a CA: the same, or one of the two SGC purposes
  // As a client's: extendedKeyUsage has clientAuth or any, and keyUsage digitalSignature, where
  // they are there.
  bool may_authenticate_clients() const;
  bool may_issue_clients() const;  // as a CA: extendedKeyUsage is absent, or has clientAuth or any
  bool has_unknown_critical_extension() const;
  bool has_broken_extensions() const;
  const NAME_CONSTRAINTS* name_constraints() const { return name_constraints_.get(); }  // or null

  // dNSName and iPAddress entries of the subjectAltName as text, lower case; the CN when there are
  // none.
  const std::vector<std::string>& names() const { return names_; }
  bool has_dns_names() const { return has_dns_names_; }  // in the subjectAltName
  // caIssuers URLs of the authority information access extension, in order, any scheme, at most 16.
  // What holds blanks, control bytes or more than 2048 characters is no URL and left out.
  const std::vector<std::string>& aia_urls() const { return aia_urls_; }

  std::string key_description() const;  // "RSA 2048", "EC P-256", ...
  // Why modern clients would refuse it in a chain: "signed with SHA-1", "RSA key of 1024 bits";
  // else empty. The signature of a self-signed certificate is nobody's concern and not looked at.
  std::string weakness() const;

 private:
  Certificate() = default;
  Result<void> read(X509Ptr x);  // fills everything; the steps follow
  void decide_self_signed();
  Result<void> read_dates();
  void read_key_ids();
  void read_constraints();
  void read_alternative_names();
  void read_aia_urls();

  X509Ptr fields_;  // of the certificate; the key may be missing
  mutable std::once_flag decoded_;
  mutable X509Ptr x509_;
  Bytes der_;
  Sha256 fingerprint_{}, spki_hash_{}, entity_{};
  std::string subject_, issuer_, subject_key_, issuer_key_;
  Bytes serial_;
  std::optional<Bytes> subject_key_id_;
  AuthorityKeyId authority_;
  Time not_before_{}, not_after_{};
  std::uint32_t flags_ = 0;  // EXFLAG_* of OpenSSL
  CaFlag ca_flag_ = CaFlag::absent;
  std::optional<std::uint32_t> path_length_;
  NameConstraintsPtr name_constraints_;
  bool broken_ = false;
  bool self_signed_ = false;
  bool has_dns_names_ = false;
  std::vector<std::string> names_, aia_urls_;
};

// True when the public key of issuer verifies the signature on child. Names, dates and flags are
// not looked at.
bool verifies(const Certificate& child, const Certificate& issuer);

}  // namespace chainmend::certs
