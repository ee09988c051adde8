// Config: what the YAML file says, as plain data. A default here is the default; what a key means
// to the operator stands in reference.yaml, what a field means to code stands here where its name
// does not say it. Nothing in config/ knows OpenSSL or sockets: files are named, not opened. Values
// that the operator can get wrong in ways only a later stage sees (a missing file, a cipher that
// this OpenSSL lacks) are Located, so that the later stage can say file:line:column too. Equality
// compares what was configured, never where it stood in the file.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <limits>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "config/network.h"
#include "config/result.h"
#include "proxy/enums/names.h"

namespace chainmend::config {

using Milliseconds = std::chrono::milliseconds;
using Path = std::filesystem::path;  // made absolute against the config file's folder

template <typename T>
struct Located {
  T value{};
  Location at;
  bool operator==(const Located& other) const { return value == other.value; }
};

template <typename T>
std::vector<T> values(const std::vector<Located<T>>& located) {
  std::vector<T> out;
  out.reserve(located.size());
  for (const Located<T>& one : located) {
    out.push_back(one.value);
  }
  return out;
}

// Address and port to listen on; port 0: the kernel picks one.
struct Endpoint {
  std::string address;  // numeric, without brackets, in the one canonical spelling
  std::uint16_t port = 0;
  std::string text() const;  // "[::1]:443"
  bool operator==(const Endpoint&) const = default;
};

struct Admin {
  std::optional<Located<Endpoint>> listen = Located<Endpoint>{{"127.0.0.1", 9465}, {}};
  bool operator==(const Admin&) const = default;
};

struct Process {
  unsigned threads = 0;                 // 0 ("auto"): one per processor
  std::size_t max_connections = 20000;  // over it new connections are closed at once
  Milliseconds drain{600'000};          // how long a stop waits for open connections; may be 0
  bool operator==(const Process&) const = default;
};

enum class LogLevel { debug, info, warn, error };
inline constexpr enums::Names<LogLevel> kLogLevelNames{"debug", "info", "warn", "error"};

struct HandshakeLog {
  std::optional<Located<Path>> file;  // unset: the human log only
  double successes = 0;               // share of the successful ones that is written, 0 to 1
  bool operator==(const HandshakeLog&) const = default;
};

struct Logs {
  LogLevel level = LogLevel::info;
  HandshakeLog handshakes;
  bool operator==(const Logs&) const = default;
};

// Where trust comes from: the system's store, files (PEM, DER, PKCS#7; globs and folders), or both.
struct Trust {
  bool system = true;
  std::vector<Located<Path>> files;  // not empty when !system
  bool operator==(const Trust&) const = default;
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

enum class TlsVersion { tls1_0, tls1_1, tls1_2, tls1_3 };

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

enum class HelloFormat { tls, sslv2 };
inline constexpr enums::Names<HelloFormat> kHelloFormatNames{"tls", "sslv2"};

// In the lists sni and alpn: the client said nothing there.
inline constexpr std::string_view kNone = "none";

// What a ClientHello, and where it came from, must be like. All that is given must hold; of a list
// one item must. Empty or unset: anything will do.
struct ClientMatch {
  std::vector<Network> source;
  std::vector<std::string> listener;
  std::vector<std::string> sni;  // lower case; "*.contoso.com"; or kNone
  std::optional<TlsVersion> offers_at_most;
  std::vector<std::uint16_t> suites;                     // no suite beside these
  std::optional<std::vector<std::uint16_t>> extensions;  // no extension beside these
  std::vector<std::string> ja3;                          // 32 lower-case hex digits
  std::vector<std::string> ja4;                          // * stands for any characters, or none
  std::vector<std::string> alpn;                         // or kNone
  std::optional<HelloFormat> hello_format;
  bool operator==(const ClientMatch&) const = default;
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

// What is different for clients of one type; what is unset is as for everyone.
struct ForClients {
  Located<std::string> client_type;                // built-in or configured
  std::optional<Located<std::string>> policy;      // built-in or configured
  std::vector<Located<std::string>> certificates;  // as of Listener; empty: the listener's
  std::optional<Located<std::string>> chain;       // a variant of the certificates' chains
  Location at;
};

// Clients whose TLS goes on to a server as it is. All that is given must hold, of a list one item.
struct Passthrough {
  ClientMatch match;                               // source and sni alone
  std::vector<Located<std::string>> client_types;  // built-in or configured; empty: any
  std::string upstream;
  Location at;
};

enum class Mode {
  http,
  tcp,
  passthrough,  // TLS does not end here
};
inline constexpr enums::Names<Mode> kModeNames{"http", "tcp", "passthrough"};
constexpr const char* to_string(Mode mode) { return kModeNames[mode]; }

// Whether messages name this proxy in a Via field (RFC 9110 7.6.3).
enum class Via {
  automatic,  // not where IIS would ask for NTLM again because of it
  on,
  off,
};
inline constexpr enums::Names<Via> kViaNames{"auto", "on", "off"};

struct ListenerTimeouts {
  Milliseconds first_byte{10'000};
  Milliseconds handshake{20'000};     // whole handshake
  Milliseconds head{30'000};          // first byte to last byte of a request head
  Milliseconds keep_alive{600'000};   // between requests
  Milliseconds response{120'000};     // whole request to first byte of the answer
  Milliseconds client_idle{120'000};  // between bytes of a request's body
  Milliseconds server_idle{120'000};  // between bytes of an answer
  bool operator==(const ListenerTimeouts&) const = default;
};

// Of a message head, in either direction.
struct HeadLimits {
  std::size_t head = 65'536;  // bytes
  std::size_t fields = 128;
  bool operator==(const HeadLimits&) const = default;
};

// What one route has otherwise. Those of the listener are filled in where they are left out; those
// of the upstream (connect, handshake) stay unset.
struct RouteTimeouts {
  std::optional<Milliseconds> connect, handshake, response, client_idle, server_idle;
};

// Fields of a head that are set, replacing what is there, and removed.
struct HeaderChanges {
  std::vector<std::pair<std::string, std::string>> set;
  std::vector<std::string> remove;
};

// Where a redirect leads; what is empty is as in the request.
struct Redirect {
  std::string scheme = "https";
  std::string host;  // with port, when it is not the usual one
  std::string path;  // with query
};

inline constexpr std::uint64_t kNoLimit = std::numeric_limits<std::uint64_t>::max();

struct Route {
  // Which requests it is for. In modes tcp and passthrough all of them.
  std::string path = "/";            // prefix, compared without regard to case
  std::vector<std::string> hosts;    // lower case, "*.contoso.com"; empty: any
  std::vector<std::string> methods;  // empty: any
  // What is done with them: one of the three.
  std::string upstream;
  std::optional<Redirect> redirect;
  unsigned status = 0;  // of the redirect or of an answer of our own

  HeaderChanges request_headers, response_headers;
  RouteTimeouts timeouts;
  std::uint64_t max_body = kNoLimit;           // bytes
  std::optional<Milliseconds> continue_after;  // unset: 100 Continue is the server's to say
  std::optional<Via> via;                      // always set once the listener is read
  bool of_exchange = false;                    // one that `preset: exchange` stands for
  Location at;

  // "/ews", "mail.contoso.com/ews", "GET /": its label in logs and metrics.
  std::string text() const;
};

struct Listener {
  std::string name;
  Location at;
  std::vector<Located<Endpoint>> listen;
  Mode mode = Mode::http;
  bool tls = true;  // it ends here; false: plain HTTP or TCP, or passed through
  std::vector<Located<std::string>>
      certificates;  // names; first serves clients without SNI; empty iff !tls
  Located<std::string> policy{"intermediate", {}};
  // Names of the profiles whose clients the chains must suit, beside chain.trust.
  std::vector<Located<std::string>> trust_profiles;
  std::vector<ForClients> for_clients;   // at most one per client type
  std::vector<Passthrough> passthrough;  // the first that fits wins; empty unless tls
  ListenerTimeouts timeouts;
  HeadLimits limits;
  std::vector<Network> trusted_sources;  // whose PROXY headers and claims about clients we believe
  bool proxy_protocol = false;           // expected from trusted sources
  bool forwarded = false;                // write Forwarded (RFC 7239) too
  Via via = Via::automatic;
  // Those of its own, or the listener's.
  const std::vector<Located<std::string>>& certificates_of(const ForClients& some) const {
    return some.certificates.empty() ? certificates : some.certificates;
  }

  // At least one, presets expanded. Of those that fit, the one that says most wins: host before
  // path before method. `upstream:` is the route for "/", and the only one in modes tcp and
  // passthrough.
  std::vector<Route> routes;
};

struct Server {
  bool tls = false;  // https://, in every mode of the listener
  std::string host;  // name in lower case or numeric address, without brackets
  std::uint16_t port = 0;
  Location at;
  std::string text() const;  // "https://10.0.0.11:443"
};

struct UpstreamTls {
  bool verify = true;
  bool repair_chain = true;
  std::string server_name;  // for SNI and verification; empty: the server's host when it is a name
  std::optional<Trust> trust;  // unset: chain.trust
  bool operator==(const UpstreamTls&) const = default;
};

struct UpstreamTimeouts {
  Milliseconds connect{5'000};
  Milliseconds handshake{10'000};
  bool operator==(const UpstreamTimeouts&) const = default;
};

// Connections that carry nobody's identity, kept for the next request.
struct KeepAlive {
  Milliseconds idle{90'000};
  Milliseconds max_age{600'000};
  std::size_t per_server = 64;  // in each worker; 0 ("off"): none are kept
  bool operator==(const KeepAlive&) const = default;
};

enum class ProxyProtocol { off, v1, v2 };
inline constexpr enums::Names<ProxyProtocol> kProxyProtocolNames{"off", "v1", "v2"};

struct Upstream {
  std::string name;
  Location at;
  std::vector<Server> servers;
  UpstreamTls tls;
  UpstreamTimeouts timeouts;
  KeepAlive keep_alive;
  ProxyProtocol proxy_protocol = ProxyProtocol::off;
};

struct Config {
  Path file;  // as it was named on the command line
  Admin admin;
  Process process;
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

// What listeners and upstreams come to, with presets and defaults written out, as YAML.
std::string explain(const Config& config);

}  // namespace chainmend::config
