#include "tests/certs/aia_fixtures.h"

#include <openssl/ec.h>
#include <openssl/pkcs7.h>
#include <openssl/x509v3.h>
#include <stdlib.h>

#include <atomic>
#include <filesystem>
#include <stdexcept>

namespace chainmend::certs {
namespace {

void add_extension(X509* x, int nid, const std::string& value) {
  X509_EXTENSION* extension = X509V3_EXT_conf_nid(nullptr, nullptr, nid, value.c_str());
  if (extension == nullptr) {
    throw std::runtime_error("bad extension " + value);
  }
  X509_add_ext(x, extension, -1);
  X509_EXTENSION_free(extension);
}

void add_aia(X509* x, const std::vector<std::string>& urls) {
  if (urls.empty()) {
    return;
  }
  const AuthorityInfoAccessPtr access(AUTHORITY_INFO_ACCESS_new());
  for (const std::string& url : urls) {
    ACCESS_DESCRIPTION* entry = ACCESS_DESCRIPTION_new();
    ASN1_OBJECT_free(entry->method);
    entry->method = OBJ_nid2obj(NID_ad_ca_issuers);
    ASN1_IA5STRING* text = ASN1_IA5STRING_new();
    ASN1_STRING_set(text, url.data(), static_cast<int>(url.size()));
    GENERAL_NAME_set0_value(entry->location, GEN_URI, text);
    sk_ACCESS_DESCRIPTION_push(access.get(), entry);
  }
  X509_add1_ext_i2d(x, NID_info_access, access.get(), 0, X509V3_ADD_DEFAULT);
}

Bytes content_of(BIO* bio) {
  char* data = nullptr;
  const long size = BIO_get_mem_data(bio, &data);
  return {data, data + size};
}

}  // namespace

Made make(const Wish& wish) {
  static std::atomic<long> serial{1000};
  Made made;
  made.key = wish.key != nullptr ? up_ref(wish.key) : EvpPkeyPtr(EVP_EC_gen("P-256"));
  const X509Ptr x(X509_new());
  X509_set_version(x.get(), X509_VERSION_3);
  ASN1_INTEGER_set(X509_get_serialNumber(x.get()), ++serial);
  X509_gmtime_adj(X509_getm_notBefore(x.get()), -86'400);
  X509_gmtime_adj(X509_getm_notAfter(x.get()), 365L * 86'400);
  X509_set_pubkey(x.get(), made.key.get());
  X509_NAME* subject = X509_get_subject_name(x.get());
  X509_NAME_add_entry_by_txt(subject, "CN", MBSTRING_UTF8,
                             reinterpret_cast<const unsigned char*>(wish.name.c_str()), -1, -1, 0);
  X509_set_issuer_name(x.get(), wish.issuer != nullptr
                                    ? X509_get_subject_name(wish.issuer->certificate->x509())
                                    : subject);
  add_extension(x.get(), NID_basic_constraints, "critical,CA:TRUE");
  add_aia(x.get(), wish.aia);
  if (wish.padding != 0) {
    add_extension(x.get(), NID_netscape_comment, std::string(wish.padding, 'x'));
  }
  X509_sign(x.get(), wish.issuer != nullptr ? wish.issuer->key.get() : made.key.get(),
            EVP_sha256());
  made.certificate = Certificate::from_x509(x.get()).value();
  return made;
}

Bytes der_of(const Made& made) {
  const ByteView der = made.certificate->der();
  return {der.begin(), der.end()};
}

Bytes pem_of(const std::vector<const Made*>& all) {
  std::string text;
  for (const Made* made : all) {
    text += "some words before\n" + made->certificate->pem();
  }
  return {text.begin(), text.end()};
}

Bytes pkcs7_of(const std::vector<const Made*>& all) {
  const Pkcs7Ptr message(PKCS7_new());
  PKCS7_set_type(message.get(), NID_pkcs7_signed);
  PKCS7_content_new(message.get(), NID_pkcs7_data);
  for (const Made* made : all) {
    PKCS7_add_certificate(message.get(), made->certificate->x509());
  }
  const BioPtr out(BIO_new(BIO_s_mem()));
  i2d_PKCS7_bio(out.get(), message.get());
  return content_of(out.get());
}

Result<Bytes> TableFetcher::fetch(const std::string& url, const FetchLimits& /*limits*/) {
  {
    const std::lock_guard lock(mutex_);
    asked_.push_back(url);
  }
  before_answer();
  const auto known = answers.find(url);
  return known != answers.end() ? known->second
                                : fail(ErrorCode::network, "the server answered 404", url);
}

std::vector<std::string> TableFetcher::asked() const {
  const std::lock_guard lock(mutex_);
  return asked_;
}

TemporaryFolder::TemporaryFolder() {
  std::string pattern = (std::filesystem::temp_directory_path() / "chainmend-XXXXXX").string();
  if (mkdtemp(pattern.data()) == nullptr) {
    throw std::runtime_error("cannot make a temporary folder");
  }
  path_ = pattern;
}

TemporaryFolder::~TemporaryFolder() {
  std::error_code ignored;
  std::filesystem::remove_all(path_, ignored);
}

}  // namespace chainmend::certs
