#include "certs/issue.h"

#include <openssl/ec.h>
#include <openssl/pem.h>
#include <openssl/rand.h>
#include <openssl/rsa.h>
#include <openssl/x509v3.h>

#include <sstream>

namespace chainmend::certs {

namespace {

using AuthorityKeyIdPtr = std::unique_ptr<AUTHORITY_KEYID, OpensslDeleter<&AUTHORITY_KEYID_free>>;
using ExtensionPtr = std::unique_ptr<X509_EXTENSION, OpensslDeleter<&X509_EXTENSION_free>>;
using NamePtr = std::unique_ptr<X509_NAME, OpensslDeleter<&X509_NAME_free>>;
using ObjectPtr = std::unique_ptr<ASN1_OBJECT, OpensslDeleter<&ASN1_OBJECT_free>>;
using OctetsPtr = std::unique_ptr<ASN1_OCTET_STRING, OpensslDeleter<&ASN1_OCTET_STRING_free>>;

bool add_attribute(X509_NAME* name, const std::string& text, int type, int set) {
  const auto equals = text.find('=');
  if (equals == std::string::npos) {
    return false;
  }
  std::string value;
  for (const char c : text.substr(equals + 1)) {
    value += type == V_ASN1_BMPSTRING ? std::string(1, '\0') + c : std::string(1, c);
  }
  return X509_NAME_add_entry_by_txt(name, text.substr(0, equals).c_str(), type,
                                    reinterpret_cast<const unsigned char*>(value.data()),
                                    static_cast<int>(value.size()), -1, set) == 1;
}

// Null: the text is no name.
NamePtr make_name(const std::string& text, int type) {
  NamePtr name(X509_NAME_new());
  std::istringstream rdns(text);
  for (std::string rdn; std::getline(rdns, rdn, ',');) {
    std::istringstream attributes(rdn);
    int set = 0;
    for (std::string attribute; std::getline(attributes, attribute, '+'); set = -1) {
      if (!add_attribute(name.get(), attribute, type, set)) {
        return nullptr;
      }
    }
  }
  return name;
}

bool set_names(X509* x, const IssueSpec& spec) {
  const NamePtr subject = make_name(spec.subject, spec.string_type);
  const NamePtr other = make_name(spec.issuer_subject, spec.issuer_string_type);
  if (!subject || !other) {
    return false;
  }
  const X509_NAME* const issuer = !spec.issuer_subject.empty() ? other.get()
                                  : spec.issuer != nullptr
                                      ? X509_get_subject_name(spec.issuer->certificate->x509())
                                      : subject.get();
  return X509_set_subject_name(x, subject.get()) == 1 && X509_set_issuer_name(x, issuer) == 1;
}

bool set_serial(X509* x) {
  std::uint64_t serial = 0;
  return RAND_bytes(reinterpret_cast<unsigned char*>(&serial), sizeof serial) == 1 &&
         ASN1_INTEGER_set_uint64(X509_get_serialNumber(x), serial >> 1) == 1;
}

bool set_dates(X509* x, const IssueSpec& spec) {
  const auto set = [](ASN1_TIME* to, Time time) {
    return ASN1_TIME_set(to, time.time_since_epoch().count()) != nullptr;
  };
  return set(X509_getm_notBefore(x), spec.not_before) && set(X509_getm_notAfter(x), spec.not_after);
}

bool add(X509* x, int nid, const std::string& value) {
  if (value.empty()) {
    return true;
  }
  const ExtensionPtr extension(X509V3_EXT_conf_nid(nullptr, nullptr, nid, value.c_str()));
  return extension != nullptr && X509_add_ext(x, extension.get(), -1) == 1;
}

bool add_aia(X509* x, const std::vector<std::string>& urls) {
  std::string value;
  for (const std::string& url : urls) {
    value += (value.empty() ? "" : ",") + std::string("caIssuers;URI:") + url;
  }
  return add(x, NID_info_access, value);
}

// RFC 5280 4.2.1.2 leaves the method open: here the first 20 bytes of the key's SHA-256.
Bytes key_digest(EVP_PKEY* key) {
  unsigned char* der = nullptr;
  const int size = i2d_PUBKEY(key, &der);
  const Sha256 digest = sha256({der, static_cast<std::size_t>(size)});
  OPENSSL_free(der);
  return {digest.begin(), digest.begin() + 20};
}

OctetsPtr octets(const Bytes& bytes) {
  OctetsPtr out(ASN1_OCTET_STRING_new());
  ASN1_OCTET_STRING_set(out.get(), bytes.data(), static_cast<int>(bytes.size()));
  return out;
}

bool add_subject_key_id(X509* x, const IssueSpec& spec, EVP_PKEY* key) {
  if (!spec.subject_key_id) {
    return true;
  }
  const OctetsPtr id = octets(spec.other_subject_key_id.value_or(key_digest(key)));
  return X509_add1_ext_i2d(x, NID_subject_key_identifier, id.get(), 0, X509V3_ADD_DEFAULT) == 1;
}

bool add_authority_key_id(X509* x, const IssueSpec& spec) {
  const AuthorityForm& form = spec.authority;
  const AuthorityKeyIdPtr id(AUTHORITY_KEYID_new());
  if (form.other_key_id) {
    id->keyid = octets(*form.other_key_id).release();
  } else if (form.key_id && spec.issuer != nullptr && spec.issuer->certificate->subject_key_id()) {
    id->keyid = octets(*spec.issuer->certificate->subject_key_id()).release();
  }
  if (form.serial_of != nullptr) {
    X509* const named = form.serial_of->certificate->x509();
    GENERAL_NAME* const name = GENERAL_NAME_new();
    GENERAL_NAME_set0_value(name, GEN_DIRNAME, X509_NAME_dup(X509_get_issuer_name(named)));
    id->issuer = GENERAL_NAMES_new();
    sk_GENERAL_NAME_push(id->issuer, name);
    id->serial = ASN1_INTEGER_dup(X509_get0_serialNumber(named));
  }
  return (id->keyid == nullptr && id->serial == nullptr) ||
         X509_add1_ext_i2d(x, NID_authority_key_identifier, id.get(), 0, X509V3_ADD_DEFAULT) == 1;
}

bool add_unknown_critical(X509* x) {
  const ObjectPtr oid(OBJ_txt2obj("1.3.6.1.4.1.99999.1", 1));
  const OctetsPtr value = octets({0x05, 0x00});
  const ExtensionPtr extension(X509_EXTENSION_create_by_OBJ(nullptr, oid.get(), 1, value.get()));
  return X509_add_ext(x, extension.get(), -1) == 1;
}

bool add_extensions(X509* x, const IssueSpec& spec, EVP_PKEY* key) {
  return add(x, NID_basic_constraints, spec.basic_constraints) &&
         add(x, NID_key_usage, spec.key_usage) &&
         add(x, NID_ext_key_usage, spec.extended_key_usage) &&
         add(x, NID_subject_alt_name, spec.alternative_names) &&
         add(x, NID_name_constraints, spec.name_constraints) && add_aia(x, spec.aia_urls) &&
         add_subject_key_id(x, spec, key) && add_authority_key_id(x, spec) &&
         (!spec.unknown_critical_extension || add_unknown_critical(x));
}

void break_signature(X509* x) {
  const ASN1_BIT_STRING* signature = nullptr;
  X509_get0_signature(&signature, nullptr, x);
  const_cast<ASN1_BIT_STRING*>(signature)->data[signature->length - 1] ^= 1;
}

}  // namespace

SharedKey make_ec_key() { return {EVP_EC_gen("P-256"), &EVP_PKEY_free}; }

SharedKey make_rsa_key(int bits) {
  return {EVP_RSA_gen(static_cast<unsigned>(bits)), &EVP_PKEY_free};
}

Result<Issued> issue_certificate(const IssueSpec& spec) {
  const SharedKey key = spec.key != nullptr ? spec.key : make_ec_key();
  const X509Ptr x(X509_new());
  EVP_PKEY* const signer = spec.issuer != nullptr ? spec.issuer->key.get() : key.get();
  const bool is_made = X509_set_version(x.get(), X509_VERSION_3) == 1 && set_serial(x.get()) &&
                       set_names(x.get(), spec) && set_dates(x.get(), spec) &&
                       X509_set_pubkey(x.get(), key.get()) == 1 &&
                       add_extensions(x.get(), spec, key.get()) &&
                       X509_sign(x.get(), signer, spec.digest) > 0;
  if (!is_made) {
    return fail(ErrorCode::malformed,
                "OpenSSL cannot make this certificate: " + drain_openssl_errors(), spec.subject);
  }
  if (spec.broken_signature) {
    break_signature(x.get());
  }
  return Certificate::from_x509(x.get()).map(
      [&key](CertificatePtr made) { return Issued{std::move(made), key}; });
}

std::string key_pem(const Issued& issued) {
  const BioPtr out(BIO_new(BIO_s_mem()));
  PEM_write_bio_PKCS8PrivateKey(out.get(), issued.key.get(), nullptr, nullptr, 0, nullptr, nullptr);
  char* data = nullptr;
  const long size = BIO_get_mem_data(out.get(), &data);
  return {data, static_cast<std::size_t>(size)};
}

}  // namespace chainmend::certs
