#include "tests/proxy/tls/sslv2_hello_client.h"

#include <openssl/core_names.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/kdf.h>
#include <openssl/rsa.h>

#include <array>
#include <memory>
#include <string_view>

#include "certs/openssl.h"
#include "tests/proxy/clients/hello_bytes.h"

namespace chainmend::tls::testing {
namespace {

using clients::testing::append;
using clients::testing::HelloBytes;
using clients::testing::with_length16;
using Bytes = Sslv2HelloClient::Bytes;
using PkeyContextPtr = std::unique_ptr<EVP_PKEY_CTX, certs::OpensslDeleter<&EVP_PKEY_CTX_free>>;
using KdfPtr = std::unique_ptr<EVP_KDF, certs::OpensslDeleter<&EVP_KDF_free>>;
using KdfContextPtr = std::unique_ptr<EVP_KDF_CTX, certs::OpensslDeleter<&EVP_KDF_CTX_free>>;
using CipherContextPtr =
    std::unique_ptr<EVP_CIPHER_CTX, certs::OpensslDeleter<&EVP_CIPHER_CTX_free>>;

constexpr std::size_t kRandom = 32;

// RFC 2246 section 5.
Bytes prf(Bytes secret, std::string_view label, Bytes seed, std::size_t size) {
  const KdfPtr kdf(EVP_KDF_fetch(nullptr, "TLS1-PRF", nullptr));
  const KdfContextPtr context(EVP_KDF_CTX_new(kdf.get()));
  Bytes labelled(label.begin(), label.end());
  append(labelled, seed);
  char digest[] = "MD5-SHA1";
  const OSSL_PARAM parameters[] = {
      OSSL_PARAM_construct_utf8_string(OSSL_KDF_PARAM_DIGEST, digest, 0),
      OSSL_PARAM_construct_octet_string(OSSL_KDF_PARAM_SECRET, secret.data(), secret.size()),
      OSSL_PARAM_construct_octet_string(OSSL_KDF_PARAM_SEED, labelled.data(), labelled.size()),
      OSSL_PARAM_construct_end()};
  Bytes out(size);
  EVP_KDF_derive(context.get(), out.data(), out.size(), parameters);
  return out;
}

Bytes encrypt_for(X509* certificate, const Bytes& secret) {
  const PkeyContextPtr context(EVP_PKEY_CTX_new(X509_get0_pubkey(certificate), nullptr));
  EVP_PKEY_encrypt_init(context.get());
  EVP_PKEY_CTX_set_rsa_padding(context.get(), RSA_PKCS1_PADDING);
  std::size_t size = 0;
  EVP_PKEY_encrypt(context.get(), nullptr, &size, secret.data(), secret.size());
  Bytes out(size);
  EVP_PKEY_encrypt(context.get(), out.data(), &size, secret.data(), secret.size());
  return out;
}

Bytes record(std::uint8_t type, const Bytes& content) {
  Bytes out = {type, 3, 1};
  append(out, with_length16(content));
  return out;
}

Bytes message(std::uint8_t type, const Bytes& body) {
  Bytes out = {type, 0};
  append(out, with_length16(body));
  return out;
}

// RFC 2246 6.2.3.2, for the first record of its direction: MAC, padding, AES-128-CBC with the
// derived IV.
Bytes protect(const Bytes& content, const Bytes& mac_key, const Bytes& key, const Bytes& iv) {
  Bytes authenticated(8, 0);  // sequence number
  append(authenticated, record(22, content));
  std::array<std::uint8_t, 20> mac{};
  HMAC(EVP_sha1(), mac_key.data(), static_cast<int>(mac_key.size()), authenticated.data(),
       authenticated.size(), mac.data(), nullptr);
  Bytes plain = content;
  plain.insert(plain.end(), mac.begin(), mac.end());
  const std::size_t padding = 16 - plain.size() % 16;
  plain.insert(plain.end(), padding, static_cast<std::uint8_t>(padding - 1));
  const CipherContextPtr cipher(EVP_CIPHER_CTX_new());
  EVP_EncryptInit_ex(cipher.get(), EVP_aes_128_cbc(), nullptr, key.data(), iv.data());
  EVP_CIPHER_CTX_set_padding(cipher.get(), 0);
  Bytes out(plain.size());
  int size = 0;
  EVP_EncryptUpdate(cipher.get(), out.data(), &size, plain.data(), static_cast<int>(plain.size()));
  return out;
}

Bytes part(const Bytes& bytes, std::size_t at, std::size_t size) {
  const auto begin = bytes.begin() + static_cast<std::ptrdiff_t>(at);
  return {begin, begin + static_cast<std::ptrdiff_t>(size)};
}

}  // namespace

Bytes Sslv2HelloClient::hello() {
  HelloBytes hello;
  hello.suites = {0x002f};
  Bytes bytes = hello.sslv2();
  transcript_.assign(bytes.begin() + 2,
                     bytes.end());  // the two length bytes are no part of the message
  return bytes;
}

Bytes Sslv2HelloClient::finish(const Bytes& server_flight, X509* server_certificate) {
  const std::size_t before = transcript_.size();
  for (std::size_t at = 0; at < server_flight.size();) {
    const std::size_t size =
        static_cast<std::size_t>(server_flight.at(at + 3)) << 8 | server_flight.at(at + 4);
    append(transcript_, part(server_flight, at + 5, size));
    at += 5 + size;
  }
  const Bytes server_random = part(transcript_, before + 6, kRandom);
  const Bytes client_random(kRandom, 0x5a);  // the challenge; of 32 bytes nothing is left to pad

  Bytes premaster(48, 0x33);
  premaster[0] = 3;
  premaster[1] = 1;
  Bytes randoms = client_random;
  append(randoms, server_random);
  const Bytes master = prf(premaster, "master secret", randoms, 48);
  Bytes reversed = server_random;
  append(reversed, client_random);
  const Bytes keys = prf(master, "key expansion", reversed, std::size_t{2} * (20 + 16 + 16));

  const Bytes key_exchange = message(16, with_length16(encrypt_for(server_certificate, premaster)));
  append(transcript_, key_exchange);
  std::array<std::uint8_t, 36> hash{};
  EVP_Digest(transcript_.data(), transcript_.size(), hash.data(), nullptr, EVP_md5_sha1(), nullptr);
  const Bytes finished =
      message(20, prf(master, "client finished", {hash.begin(), hash.end()}, 12));

  Bytes out = record(22, key_exchange);
  append(out, record(20, {1}));
  append(out,
         record(22, protect(finished, part(keys, 0, 20), part(keys, 40, 16), part(keys, 72, 16))));
  return out;
}

}  // namespace chainmend::tls::testing
