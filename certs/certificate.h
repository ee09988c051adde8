// Certificate: one X.509 certificate, parsed once, immutable and shared. Everything that the chain search
// asks often (names in comparable form, key ids, dates, flags) is computed at construction, so that reading it
// is a field access and any thread may read.
#pragma once

#include <openssl/x509.h>

#include <array>
#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "certs/openssl.h"
#include "certs/result.h"

namespace chainmend::certs {

using Bytes = std::vector<std::uint8_t>;
using ByteView = std::span<const std::uint8_t>;
using Time = std::chrono::sys_seconds;
using Sha256 = std::array<std::uint8_t, 32>;

std::string hex(ByteView bytes);           // lower case, no separators
std::string hex_colons(ByteView bytes);    // "AB:CD:.." as key ids are usually shown
std::string format_time(Time t);           // ISO 8601, "2026-11-22T10:00:00Z"
Result<Time> parse_time(std::string_view); // ISO 8601 with Z, or epoch seconds

class Certificate;
using CertificatePtr = std::shared_ptr<const Certificate>;

class Certificate {
 public:
  // Parses one DER certificate; trailing bytes are an error.
  static Result<CertificatePtr> from_der(ByteView der);
  // Shares x (takes a reference of its own).
  static Result<CertificatePtr> from_x509(X509* x);

  X509* x509() const { return x509_.get(); }  // borrowed; do not modify
  ByteView der() const { return der_; }
  std::string pem() const;

  const Sha256& fingerprint() const { return fingerprint_; }  // SHA-256 of the DER
  const std::string& subject() const { return subject_; }     // RFC 2253, UTF-8, control bytes escaped
  const std::string& issuer() const { return issuer_; }
  std::string common_name() const;  // last CN of the subject; empty if none

  // Names in the comparable form of RFC 5280 7.1: equal strings mean equal names.
  const std::string& subject_key() const { return subject_key_; }
  const std::string& issuer_key() const { return issuer_key_; }

  std::optional<ByteView> subject_key_id() const;
  std::optional<ByteView> authority_key_id() const;
  const Sha256& spki_hash() const { return spki_hash_; }  // SHA-256 of the SubjectPublicKeyInfo

  Time not_before() const { return not_before_; }
  Time not_after() const { return not_after_; }
  bool valid_at(Time t) const { return not_before_ <= t && t <= not_after_; }

  bool self_issued() const { return subject_key_ == issuer_key_; }
  bool self_signed() const { return self_signed_; }  // self-issued and the signature verifies

  // dNSName and iPAddress entries of the subjectAltName as text, lower case; the CN when there is no SAN.
  const std::vector<std::string>& names() const { return names_; }
  // caIssuers URLs of the authority information access extension, in order, any scheme, at most 16.
  const std::vector<std::string>& aia_urls() const { return aia_urls_; }

  // "RSA 2048", "EC P-256", ...
  std::string key_description() const;

 private:
  Certificate() = default;
  X509Ptr x509_;
  Bytes der_;
  Sha256 fingerprint_{};
  Sha256 spki_hash_{};
  std::string subject_, issuer_, subject_key_, issuer_key_;
  Bytes subject_key_id_, authority_key_id_;
  bool has_subject_key_id_ = false, has_authority_key_id_ = false;
  Time not_before_{}, not_after_{};
  bool self_signed_ = false;
  std::vector<std::string> names_, aia_urls_;
};

}  // namespace chainmend::certs
