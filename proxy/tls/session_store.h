// SessionStore: sessions that clients resume by id (old phones know nothing else). One per process:
// shared by all workers and listeners, kept over reloads. Bounded: the oldest goes first.
// Thread-safe, sharded by id. Which listener, policy and certificate a session belongs to is part
// of the session itself (its id context); OpenSSL compares it, so the store need not know.
#pragma once

#include <openssl/ssl.h>

#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <list>
#include <mutex>
#include <string>
#include <string_view>
#include <unordered_map>

#include "proxy/tls/ticket_keys.h"

namespace chainmend::tls {

class SessionStore {
 public:
  explicit SessionStore(std::size_t max_sessions = 20'000,
                        SteadyClock clock = std::chrono::steady_clock::now);
  ~SessionStore();
  SessionStore(const SessionStore&) = delete;
  SessionStore& operator=(const SessionStore&) = delete;

  // Makes the context keep and find its sessions here; the store must outlive it.
  void attach(SSL_CTX* context);
  std::size_t size() const;

 private:
  struct Entry {
    std::string id;
    std::string session;  // serialised (i2d_SSL_SESSION); secret, wiped at the end
    std::chrono::steady_clock::time_point stored;
    Entry() = default;
    Entry(Entry&&) = default;
    ~Entry();
  };
  struct Shard {
    mutable std::mutex mutex;
    std::list<Entry> oldest_first;
    std::unordered_map<std::string_view, std::list<Entry>::iterator>
        by_id;  // keys point into the entries
  };
  static constexpr std::size_t kShards = 16;

  static int on_new(SSL* ssl, SSL_SESSION* session);
  static SSL_SESSION* on_get(SSL* ssl, const unsigned char* id, int size, int* copy);
  void put(Entry entry);
  SSL_SESSION* get(std::string_view id) const;  // a new reference; null: unknown or too old
  Shard& shard_of(std::string_view id) const;

  std::size_t max_per_shard_;
  SteadyClock clock_;
  mutable std::array<Shard, kShards> shards_;
};

}  // namespace chainmend::tls
