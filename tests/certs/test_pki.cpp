#include "tests/certs/test_pki.h"

#include <openssl/ec.h>
#include <openssl/pem.h>
#include <openssl/rand.h>
#include <openssl/rsa.h>
#include <openssl/x509v3.h>

#include <cstdlib>
#include <sstream>

namespace chainmend::certs::testing {

namespace {

using NamePtr = std::unique_ptr<X509_NAME, OpensslDeleter<&X509_NAME_free>>;
using ExtensionPtr = std::unique_ptr<X509_EXTENSION, OpensslDeleter<&X509_EXTENSION_free>>;

void require(bool good) {
  if (!good) {
    std::abort();  // a broken test, not a failing one
  }
}

void add_attribute(X509_NAME* name, const std::string& text, int type, int set) {
  const auto equals = text.find('=');
  require(equals != std::string::npos);
  std::string value;
  for (const char c : text.substr(equals + 1)) {
    value += type == V_ASN1_BMPSTRING ? std::string(1, '\0') + c : std::string(1, c);
  }
  require(X509_NAME_add_entry_by_txt(name, text.substr(0, equals).c_str(), type,
                                     reinterpret_cast<const unsigned char*>(value.data()),
                                     static_cast<int>(value.size()), -1, set) == 1);
}

NamePtr make_name(const std::string& text, int type) {
  NamePtr name(X509_NAME_new());
  std::istringstream rdns(text);
  for (std::string rdn; std::getline(rdns, rdn, ',');) {
    std::istringstream attributes(rdn);
    int set = 0;
    for (std::string attribute; std::getline(attributes, attribute, '+'); set = -1) {
      add_attribute(name.get(), attribute, type, set);
    }
  }
  return name;
}

void add(X509* x, int nid, const std::string& value) {
  if (!value.empty()) {
    const ExtensionPtr extension(X509V3_EXT_conf_nid(nullptr, nullptr, nid, value.c_str()));
    require(extension != nullptr && X509_add_ext(x, extension.get(), -1) == 1);
  }
}

Bytes key_digest(EVP_PKEY* key) {
  unsigned char* der = nullptr;
  const int size = i2d_PUBKEY(key, &der);
  const Sha256 digest = sha256({der, static_cast<std::size_t>(size)});
  OPENSSL_free(der);
  return {digest.begin(), digest.begin() + 20};
}

ASN1_OCTET_STRING* octets(const Bytes& bytes) {
  ASN1_OCTET_STRING* out = ASN1_OCTET_STRING_new();
  ASN1_OCTET_STRING_set(out, bytes.data(), static_cast<int>(bytes.size()));
  return out;
}

void add_subject_key_id(X509* x, const Spec& spec, EVP_PKEY* key) {
  if (spec.subject_key_id) {
    ASN1_OCTET_STRING* id = octets(spec.other_subject_key_id.value_or(key_digest(key)));
    require(X509_add1_ext_i2d(x, NID_subject_key_identifier, id, 0, X509V3_ADD_DEFAULT) == 1);
    ASN1_OCTET_STRING_free(id);
  }
}

void add_authority_key_id(X509* x, const Spec& spec) {
  const AuthorityForm& form = spec.authority;
  AUTHORITY_KEYID* id = AUTHORITY_KEYID_new();
  if (form.other_key_id) {
    id->keyid = octets(*form.other_key_id);
  } else if (form.key_id && spec.issuer != nullptr && spec.issuer->certificate->subject_key_id()) {
    id->keyid = octets(*spec.issuer->certificate->subject_key_id());
  }
  if (form.serial_of != nullptr) {
    X509* named = form.serial_of->certificate->x509();
    GENERAL_NAME* name = GENERAL_NAME_new();
    GENERAL_NAME_set0_value(name, GEN_DIRNAME, X509_NAME_dup(X509_get_issuer_name(named)));
    id->issuer = GENERAL_NAMES_new();
    sk_GENERAL_NAME_push(id->issuer, name);
    id->serial = ASN1_INTEGER_dup(X509_get0_serialNumber(named));
  }
  if (id->keyid != nullptr || id->serial != nullptr) {
    require(X509_add1_ext_i2d(x, NID_authority_key_identifier, id, 0, X509V3_ADD_DEFAULT) == 1);
  }
  AUTHORITY_KEYID_free(id);
}

void add_unknown_critical(X509* x) {
  ASN1_OBJECT* oid = OBJ_txt2obj("1.3.6.1.4.1.99999.1", 1);
  ASN1_OCTET_STRING* value = octets({0x05, 0x00});
  const ExtensionPtr extension(X509_EXTENSION_create_by_OBJ(nullptr, oid, 1, value));
  require(X509_add_ext(x, extension.get(), -1) == 1);
  ASN1_OCTET_STRING_free(value);
  ASN1_OBJECT_free(oid);
}

void add_aia(X509* x, const std::vector<std::string>& urls) {
  std::string value;
  for (const std::string& url : urls) {
    value += (value.empty() ? "" : ",") + std::string("caIssuers;URI:") + url;
  }
  add(x, NID_info_access, value);
}

void set_serial(X509* x) {
  std::uint64_t serial = 0;
  require(RAND_bytes(reinterpret_cast<unsigned char*>(&serial), sizeof serial) == 1);
  ASN1_INTEGER_set_uint64(X509_get_serialNumber(x), serial >> 1);
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

Identity issue(const Spec& spec) {
  const SharedKey key = spec.key != nullptr ? spec.key : make_ec_key();
  const X509Ptr x(X509_new());
  X509_set_version(x.get(), X509_VERSION_3);
  set_serial(x.get());
  X509_set_subject_name(x.get(), make_name(spec.subject, spec.string_type).get());
  if (!spec.issuer_subject.empty()) {
    X509_set_issuer_name(x.get(), make_name(spec.issuer_subject, spec.issuer_string_type).get());
  } else {
    X509_set_issuer_name(x.get(), spec.issuer != nullptr
                                      ? X509_get_subject_name(spec.issuer->certificate->x509())
                                      : X509_get_subject_name(x.get()));
  }
  ASN1_TIME_set(X509_getm_notBefore(x.get()), spec.not_before.time_since_epoch().count());
  ASN1_TIME_set(X509_getm_notAfter(x.get()), spec.not_after.time_since_epoch().count());
  X509_set_pubkey(x.get(), key.get());
  add(x.get(), NID_basic_constraints, spec.basic_constraints);
  add(x.get(), NID_key_usage, spec.key_usage);
  add(x.get(), NID_ext_key_usage, spec.extended_key_usage);
  add(x.get(), NID_subject_alt_name, spec.alternative_names);
  add(x.get(), NID_name_constraints, spec.name_constraints);
  add_aia(x.get(), spec.aia_urls);
  add_subject_key_id(x.get(), spec, key.get());
  add_authority_key_id(x.get(), spec);
  if (spec.unknown_critical_extension) {
    add_unknown_critical(x.get());
  }
  EVP_PKEY* signer = spec.issuer != nullptr ? spec.issuer->key.get() : key.get();
  require(X509_sign(x.get(), signer, spec.digest) > 0);
  if (spec.broken_signature) {
    break_signature(x.get());
  }
  auto certificate = Certificate::from_x509(x.get());
  require(certificate.has_value());
  return {*certificate, key};
}

Identity make_root(const std::string& subject) { return issue({.subject = subject}); }

Identity make_ca(const std::string& subject, const Identity& issuer) {
  return issue({.subject = subject, .issuer = &issuer});
}

Identity make_leaf(const std::string& host, const Identity& issuer) {
  return issue({.subject = "CN=" + host,
                .issuer = &issuer,
                .basic_constraints = "",
                .extended_key_usage = "serverAuth",
                .alternative_names = "DNS:" + host});
}

Candidate in_bundle(const Identity& identity) {
  return {identity.certificate, Origin::bundle, "bundle.pem"};
}

EvpPkeyPtr key_of(const Identity& identity) { return up_ref(identity.key.get()); }

std::string key_pem(const Identity& identity) {
  const BioPtr out(BIO_new(BIO_s_mem()));
  PEM_write_bio_PKCS8PrivateKey(out.get(), identity.key.get(), nullptr, nullptr, 0, nullptr,
                                nullptr);
  char* data = nullptr;
  const long size = BIO_get_mem_data(out.get(), &data);
  return {data, static_cast<std::size_t>(size)};
}

}  // namespace chainmend::certs::testing
