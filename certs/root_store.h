// What is wrong with a store of roots. A client with a bad store fails in ways that look like a bad
// chain: Windows servers stop trusting client certificates when something in it is no root, and old
// Lync and Schannel read only its first hundred certificates. Pure.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "certs/certificate_reader.h"
#include "proxy/enums/names.h"

namespace chainmend::certs {

inline constexpr std::size_t kMaxRootsOfOldClients = 100;

struct RootProblem {
  enum class Kind : std::uint8_t {
    not_self_signed,     // an intermediate or a leaf
    bad_self_signature,  // its own name as issuer, and another key's signature
    duplicate,           // the very certificate once more
    same_key,            // another certificate of the same name and key
    not_a_ca,
    expired,
    not_yet_valid,
    too_many,
  };
  Kind kind;
  std::string text;      // one sentence without a full stop
  std::string file;      // where the certificate was found; of the first one too many
  std::size_t line = 0;  // 0 in formats without lines
};
inline constexpr enums::Names<RootProblem::Kind> kRootProblemNames{
    "not-self-signed", "bad-self-signature", "duplicate", "same-key", "not-a-ca",
    "expired",         "not-yet-valid",      "too-many"};
constexpr const char* to_string(RootProblem::Kind kind) { return kRootProblemNames[kind]; }

// In the order of the store, too_many last; a certificate may have several problems. `at` is the
// moment that validity is judged at.
std::vector<RootProblem> examine_roots(const std::vector<FoundCertificate>& store, Time at);

}  // namespace chainmend::certs
