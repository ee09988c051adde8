#include "certs/private_key.h"

#include <openssl/err.h>
#include <openssl/pem.h>

#include <algorithm>

#include "certs/certificate_reader.h"
#include "certs/decryption.h"
#include "certs/file_text.h"
#include "certs/pem.h"
#include "certs/pkcs12.h"

namespace chainmend::certs {

namespace {

using EncryptedPtr = std::unique_ptr<X509_SIG, OpensslDeleter<&X509_SIG_free>>;

// Unencrypted: PKCS#8 or one of the traditional forms.
Result<EvpPkeyPtr> from_plain_der(ByteView der) {
  ERR_clear_error();
  const unsigned char* at = der.data();
  EvpPkeyPtr key(d2i_AutoPrivateKey(nullptr, &at, static_cast<long>(der.size())));
  if (key == nullptr) {
    return fail(ErrorCode::malformed, "no readable private key (" + drain_openssl_errors() + ")");
  }
  return key;
}

Result<EvpPkeyPtr> from_encrypted(const X509_SIG& encrypted, const Password& password) {
  if (!password) {
    return fail(ErrorCode::password_needed,
                "the private key is encrypted, and no password was given");
  }
  return decrypt_pkcs8(encrypted, password, DecryptionContext());
}

EncryptedPtr parse_encrypted(ByteView der) {
  const unsigned char* at = der.data();
  return EncryptedPtr(d2i_X509_SIG(nullptr, &at, static_cast<long>(der.size())));
}

int give_password(char* buffer, int size, int /*writing*/, void* user) {
  const auto& password = *static_cast<const Password*>(user);
  if (!password || password->size() > static_cast<std::size_t>(size)) {
    return -1;
  }
  std::copy(password->begin(), password->end(),
            buffer);  // a length, not a terminator, goes with it
  return static_cast<int>(password->size());
}

// The traditional encrypted form, whose cipher is named in RFC 1421 headers.
Result<EvpPkeyPtr> from_old_encrypted(std::string_view text, const Password& password) {
  if (!password) {
    return fail(ErrorCode::password_needed,
                "the private key is encrypted, and no password was given");
  }
  const BioPtr in(BIO_new_mem_buf(text.data(), static_cast<int>(text.size())));
  ERR_clear_error();
  EvpPkeyPtr key(
      PEM_read_bio_PrivateKey(in.get(), nullptr, &give_password, const_cast<Password*>(&password)));
  if (key == nullptr) {
    return tl::unexpected(decryption_error(password));
  }
  return key;
}

Result<EvpPkeyPtr> from_block(const PemBlock& block, const Password& password) {
  if (block.label == "ENCRYPTED PRIVATE KEY") {
    const EncryptedPtr encrypted = parse_encrypted(block.der);
    if (encrypted == nullptr) {
      return fail(ErrorCode::malformed, "no readable private key (" + drain_openssl_errors() + ")");
    }
    return from_encrypted(*encrypted, password);
  }
  return block.der.empty() ? from_old_encrypted(block.text, password) : from_plain_der(block.der);
}

// What there is instead of a private key.
Error no_key_in(const PemText& pem) {
  for (const PemBlock& block : pem.blocks) {
    const std::string what = block.label == "CERTIFICATE"
                                 ? "a certificate, where a private key is expected"
                                 : name_foreign_block(block.label);
    if (!what.empty()) {
      return {ErrorCode::empty, "this is " + what, {}, block.line};
    }
  }
  return {ErrorCode::empty, "PEM text without a private key in it", {}, 0};
}

Result<EvpPkeyPtr> from_pem(std::string_view text, const Password& password) {
  const PemText pem = read_pem(text);
  const auto block = std::ranges::find_if(pem.blocks, [](const PemBlock& b) {
    return b.label.ends_with("PRIVATE KEY") && b.label != "OPENSSH PRIVATE KEY";
  });
  if (block == pem.blocks.end()) {
    if (!pem.problems.empty()) {
      return tl::unexpected(pem.problems.front());
    }
    return tl::unexpected(no_key_in(pem));
  }
  auto key = from_block(*block, password);
  if (!key) {
    key.error().line = block->line;
  }
  return key;
}

Result<EvpPkeyPtr> from_pfx(ByteView der, const Password& password) {
  auto content = read_pkcs12(der, password);
  if (!content) {
    return tl::unexpected(content.error());
  }
  return take_key(*content, "");
}

}  // namespace

namespace {

Result<EvpPkeyPtr> read_bytes(ByteView bytes, const Password& password) {
  if (looks_like_pem(bytes)) {
    return from_pem(as_text(bytes), password);
  }
  if (bytes.empty() || bytes.front() != 0x30) {
    const std::string what = name_foreign_bytes(bytes);
    return fail(ErrorCode::not_recognised,
                what.empty() ? "no private key in any known format (PEM, DER, PKCS#12)"
                             : "this is " + what);
  }
  if (looks_like_pkcs12(bytes)) {
    return from_pfx(bytes, password);
  }
  if (const EncryptedPtr encrypted = parse_encrypted(bytes)) {
    return from_encrypted(*encrypted, password);
  }
  return from_plain_der(bytes);
}

}  // namespace

Result<EvpPkeyPtr> read_private_key(ByteView bytes, const Password& password) {
  FileText text = put_text_right(bytes);
  if (!text.bytes) {
    return read_bytes(bytes, password);
  }
  auto key = read_bytes(*text.bytes, password);
  OPENSSL_cleanse(text.bytes->data(), text.bytes->size());
  return key;
}

Result<EvpPkeyPtr> read_private_key_file(const std::string& path, const Password& password) {
  auto bytes = read_file(path);
  if (!bytes) {
    return tl::unexpected(bytes.error());
  }
  auto key = read_private_key(*bytes, password);
  OPENSSL_cleanse(bytes->data(), bytes->size());
  if (!key) {
    key.error().where = path;
  }
  return key;
}

Sha256 spki_hash(const EVP_PKEY& key) {
  unsigned char* der = nullptr;
  const int size = i2d_PUBKEY(&key, &der);
  const Sha256 digest = sha256({der, size > 0 ? static_cast<std::size_t>(size) : 0});
  OPENSSL_free(der);
  return digest;
}

}  // namespace chainmend::certs
