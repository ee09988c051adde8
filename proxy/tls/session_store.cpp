#include "proxy/tls/session_store.h"

#include <openssl/crypto.h>

#include <algorithm>
#include <utility>

#include "proxy/tls/openssl_ssl.h"

namespace chainmend::tls {
namespace {

constexpr std::size_t kMaxSessionBytes = 8192;  // a usual one takes some 200

int context_index() {
  static const int index = SSL_CTX_get_ex_new_index(0, nullptr, nullptr, nullptr, nullptr);
  return index;
}

SessionStore* store_of(SSL* ssl) {
  return static_cast<SessionStore*>(SSL_CTX_get_ex_data(SSL_get_SSL_CTX(ssl), context_index()));
}

}  // namespace

SessionStore::Entry::~Entry() { OPENSSL_cleanse(session.data(), session.size()); }

SessionStore::SessionStore(std::size_t max_sessions, SteadyClock clock)
    : max_per_shard_(std::max<std::size_t>(1, max_sessions / kShards)), clock_(std::move(clock)) {}
SessionStore::~SessionStore() = default;

void SessionStore::attach(SSL_CTX* context) {
  SSL_CTX_set_ex_data(context, context_index(), this);
  SSL_CTX_set_session_cache_mode(context, SSL_SESS_CACHE_SERVER | SSL_SESS_CACHE_NO_INTERNAL);
  SSL_CTX_set_timeout(context, kSessionLifetime.count());
  SSL_CTX_sess_set_new_cb(context, &SessionStore::on_new);
  SSL_CTX_sess_set_get_cb(context, &SessionStore::on_get);
}

std::size_t SessionStore::size() const {
  std::size_t total = 0;
  for (const Shard& shard : shards_) {
    const std::lock_guard lock(shard.mutex);
    total += shard.oldest_first.size();
  }
  return total;
}

// Returns 0: the store keeps a copy, not OpenSSL's object.
int SessionStore::on_new(SSL* ssl, SSL_SESSION* session) {
  // In TLS 1.3 this is called for tickets too, which carry the session themselves.
  const bool in_ticket =
      SSL_version(ssl) == TLS1_3_VERSION && (SSL_get_options(ssl) & SSL_OP_NO_TICKET) == 0;
  unsigned int id_size = 0;
  const unsigned char* id = SSL_SESSION_get_id(session, &id_size);
  const int size = i2d_SSL_SESSION(session, nullptr);
  if (in_ticket || id_size == 0 || size <= 0 || static_cast<std::size_t>(size) > kMaxSessionBytes) {
    return 0;
  }
  Entry entry;
  entry.id.assign(reinterpret_cast<const char*>(id), id_size);
  entry.session.resize(static_cast<std::size_t>(size));
  auto* out = reinterpret_cast<unsigned char*>(entry.session.data());
  i2d_SSL_SESSION(session, &out);
  store_of(ssl)->put(std::move(entry));
  return 0;
}

SSL_SESSION* SessionStore::on_get(SSL* ssl, const unsigned char* id, int size, int* copy) {
  *copy = 0;  // the caller owns what is returned
  return store_of(ssl)->get({reinterpret_cast<const char*>(id), static_cast<std::size_t>(size)});
}

void SessionStore::put(Entry entry) {
  entry.stored = clock_();
  Shard& shard = shard_of(entry.id);
  const std::lock_guard lock(shard.mutex);
  if (shard.by_id.contains(entry.id)) {
    return;
  }
  while (!shard.oldest_first.empty() &&
         (shard.oldest_first.size() >= max_per_shard_ ||
          entry.stored - shard.oldest_first.front().stored >= kSessionLifetime)) {
    shard.by_id.erase(shard.oldest_first.front().id);
    shard.oldest_first.pop_front();
  }
  shard.oldest_first.push_back(std::move(entry));
  const auto added = std::prev(shard.oldest_first.end());
  shard.by_id.emplace(added->id, added);
}

SSL_SESSION* SessionStore::get(std::string_view id) const {
  Shard& shard = shard_of(id);
  const std::lock_guard lock(shard.mutex);
  const auto found = shard.by_id.find(id);
  if (found == shard.by_id.end() || clock_() - found->second->stored >= kSessionLifetime) {
    return nullptr;
  }
  const std::string& session = found->second->session;
  const auto* bytes = reinterpret_cast<const unsigned char*>(session.data());
  return d2i_SSL_SESSION(nullptr, &bytes, static_cast<long>(session.size()));
}

// Ids are random bytes, so any one of them spreads well.
SessionStore::Shard& SessionStore::shard_of(std::string_view id) const {
  return shards_[id.empty() ? 0 : static_cast<unsigned char>(id.back()) % kShards];
}

}  // namespace chainmend::tls
