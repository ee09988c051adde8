// Upstream: the servers behind, and how requests are shared among them; a part of config.h, which
// says what holds for all of it.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "config/types.h"
#include "proxy/enums/names.h"

namespace chainmend::config {

// Where trust comes from: the system's store, files (PEM, DER, PKCS#7; globs and folders), or both.
struct Trust {
  bool system = true;
  std::vector<Located<Path>> files;  // not empty when !system
  bool operator==(const Trust&) const = default;
};

struct Server {
  bool tls = false;  // https://, in every mode of the listener
  std::string host;  // name in lower case or numeric address, without brackets
  std::uint16_t port = 0;
  Location at;
  std::size_t weight = 1;
  std::size_t priority = 0;         // of its group; the higher ones are asked first
  std::size_t max_connections = 0;  // in use at a time, of all workers; 0: no limit
  std::string text() const;         // "https://10.0.0.11:443"
};

// Whether the certificate that listeners serve is compared with that of each server.
enum class ExtendedProtection { off, check };
inline constexpr enums::Names<ExtendedProtection> kExtendedProtectionNames{"off", "check"};

struct UpstreamTls {
  bool verify = true;
  bool repair_chain = true;
  std::string server_name;  // for SNI and verification; empty: the server's host when it is a name
  std::optional<Trust> trust;  // unset: chain.trust
  std::optional<Located<TlsVersion>> min, max;
  std::optional<Located<std::vector<std::string>>> ciphers;  // TLS <= 1.2, OpenSSL names
  bool resume = true;
  // Of `certificates`: ours, for servers that ask for one. All clients have its identity there.
  std::optional<Located<std::string>> certificate;
  ExtendedProtection extended_protection = ExtendedProtection::off;
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

// How a server is chosen for a client that belongs to none.
enum class BalanceMethod { round_robin, least_connections, source };
inline constexpr enums::Names<BalanceMethod> kBalanceMethodNames{"round_robin", "least_connections",
                                                                 "source"};
// For what one is chosen: a client's connection, with all of its requests, or each request.
enum class BalancePer { connection, request };
inline constexpr enums::Names<BalancePer> kBalancePerNames{"connection", "request"};

struct Balance {
  BalanceMethod method = BalanceMethod::round_robin;
  BalancePer per = BalancePer::connection;
  std::size_t min_in_priority = 1;
  // Until a server that comes back has its whole share; unset: at once.
  std::optional<Milliseconds> slow_start;
  bool operator==(const Balance&) const = default;
};

// Requests that wait because every server has its max_connections.
struct Queue {
  std::size_t length = 100;
  Milliseconds timeout{5'000};
  bool operator==(const Queue&) const = default;
};

enum class PersistBy { cookie, source };
inline constexpr enums::Names<PersistBy> kPersistByNames{"cookie", "source"};

struct Persistence {
  PersistBy by = PersistBy::cookie;
  std::string name;                       // of the cookie; empty: "chainmend-" and the upstream's
  std::optional<Located<Path>> key_file;  // unset: a key of this process
  std::optional<Milliseconds> max_age;    // of the cookie; unset: as long as the browser is open
  Milliseconds timeout = std::chrono::minutes(45);  // by source: since the last new connection
  std::size_t entries = 65'536;                     // by source: addresses that are remembered
};

enum class HealthType { tcp, tls, http, https };
inline constexpr enums::Names<HealthType> kHealthTypeNames{"tcp", "tls", "http", "https"};

// What a server's answer must be. What is not said does not matter.
struct HealthExpectation {
  // Of its status: from, to. Empty: 200 to 399.
  std::vector<std::pair<unsigned, unsigned>> status;
  std::string header_name, header_value;  // a field that holds this text; empty: any
  std::string body;                       // that it holds
  bool operator==(const HealthExpectation&) const = default;
};

// The directories of Exchange that say by themselves whether they are well, each at its
// healthcheck.htm.
enum class ExchangeDirectory { activesync, autodiscover, ecp, ews, mapi, oab, owa, rpc };
inline constexpr enums::Names<ExchangeDirectory> kExchangeDirectoryNames{
    "activesync", "autodiscover", "ecp", "ews", "mapi", "oab", "owa", "rpc"};
// In lower case, as http::normalise_path writes paths.
inline constexpr enums::Names<ExchangeDirectory> kExchangeDirectoryPaths{
    "/microsoft-server-activesync",
    "/autodiscover",
    "/ecp",
    "/ews",
    "/mapi",
    "/oab",
    "/owa",
    "/rpc"};

struct Health {
  // preset: exchange. One check for each of these, which speaks for requests to it; empty: the one
  // check that follows, which speaks for all requests.
  std::vector<ExchangeDirectory> directories;
  HealthType type = HealthType::http;
  std::string path = "/";
  std::string host;  // empty: tls.server_name, or the server's
  std::string method = "GET";
  HealthExpectation expect;
  std::string send;  // by tcp and tls
  Milliseconds interval{10'000};
  Milliseconds timeout{5'000};  // of the whole check
  std::size_t rise = 2;         // good ones in a row until a server that is down is up
  std::size_t fall = 3;         // bad ones in a row until one that is up is down
  std::size_t jitter = 10;      // percent of the interval, more or less
  bool operator==(const Health&) const = default;
};

// Servers that fail requests are left out for a while.
struct Eject {
  std::size_t failures = 5;       // in a row
  Milliseconds base{30'000};      // of the first time; each next one lasts twice as long
  Milliseconds longest{300'000};  // at most
  std::size_t at_most = 50;       // percent of the servers at a time; never all
  bool operator==(const Eject&) const = default;
};

// What a request gets when no server may be asked.
enum class AllDown { refuse, least_bad };
inline constexpr enums::Names<AllDown> kAllDownNames{"refuse", "least_bad"};

// How long the addresses of a server's name are used until it is asked for again. The name's own
// TTL counts within these bounds, as far as the resolver tells it.
struct Dns {
  Milliseconds min_ttl{5'000};
  Milliseconds max_ttl{60'000};
  bool operator==(const Dns&) const = default;
};

inline constexpr std::size_t kMostServers = 128;  // of one upstream

struct Upstream {
  std::string name;
  Location at;
  std::vector<Server> servers;  // at most kMostServers
  UpstreamTls tls;
  UpstreamTimeouts timeouts;
  KeepAlive keep_alive;
  ProxyProtocol proxy_protocol = ProxyProtocol::off;
  Balance balance;
  Queue queue;
  std::optional<Persistence> persistence;
  std::optional<Health> health;
  std::optional<Eject> eject;
  AllDown all_down = AllDown::refuse;
  Dns dns;
};

}  // namespace chainmend::config
