// A certificate authority for tests: makes any certificate that a test can describe, well-formed or
// wicked. Keys are fresh in every process; names, dates and flags are what the test says.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "certs/certificate.h"
#include "certs/issuer_source.h"

namespace chainmend::certs::testing {

using SharedKey = std::shared_ptr<EVP_PKEY>;

SharedKey make_ec_key();
SharedKey make_rsa_key(int bits);

// A certificate and the key that belongs to it.
struct Identity {
  CertificatePtr certificate;
  SharedKey key;
};

// How the authority key identifier is written.
struct AuthorityForm {
  bool key_id = true;                      // the issuer's subject key id, when it has one
  std::optional<Bytes> other_key_id = {};  // this one instead
  const Identity* serial_of = nullptr;     // also issuer and serial of this certificate
};

struct Spec {
  std::string subject = "CN=Test";      // "CN=a,O=b"; '+' joins attributes of one RDN
  int string_type = V_ASN1_UTF8STRING;  // of every attribute
  const Identity* issuer = nullptr;     // self-signed when null
  std::string issuer_subject = {};  // written instead of the issuer's own subject, when not empty
  int issuer_string_type = V_ASN1_UTF8STRING;
  SharedKey key = {};  // a fresh EC key when null
  const EVP_MD* digest = EVP_sha256();
  Time not_before = *parse_time("2020-01-01"), not_after = *parse_time("2030-01-01");
  std::string basic_constraints =
      "critical,CA:TRUE";  // in OpenSSL's configuration syntax; empty leaves it out
  std::string key_usage = {}, extended_key_usage = {}, alternative_names = {},
              name_constraints = {};
  std::vector<std::string> aia_urls = {};
  bool subject_key_id = true;
  std::optional<Bytes> other_subject_key_id = {};
  AuthorityForm authority = {};
  bool unknown_critical_extension = false;
  bool broken_signature = false;
};

Identity issue(const Spec& spec);

// The usual three.
Identity make_root(const std::string& subject);
Identity make_ca(const std::string& subject, const Identity& issuer);
Identity make_leaf(const std::string& host, const Identity& issuer);

Candidate in_bundle(const Identity& identity);
EvpPkeyPtr key_of(const Identity& identity);
std::string key_pem(const Identity& identity);  // unencrypted PKCS#8

}  // namespace chainmend::certs::testing
