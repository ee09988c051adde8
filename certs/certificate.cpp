#include "certs/certificate.h"

#include <arpa/inet.h>
#include <fmt/format.h>
#include <openssl/ec.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/provider.h>

#include <algorithm>
#include <string_view>

#include "certs/name.h"

namespace chainmend::certs {

namespace {

constexpr std::size_t kMaxUrls = 16;
constexpr std::size_t kMaxUrlLength = 2048;
constexpr int kWeakRsaBits = 2048;

ByteView view(const ASN1_STRING* s) {
  return {ASN1_STRING_get0_data(s), static_cast<std::size_t>(ASN1_STRING_length(s))};
}

Bytes copy(const ASN1_STRING* s) {
  const ByteView bytes = view(s);
  return {bytes.begin(), bytes.end()};
}

// What i2d_X(object, nullptr-able out) writes.
template <typename Object>
Bytes encode(int (*i2d)(const Object*, unsigned char**), const Object* object) {
  const int size = i2d(object, nullptr);
  Bytes out(size > 0 ? static_cast<std::size_t>(size) : 0);
  unsigned char* end = out.data();
  i2d(object, &end);
  return out;
}

// The extension as OpenSSL's type; null when it is absent. Sets broken when it is there and cannot
// be read.
template <typename Pointer>
Pointer extension(const X509* x, int nid, bool& broken) {
  int critical = 0;
  Pointer value(
      static_cast<typename Pointer::pointer>(X509_get_ext_d2i(x, nid, &critical, nullptr)));
  if (value == nullptr && critical != -1) {
    broken = true;
  }
  return value;
}

bool is_printable(std::string_view text) {
  return std::all_of(text.begin(), text.end(), [](char c) { return c > ' ' && c < '\x7f'; });
}

std::string lower(std::string_view text) {
  std::string out(text);
  std::transform(out.begin(), out.end(), out.begin(), [](char c) {
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  });
  return out;
}

// A dNSName or iPAddress as text; empty for every other kind and for what is not printable.
std::string name_of(const GENERAL_NAME* name) {
  if (name->type == GEN_DNS) {
    const std::string_view text = as_text(view(name->d.dNSName));
    return is_printable(text) ? lower(text) : "";
  }
  if (name->type == GEN_IPADD) {
    const ByteView address = view(name->d.iPAddress);
    char text[INET6_ADDRSTRLEN] = "";
    if (address.size() == 4 || address.size() == 16) {
      inet_ntop(address.size() == 4 ? AF_INET : AF_INET6, address.data(), text, sizeof text);
    }
    return text;
  }
  return "";
}

// The roots of the nineties are signed with MD2, which OpenSSL 3 has no more.
bool uses_lost_digest(X509* x) {
  int digest = NID_undef;
  X509_get_signature_info(x, &digest, nullptr, nullptr, nullptr);
  if (digest == NID_undef) {
    return false;
  }
  const std::unique_ptr<EVP_MD, OpensslDeleter<&EVP_MD_free>> found(
      EVP_MD_fetch(nullptr, OBJ_nid2sn(digest), nullptr));
  return found == nullptr;
}

Sha256 entity_of(const X509* x, std::string_view subject_key, const Sha256& spki_hash) {
  std::string text = std::to_string(subject_key.size()) + ":";
  text += subject_key;
  const int at = X509_get_ext_by_NID(x, NID_subject_alt_name, -1);
  if (at >= 0) {
    text += as_text(view(X509_EXTENSION_get_data(X509_get_ext(x, at))));
  }
  text += as_text(spki_hash);
  return sha256(as_bytes(text));
}

// Where OpenSSL finds no algorithms, so that it leaves the key of a certificate undecoded. Lives as
// long as the process: OpenSSL has cleaned up before our destructors would.
OSSL_LIB_CTX* keyless() {
  static OSSL_LIB_CTX* const kContext = [] {
    OSSL_LIB_CTX* context = OSSL_LIB_CTX_new();
    OSSL_PROVIDER_load(context, "null");  // or it would load the default one
    return context;
  }();
  return kContext;
}

}  // namespace

Result<CertificatePtr> Certificate::from_der(ByteView der) {
  ERR_clear_error();
  const unsigned char* at = der.data();
  X509Ptr x(reinterpret_cast<X509*>(ASN1_item_d2i_ex(nullptr, &at, static_cast<long>(der.size()),
                                                     ASN1_ITEM_rptr(X509), keyless(), nullptr)));
  if (x == nullptr) {
    const std::string reason = drain_openssl_errors();
    return fail(ErrorCode::malformed, "no readable certificate (" + reason + ")");
  }
  if (at != der.data() + der.size()) {
    return fail(ErrorCode::malformed, "bytes left over after the certificate");
  }
  std::shared_ptr<Certificate> certificate(new Certificate());
  if (const auto done = certificate->read(std::move(x)); !done) {
    return tl::unexpected(done.error());
  }
  return certificate;
}

Result<CertificatePtr> Certificate::from_x509(X509* x) {
  std::shared_ptr<Certificate> certificate(new Certificate());
  certificate->x509_ = up_ref(x);
  if (const auto done = certificate->read(up_ref(x)); !done) {
    return tl::unexpected(done.error());
  }
  return certificate;
}

X509* Certificate::x509() const {
  std::call_once(decoded_, [this] {
    if (x509_ == nullptr) {
      const unsigned char* at = der_.data();
      x509_.reset(d2i_X509(nullptr, &at, static_cast<long>(der_.size())));
    }
    if (x509_ == nullptr) {  // out of memory: as good as a key that cannot be read
      x509_ = up_ref(fields_.get());
    }
    X509_get_extension_flags(x509_.get());  // makes OpenSSL fill its own cache
    ERR_clear_error();
  });
  return x509_.get();
}

Result<void> Certificate::read(X509Ptr x) {
  ERR_clear_error();
  fields_ = std::move(x);
  der_ = encode<X509>(&i2d_X509, fields_.get());
  fingerprint_ = sha256(der_);
  spki_hash_ = sha256(encode<X509_PUBKEY>(&i2d_X509_PUBKEY, X509_get_X509_PUBKEY(fields_.get())));
  if (const auto done = read_dates(); !done) {
    return done;
  }
  const X509_NAME* subject = X509_get_subject_name(fields_.get());
  const X509_NAME* issuer = X509_get_issuer_name(fields_.get());
  subject_ = name_text(subject);
  issuer_ = name_text(issuer);
  subject_key_ = name_key(subject);
  issuer_key_ = name_key(issuer);
  serial_ = copy(X509_get0_serialNumber(fields_.get()));
  entity_ = entity_of(fields_.get(), subject_key_, spki_hash_);
  read_key_ids();
  read_constraints();
  read_alternative_names();
  read_aia_urls();
  decide_self_signed();
  ERR_clear_error();
  return {};
}

// OpenSSL compares the kind of the key with that of the signature before it says EXFLAG_SS.
void Certificate::decide_self_signed() {
  self_signed_ = (flags_ & EXFLAG_SI) != 0 && (X509_get_extension_flags(x509()) & EXFLAG_SS) != 0 &&
                 (verifies(*this, *this) || uses_lost_digest(x509()));
}

Result<void> Certificate::read_dates() {
  const auto not_before = to_time(X509_get0_notBefore(fields_.get()));
  const auto not_after = to_time(X509_get0_notAfter(fields_.get()));
  if (!not_before || !not_after) {
    return tl::unexpected((not_before ? not_after : not_before).error());
  }
  not_before_ = *not_before;
  not_after_ = *not_after;
  return {};
}

void Certificate::read_key_ids() {
  if (const auto* id = X509_get0_subject_key_id(fields_.get())) {
    subject_key_id_ = copy(id);
  }
  if (const auto* id = X509_get0_authority_key_id(fields_.get())) {
    authority_.key_id = copy(id);
  }
  if (const auto* serial = X509_get0_authority_serial(fields_.get())) {
    authority_.serial = copy(serial);
  }
  const GENERAL_NAMES* issuer = X509_get0_authority_issuer(fields_.get());
  for (int i = 0; i < sk_GENERAL_NAME_num(issuer); ++i) {
    const GENERAL_NAME* name = sk_GENERAL_NAME_value(issuer, i);
    if (name->type == GEN_DIRNAME) {
      authority_.issuer_key = name_key(name->d.directoryName);
      break;
    }
  }
}

void Certificate::read_constraints() {
  flags_ = X509_get_extension_flags(fields_.get());
  if ((flags_ & EXFLAG_BCONS) != 0) {
    ca_flag_ = (flags_ & EXFLAG_CA) != 0 ? CaFlag::yes : CaFlag::no;
    if (const long length = X509_get_pathlen(fields_.get()); length >= 0) {
      path_length_ = static_cast<std::uint32_t>(std::min(length, 0xFFFFL));
    }
  }
  name_constraints_ = extension<NameConstraintsPtr>(fields_.get(), NID_name_constraints, broken_);
}

void Certificate::read_alternative_names() {
  const auto all = extension<GeneralNamesPtr>(fields_.get(), NID_subject_alt_name, broken_);
  for (int i = 0; i < sk_GENERAL_NAME_num(all.get()); ++i) {
    has_dns_names_ = has_dns_names_ || sk_GENERAL_NAME_value(all.get(), i)->type == GEN_DNS;
    std::string name = name_of(sk_GENERAL_NAME_value(all.get(), i));
    if (!name.empty()) {
      names_.push_back(std::move(name));
    }
  }
  if (names_.empty()) {
    std::string name = common_name();
    if (!name.empty()) {
      names_.push_back(lower(name));
    }
  }
}

void Certificate::read_aia_urls() {
  bool unreadable = false;  // an unreadable pointer to helpers breaks nothing
  const auto access = extension<AuthorityInfoAccessPtr>(fields_.get(), NID_info_access, unreadable);
  for (int i = 0; i < sk_ACCESS_DESCRIPTION_num(access.get()) && aia_urls_.size() < kMaxUrls; ++i) {
    const ACCESS_DESCRIPTION* entry = sk_ACCESS_DESCRIPTION_value(access.get(), i);
    if (OBJ_obj2nid(entry->method) != NID_ad_ca_issuers || entry->location->type != GEN_URI) {
      continue;
    }
    const std::string_view url = as_text(view(entry->location->d.uniformResourceIdentifier));
    if (!url.empty() && url.size() <= kMaxUrlLength && is_printable(url)) {
      aia_urls_.emplace_back(url);
    }
  }
}

std::string Certificate::pem() const {
  const BioPtr out(BIO_new(BIO_s_mem()));
  PEM_write_bio_X509(out.get(), fields_.get());
  char* data = nullptr;
  const long size = BIO_get_mem_data(out.get(), &data);
  return {data, static_cast<std::size_t>(size)};
}

std::string Certificate::common_name() const {
  return certs::common_name(X509_get_subject_name(fields_.get()));
}

std::string Certificate::issuer_common_name() const {
  return certs::common_name(X509_get_issuer_name(fields_.get()));
}

bool Certificate::may_sign_certificates() const {
  return (X509_get_key_usage(fields_.get()) & KU_KEY_CERT_SIGN) != 0;  // all bits when absent
}

bool Certificate::may_serve() const {
  return (X509_get_extended_key_usage(fields_.get()) & (XKU_SSL_SERVER | XKU_ANYEKU)) != 0;
}

bool Certificate::may_issue_servers() const {
  return (X509_get_extended_key_usage(fields_.get()) & (XKU_SSL_SERVER | XKU_ANYEKU | XKU_SGC)) !=
         0;
}

bool Certificate::may_issue_clients() const {
  return (X509_get_extended_key_usage(fields_.get()) & (XKU_SSL_CLIENT | XKU_ANYEKU)) != 0;
}

bool Certificate::may_authenticate_clients() const {
  return may_issue_clients() && (X509_get_key_usage(fields_.get()) & KU_DIGITAL_SIGNATURE) != 0;
}

bool Certificate::has_unknown_critical_extension() const { return (flags_ & EXFLAG_CRITICAL) != 0; }

bool Certificate::has_broken_extensions() const {
  return broken_ || (flags_ & EXFLAG_INVALID) != 0;
}

std::string Certificate::key_description() const {
  const EVP_PKEY* key = X509_get0_pubkey(x509());
  if (key == nullptr) {
    return "unknown key";
  }
  char group[64] = "";
  switch (EVP_PKEY_get_base_id(key)) {
    case EVP_PKEY_RSA:
      return fmt::format("RSA {}", EVP_PKEY_get_bits(key));
    case EVP_PKEY_EC: {
      EVP_PKEY_get_group_name(key, group, sizeof group, nullptr);
      const char* nist = EC_curve_nid2nist(OBJ_txt2nid(group));
      return fmt::format("EC {}", nist != nullptr ? nist : group);
    }
    default: {
      const char* type = EVP_PKEY_get0_type_name(key);
      return fmt::format("{} {}", type != nullptr ? type : "key of", EVP_PKEY_get_bits(key));
    }
  }
}

std::string Certificate::weakness() const {
  const EVP_PKEY* key = X509_get0_pubkey(x509());
  if (key != nullptr && EVP_PKEY_get_base_id(key) == EVP_PKEY_RSA &&
      EVP_PKEY_get_bits(key) < kWeakRsaBits) {
    return fmt::format("RSA key of {} bits", EVP_PKEY_get_bits(key));
  }
  int digest = NID_undef;
  if (!self_signed_ &&
      X509_get_signature_info(fields_.get(), &digest, nullptr, nullptr, nullptr) == 1) {
    switch (digest) {
      case NID_sha1:
        return "signed with SHA-1";
      case NID_md5:
        return "signed with MD5";
      case NID_md2:
        return "signed with MD2";
      default:
        break;
    }
  }
  return "";
}

bool verifies(const Certificate& child, const Certificate& issuer) {
  EVP_PKEY* key = X509_get0_pubkey(issuer.x509());
  ERR_clear_error();
  const bool good = key != nullptr && X509_verify(child.x509(), key) == 1;
  ERR_clear_error();
  return good;
}

}  // namespace chainmend::certs
