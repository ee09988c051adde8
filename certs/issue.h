// issue_certificate(): makes a certificate as it is described, well-formed or wicked: for labs,
// which show what clients do with it, and for tests.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "certs/certificate.h"

namespace chainmend::certs {

using SharedKey = std::shared_ptr<EVP_PKEY>;

SharedKey make_ec_key();  // P-256
SharedKey make_rsa_key(int bits);

// A certificate and the key that belongs to it.
struct Issued {
  CertificatePtr certificate;
  SharedKey key;
};

// How the authority key identifier is written.
struct AuthorityForm {
  bool key_id = true;                      // the issuer's subject key id, when it has one
  std::optional<Bytes> other_key_id = {};  // this one instead
  const Issued* serial_of = nullptr;       // also issuer and serial of this certificate
};

struct IssueSpec {
  std::string subject = "CN=Test";      // "CN=a,O=b"; '+' joins attributes of one RDN
  int string_type = V_ASN1_UTF8STRING;  // of every attribute
  const Issued* issuer = nullptr;       // self-signed when null
  std::string issuer_subject = {};  // written instead of the issuer's own subject, when not empty
  int issuer_string_type = V_ASN1_UTF8STRING;
  SharedKey key = {};  // a fresh EC key when null
  const EVP_MD* digest = EVP_sha256();
  Time not_before = *parse_time("2020-01-01"), not_after = *parse_time("2030-01-01");
  // In OpenSSL's configuration syntax, x509v3_config(5); empty leaves one out.
  std::string basic_constraints = "critical,CA:TRUE";
  std::string key_usage = {}, extended_key_usage = {}, alternative_names = {},
              name_constraints = {};
  std::vector<std::string> aia_urls = {};
  bool subject_key_id = true;
  std::optional<Bytes> other_subject_key_id = {};
  AuthorityForm authority = {};
  bool unknown_critical_extension = false;
  bool broken_signature = false;
};

// Fails where OpenSSL does not take a part of the description.
Result<Issued> issue_certificate(const IssueSpec& spec);

std::string key_pem(const Issued& issued);  // unencrypted PKCS#8

}  // namespace chainmend::certs
