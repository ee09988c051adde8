#include "tests/certs/containers.h"

#include <openssl/pem.h>
#include <openssl/pkcs12.h>
#include <openssl/pkcs7.h>
#include <openssl/provider.h>

#include <cstdlib>

#include "certs/decryption.h"

namespace chainmend::certs::testing {

namespace {

template <typename T>
Bytes encode(int (*i2d)(const T*, unsigned char**), const T* object) {
  unsigned char* der = nullptr;
  const int size = i2d(object, &der);
  if (size <= 0) {
    std::abort();
  }
  Bytes out(der, der + size);
  OPENSSL_free(der);
  return out;
}

void append_word(Bytes& out, std::uint32_t word) {
  for (int shift = 0; shift < 32; shift += 8) {
    out.push_back(static_cast<std::uint8_t>(word >> shift));
  }
}

}  // namespace

Bytes der_of(const Identity& identity) {
  const ByteView der = identity.certificate->der();
  return {der.begin(), der.end()};
}

Bytes make_pkcs7(const std::vector<Identity>& certificates) {
  const Pkcs7Ptr message(PKCS7_new());
  PKCS7_set_type(message.get(), NID_pkcs7_signed);
  PKCS7_content_new(message.get(), NID_pkcs7_data);
  for (const Identity& one : certificates) {
    PKCS7_add_certificate(message.get(), one.certificate->x509());
  }
  return encode<PKCS7>(&i2d_PKCS7, message.get());
}

Bytes make_sst(const std::vector<Identity>& certificates) {
  Bytes out{0, 0, 0, 0, 'C', 'E', 'R', 'T'};
  for (const Identity& one : certificates) {
    append_word(out, 11);  // friendly name: a property of the certificate that follows
    append_word(out, 1);
    append_word(out, 4);
    append_word(out, 0x00410041);
    append_word(out, 32);
    append_word(out, 1);
    const Bytes der = der_of(one);
    append_word(out, static_cast<std::uint32_t>(der.size()));
    out.insert(out.end(), der.begin(), der.end());
  }
  out.insert(out.end(), 12, 0);
  return out;
}

Bytes make_pkcs12(const std::vector<Identity>& identities,
                  const std::optional<std::string>& password, Pkcs12Kind kind, bool with_key,
                  int mac_iterations) {
  const DecryptionContext context;
  STACK_OF(X509)* others = sk_X509_new_null();
  for (std::size_t i = with_key ? 1 : 0; i < identities.size(); ++i) {
    sk_X509_push(others, identities[i].certificate->x509());
  }
  int key_cipher = 0;
  int certificate_cipher = 0;
  switch (kind) {
    case Pkcs12Kind::modern:
    case Pkcs12Kind::without_mac:
      key_cipher = certificate_cipher = NID_aes_256_cbc;
      break;
    case Pkcs12Kind::windows:
      key_cipher = NID_pbe_WithSHA1And3_Key_TripleDES_CBC;
      certificate_cipher = NID_pbe_WithSHA1And40BitRC2_CBC;
      break;
    case Pkcs12Kind::unencrypted:
      key_cipher = certificate_cipher = -1;
      break;
  }
  EVP_PKEY* key = with_key ? identities.front().key.get() : nullptr;
  X509* leaf = with_key ? identities.front().certificate->x509() : nullptr;
  const Pkcs12Ptr file(PKCS12_create_ex(password ? password->c_str() : nullptr, nullptr, key, leaf,
                                        others, key_cipher, certificate_cipher, 1000,
                                        kind == Pkcs12Kind::without_mac ? -1 : mac_iterations, 0,
                                        context.get(), nullptr));
  sk_X509_free(others);
  if (file == nullptr) {
    std::abort();
  }
  return encode<PKCS12>(&i2d_PKCS12, file.get());
}

std::string armour(const std::string& label, ByteView der) {
  const BioPtr out(BIO_new(BIO_s_mem()));
  PEM_write_bio(out.get(), label.c_str(), "", der.data(), static_cast<long>(der.size()));
  char* data = nullptr;
  const long size = BIO_get_mem_data(out.get(), &data);
  return {data, static_cast<std::size_t>(size)};
}

}  // namespace chainmend::certs::testing
