// The hellos that a probe says for itself, beside those of client types: one version, and suites
// for one type of key, so that each answer tells one thing.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "proxy/clients/stacks.h"
#include "proxy/enums/names.h"

namespace chainmend::diagnose {

enum class KeyType : std::uint8_t { rsa, ecdsa };
inline constexpr enums::Names<KeyType> kKeyTypeNames{"RSA", "ECDSA"};
constexpr const char* to_string(KeyType key) { return kKeyTypeNames[key]; }

struct Question {
  std::uint16_t version = 0;  // the only one offered
  KeyType key = KeyType::rsa;
  clients::ClientStack hello;
};

// TLS 1.0 to 1.3, for RSA and for ECDSA certificates (of TLS 1.0 and 1.1 with RSA: as old phones
// say it, without extensions for elliptic curves in the suites).
std::vector<Question> questions();

// A hello with nothing but the suites of this kind, at the version of old phones: RC4, 3DES, and
// SSL 3.0 itself. OpenSSL cannot speak them; a server's answer shows whether it does.
struct OldFeature {
  std::string name;  // "RC4", "3DES", "SSL 3.0"
  clients::ClientStack hello;
};
std::vector<OldFeature> old_features();

}  // namespace chainmend::diagnose
