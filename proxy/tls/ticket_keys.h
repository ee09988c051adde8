// TicketKeys: the keys that seal session tickets. One per process: shared by all workers and
// listeners, kept over reloads. A key seals for one period and opens for one more, then it is gone.
// Thread-safe.
#pragma once

#include <openssl/ssl.h>

#include <array>
#include <chrono>
#include <cstdint>
#include <functional>
#include <mutex>
#include <optional>

namespace chainmend::tls {

// How long a session may be resumed, by id or by ticket.
inline constexpr std::chrono::seconds kSessionLifetime{4 * 3600};

using SteadyClock = std::function<std::chrono::steady_clock::time_point()>;

class TicketKeys {
 public:
  explicit TicketKeys(SteadyClock clock = std::chrono::steady_clock::now);
  ~TicketKeys();
  TicketKeys(const TicketKeys&) = delete;
  TicketKeys& operator=(const TicketKeys&) = delete;

  // Makes the context seal and open tickets with these keys, which must outlive it.
  void attach(SSL_CTX* context);

 private:
  struct Key {
    std::array<unsigned char, 16> name;
    std::array<unsigned char, 32> cipher;
    std::array<unsigned char, 32> mac;
    std::chrono::steady_clock::time_point created;
    Key() = default;
    Key(const Key&) = default;
    Key& operator=(const Key&) = default;
    ~Key();
  };
  static int callback(SSL* ssl, unsigned char* name, unsigned char* iv, EVP_CIPHER_CTX* cipher,
                      EVP_MAC_CTX* mac, int seal);
  bool rotate_if_due();  // with mutex_ held; false: no randomness to be had
  std::optional<Key> sealing_key();
  std::optional<Key> opening_key(const unsigned char* name, bool& is_old);

  SteadyClock clock_;
  std::mutex mutex_;
  std::optional<Key> current_, previous_;
};

}  // namespace chainmend::tls
