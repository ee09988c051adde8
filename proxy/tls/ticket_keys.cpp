#include "proxy/tls/ticket_keys.h"

#include <openssl/core_names.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/params.h>
#include <openssl/rand.h>

#include <algorithm>
#include <utility>

namespace chainmend::tls {
namespace {

int context_index() {
  static const int index = SSL_CTX_get_ex_new_index(0, nullptr, nullptr, nullptr, nullptr);
  return index;
}

}  // namespace

TicketKeys::Key::~Key() {
  OPENSSL_cleanse(cipher.data(), cipher.size());
  OPENSSL_cleanse(mac.data(), mac.size());
}

TicketKeys::TicketKeys(SteadyClock clock) : clock_(std::move(clock)) {}
TicketKeys::~TicketKeys() = default;

void TicketKeys::attach(SSL_CTX* context) {
  SSL_CTX_set_ex_data(context, context_index(), this);
  SSL_CTX_set_tlsext_ticket_key_evp_cb(context, &TicketKeys::callback);
}

bool TicketKeys::rotate_if_due() {
  const auto now = clock_();
  if (previous_ && now - previous_->created >= 2 * kSessionLifetime) {
    previous_.reset();
  }
  if (current_ && now - current_->created < kSessionLifetime) {
    return true;
  }
  Key fresh;
  fresh.created = now;
  if (RAND_bytes(fresh.name.data(), static_cast<int>(fresh.name.size())) != 1 ||
      RAND_priv_bytes(fresh.cipher.data(), static_cast<int>(fresh.cipher.size())) != 1 ||
      RAND_priv_bytes(fresh.mac.data(), static_cast<int>(fresh.mac.size())) != 1) {
    return false;
  }
  if (current_ && now - current_->created < 2 * kSessionLifetime) {
    previous_ = current_;
  }
  current_ = fresh;
  return true;
}

std::optional<TicketKeys::Key> TicketKeys::sealing_key() {
  const std::lock_guard lock(mutex_);
  return rotate_if_due() ? current_ : std::nullopt;
}

std::optional<TicketKeys::Key> TicketKeys::opening_key(const unsigned char* name, bool& is_old) {
  const std::lock_guard lock(mutex_);
  rotate_if_due();
  const auto named = [name](const std::optional<Key>& key) {
    return key && std::equal(key->name.begin(), key->name.end(), name);
  };
  is_old = !named(current_);
  return is_old && !named(previous_) ? std::nullopt : (is_old ? previous_ : current_);
}

// RFC 5077 section 4, as OpenSSL wants it: 1 go on, 0 no such key (a full handshake follows), -1
// broken.
int TicketKeys::callback(SSL* ssl, unsigned char* name, unsigned char* iv, EVP_CIPHER_CTX* cipher,
                         EVP_MAC_CTX* mac, int seal) {
  auto* self = static_cast<TicketKeys*>(SSL_CTX_get_ex_data(SSL_get_SSL_CTX(ssl), context_index()));
  bool is_old = false;
  std::optional<Key> key = seal != 0 ? self->sealing_key() : self->opening_key(name, is_old);
  if (!key) {
    return seal != 0 ? -1 : 0;
  }
  if (seal != 0) {
    std::copy(key->name.begin(), key->name.end(), name);
    if (RAND_bytes(iv, EVP_CIPHER_get_iv_length(EVP_aes_256_cbc())) != 1) {
      return -1;
    }
  }
  char digest[] = "SHA256";
  const OSSL_PARAM parameters[] = {
      OSSL_PARAM_construct_octet_string(OSSL_MAC_PARAM_KEY, key->mac.data(), key->mac.size()),
      OSSL_PARAM_construct_utf8_string(OSSL_MAC_PARAM_DIGEST, digest, 0),
      OSSL_PARAM_construct_end()};
  const bool ready =
      EVP_CipherInit_ex(cipher, EVP_aes_256_cbc(), nullptr, key->cipher.data(), iv, seal) == 1 &&
      EVP_MAC_CTX_set_params(mac, parameters) == 1;
  if (!ready) {
    return -1;
  }
  // In TLS 1.3 clients use a ticket once (RFC 8446 C.4).
  const bool renew = seal == 0 && (is_old || SSL_version(ssl) == TLS1_3_VERSION);
  return renew ? 2 : 1;
}

}  // namespace chainmend::tls
