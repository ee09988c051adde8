// Config: what the YAML file says, as plain data. A default here is the default. What a key means
// to the operator is said where it is read (parse_*.cpp), what a field means to code is said here
// where its name does not say it. Nothing in config/ knows OpenSSL or sockets: files are named, not
// opened. Values that the operator can get wrong in ways only a later stage sees (a missing file, a
// cipher that this OpenSSL lacks) are Located, so that the later stage can say file:line:column
// too. Equality compares what was configured, never where it stood in the file.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "config/access_log.h"
#include "config/limits.h"
#include "config/listener.h"
#include "config/result.h"
#include "config/types.h"
#include "config/upstream.h"
#include "proxy/enums/names.h"

namespace chainmend::config {

struct Admin {
  std::optional<Located<Endpoint>> listen = Located<Endpoint>{{"127.0.0.1", 9465}, {}};
  std::vector<std::string> hosts;           // lower case, "*.contoso.com"; beside addresses
  std::optional<Located<Path>> token_file;  // whose first line is the token
  bool operator==(const Admin&) const = default;
};

struct Process {
  unsigned threads = 0;                 // 0 ("auto"): one per processor
  std::size_t max_connections = 20000;  // over it new ones are turned away
  // How long a stop goes on to accept while /readyz already says no: balancers take note. May be 0.
  Milliseconds shutdown_delay{0};
  Milliseconds drain{600'000};  // how long a stop waits for open connections after that; may be 0
  std::optional<Located<std::string>> user;  // whom root becomes; unset: nobody else
  bool operator==(const Process&) const = default;
};

// What makes the process read its files anew by itself.
struct ReloadRules {
  bool watch = false;         // certificates, keys, passwords, bundles and roots, when they change
  Milliseconds settle{2000};  // with no further change, so that a pair is not taken half written
  bool operator==(const ReloadRules&) const = default;
};

enum class LogLevel { debug, info, warn, error };
inline constexpr enums::Names<LogLevel> kLogLevelNames{"debug", "info", "warn", "error"};

struct HandshakeLog {
  std::optional<Located<Path>> file;  // unset: the human log only
  double successes = 0;               // share of the successful ones that is written, 0 to 1
  bool hellos = false;                // with the client's hello itself
  bool operator==(const HandshakeLog&) const = default;
};

struct Logs {
  LogLevel level = LogLevel::info;
  HandshakeLog handshakes;
  AccessLog access;
  bool operator==(const Logs&) const = default;
};

enum class AiaMode { fetch, cache_only, off };
inline constexpr enums::Names<AiaMode> kAiaModeNames{"fetch", "cache-only", "off"};

struct Aia {
  AiaMode mode = AiaMode::fetch;
  Located<Path> cache{"/var/lib/chainmend/aia", {}};
  Milliseconds timeout{10'000};
  std::size_t max_size = 65'536;  // bytes
  bool allow_private_addresses = false;
  bool operator==(const Aia&) const = default;
};

enum class OnIncomplete { warn, fail };
inline constexpr enums::Names<OnIncomplete> kOnIncompleteNames{"warn", "fail"};

struct Chain {
  std::vector<Located<Path>> bundles;  // files, folders, globs
  Trust trust;
  Aia aia;
  OnIncomplete on_incomplete = OnIncomplete::warn;
  bool operator==(const Chain&) const = default;
};

// The roots that a kind of client has, by name.
struct TrustProfile {
  std::string name;
  Location at;
  Trust roots;
};

enum class Serve { automatic, as_given };  // the chain we build, or the leaf's file as it is
inline constexpr enums::Names<Serve> kServeNames{"auto", "as-given"};
enum class Weak { refuse, allow };  // SHA-1 and short keys in the chain
inline constexpr enums::Names<Weak> kWeakNames{"refuse", "allow"};

// How a chain is built and served.
struct ChainRules {
  Serve serve = Serve::automatic;
  bool send_root = false;
  Weak weak = Weak::refuse;
  std::optional<Located<std::string>> preferred_root;  // subject, common name or SHA-256
  bool operator==(const ChainRules&) const = default;
};

// What for_clients calls the chain that is built without being named.
inline constexpr std::string_view kAutomaticChain = "auto";

// A chain beside the automatic one, for the clients that a listener gives it to by this name.
struct ChainVariant {
  std::string name;
  Location at;
  std::optional<Located<std::string>> trust_profile;  // unset: chain.trust
  ChainRules rules;                                   // the certificate's, where not given
};

// A leaf and its key: either pfx or cert is set. Several may share one name (RSA and ECDSA).
struct Certificate {
  std::string name;
  Location at;
  std::optional<Located<Path>> pfx;
  std::optional<Located<Path>> cert;
  std::optional<Located<Path>> key;  // may be left out when cert's file holds the key too
  std::optional<Located<Path>> password_file;
  std::optional<Located<std::string>> password_env;  // name of an environment variable
  // Which key of a PFX that holds several, by its friendly name.
  std::optional<Located<std::string>> key_alias;
  ChainRules rules;
  std::vector<ChainVariant> chains;
};

// The policies that the operator may name without defining them.
inline constexpr std::array<std::string_view, 4> kBuiltInPolicies = {
    "modern", "intermediate", "compatible-tls12", "legacy-tls10"};

// A policy of the operator: a built-in one with changes.
struct TlsPolicy {
  std::string name;
  Location at;
  std::string base = "intermediate";  // one of kBuiltInPolicies
  std::optional<Located<TlsVersion>> min, max;
  std::optional<Located<std::vector<std::string>>> ciphers;  // TLS <= 1.2, OpenSSL names
  std::optional<Located<std::vector<std::string>>> suites;   // TLS 1.3
  std::optional<Located<std::vector<std::string>>> groups;
  std::optional<bool> tickets;
  std::optional<bool> empty_fragments;  // before the CBC records of TLS 1.0
  std::optional<Located<unsigned>> dh_bits;
};

// Clients that match have the type; the first rule that matches wins. Several may give one type.
struct ClientTypeRule {
  std::string name;  // the operator's own, or a built-in one
  Location at;
  ClientMatch match;
};

// What the proxy learns of clients by what they ask for.
struct Clients {
  bool learn = true;
  Located<Path> file{"/var/lib/chainmend/clients", {}};
  bool operator==(const Clients&) const = default;
};

struct Config {
  Path file;  // as it was named on the command line
  Admin admin;
  Process process;
  Limits limits;
  ReloadRules reload;
  Logs logs;
  Chain chain;
  std::vector<TrustProfile> trust_profiles;
  std::vector<Certificate> certificates;
  std::vector<TlsPolicy> tls_policies;
  Clients clients;
  std::vector<ClientTypeRule> client_types;  // in their order
  std::vector<Listener> listeners;
  std::vector<Upstream> upstreams;
  Diagnostics
      warnings;  // what works, but is probably not meant: an unused certificate, verify: false
};

// Reads, parses and checks the file: types, names, references, duplicates. All semantic errors come
// in one run; YAML itself stops at its first syntax error. Never throws.
Result<Config> load(const Path& file);
// The same for text already read; file gives the name in messages and the folder of relative paths.
Result<Config> parse(std::string_view yaml, const Path& file);

// The files, folders and patterns that certificates, keys, passwords and roots are read from.
std::vector<Path> input_files(const Config& config);

// What listeners and upstreams come to, with presets and defaults written out, as YAML.
std::string explain(const Config& config);

}  // namespace chainmend::config
