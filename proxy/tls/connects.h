// connects(): whether a built-in client can complete a handshake under a policy with a certificate,
// and if not, what is in its way. The answer is OpenSSL's: the client's hello (clients::make_hello)
// is given to an SSL that has the policy and the certificate. What a hello does not tell, such as
// the longest RSA key that a client can verify, comes from the client's row in clients/stacks.h.
//
// For commands and checks: a call makes some contexts and signs once or more, a few milliseconds.
#pragma once

#include <openssl/x509.h>

#include <cstdint>
#include <span>
#include <string>

#include "proxy/clients/stacks.h"
#include "proxy/enums/names.h"
#include "proxy/tls/openssl_ssl.h"
#include "proxy/tls/policy.h"

namespace chainmend::tls {

// A certificate with its key, and the certificates that are served after it. Borrowed.
struct OfferedKey {
  X509* leaf = nullptr;
  EVP_PKEY* key = nullptr;
  std::span<X509* const> chain = {};
};

enum class Obstacle : std::uint8_t {
  none,
  version,   // no version in common
  suite,     // none in common, whatever the key
  group,     // none in common for the key exchange
  key_type,  // another type of key would do: RSA instead of ECDSA, another curve
  key_size,  // longer than the client can verify
  digest,    // a signature in the chain uses a hash that the client cannot verify
  dh_size,   // the policy's Diffie-Hellman group is larger than the client takes
  policy,    // the policy itself refuses the certificate, or does not work at all
};
inline constexpr enums::Names<Obstacle> kObstacleNames{
    "none", "version", "suite", "group", "key-type", "key-size", "digest", "dh-size", "policy"};
constexpr const char* to_string(Obstacle obstacle) { return kObstacleNames[obstacle]; }

struct Connects {
  Obstacle obstacle = Obstacle::none;
  std::string why;  // for people, without full stop: "speaks TLS 1.0 at most"; empty: it connects
  // What they agree on when it connects.
  std::uint16_t version = 0;
  std::string suite;  // OpenSSL's name
  std::string group;  // of an (EC)DHE key exchange: "X25519", "DH 2048"; empty: there is none

  explicit operator bool() const { return obstacle == Obstacle::none; }
};

Connects connects(const clients::ClientStack& stack, const TlsPolicy& policy,
                  const OfferedKey& offered);

}  // namespace chainmend::tls
