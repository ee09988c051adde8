// Classifier: who is calling, from what is known of the caller. Ordered rules, the first that fits
// wins: the operator's, what was learned, exact fingerprints, structure, and last the best version
// that was offered. Immutable once built, thread-safe; its calls are pure and allocate nothing.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "config/config.h"
#include "proxy/clients/client_hello.h"
#include "proxy/clients/client_type.h"
#include "proxy/clients/fingerprint.h"
#include "proxy/enums/names.h"

namespace chainmend::clients {

using config::Address;  // 16 bytes; IPv4 as ::ffff:a.b.c.d

enum class Confidence : std::uint8_t {
  none,        // no rule fits: only the version is known
  low,         // could well be another
  medium,      // the structure of its library
  high,        // an exact fingerprint, or what the client said of itself
  configured,  // a rule of the operator
};
inline constexpr enums::Names<Confidence> kConfidenceNames{"none", "low", "medium", "high",
                                                           "configured"};
constexpr const char* to_string(Confidence confidence) { return kConfidenceNames[confidence]; }

struct Classification {
  ClientType type;
  Confidence confidence = Confidence::none;
  // Which rule said so: "chainmend.yaml:12:5", "learned_address", "schannel_7". Borrowed from the
  // Classifier or static.
  std::string_view rule;
};

// What is known of a caller once its hello is here. Borrows: for the time of a call.
struct Caller {
  Address address;
  std::string_view listener;  // as configured
  const ClientHello& hello;
  Ja4 ja4;  // of this hello
};

class Classifier {
 public:
  explicit Classifier(const std::vector<config::ClientTypeRule>& rules = {});

  // Who may be admitted as what: the operator's rules and the built-in rules for hellos. It may
  // choose a TLS policy, because it says the same on a client's first connection as on its last,
  // and because nothing that a client says later can change it.
  Classification admit(const Caller& caller) const;
  // What to call the caller: the same, but where no rule of the operator fits, what was learned of
  // it goes before the built-in rules.
  Classification name(const Caller& caller, const std::optional<Classification>& learned) const;

 private:
  struct Rule {
    ClientType type;
    config::ClientMatch match;
    std::string text;
  };
  std::optional<Classification> by_operator(const Caller& caller) const;

  std::vector<Rule> rules_;
  bool needs_ja3_ = false;  // which costs an MD5 per handshake
};

// Whether all that match asks for holds.
bool fits(const config::ClientMatch& match, const Caller& caller);

// The built-in rules alone: exact fingerprints, structure, version. Never without an answer.
Classification classify_hello(const ClientHello& hello, const Ja4& ja4);

}  // namespace chainmend::clients
