// Config: what the YAML file says, as plain data. Every field states its meaning, unit and default; a default
// here is the default. Nothing in config/ knows OpenSSL or sockets: files are named, not opened.
// Values that the operator can get wrong in ways only a later stage sees (a missing file, a cipher
// that this OpenSSL lacks) are Located, so that the later stage can say file:line:column too.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "config/result.h"

namespace chainmend::config {

using Milliseconds = std::chrono::milliseconds;
using Path = std::filesystem::path;  // made absolute against the config file's folder

template <typename T>
struct Located {
  T value{};
  Location at;
};

// Address and port to listen on. "0.0.0.0:443", "[::1]:443", "127.0.0.1:0" (0: the kernel picks one).
struct Endpoint {
  std::string address;  // numeric, without brackets
  std::uint16_t port = 0;
  std::string text() const;  // "[::1]:443"
  bool operator==(const Endpoint&) const = default;
};

struct Admin {
  // /metrics /healthz /readyz /status. `listen: off` gives none.
  std::optional<Located<Endpoint>> listen = Located<Endpoint>{{"127.0.0.1", 9465}, {}};
};

struct Process {
  unsigned threads = 0;               // workers; 0 ("auto"): one per processor
  std::size_t max_connections = 20000;  // over it new connections are closed at once
  Milliseconds drain{600'000};        // how long a stop waits for open connections
};

enum class LogLevel { debug, info, warn, error };

struct HandshakeLog {
  std::optional<Located<Path>> file;  // one JSON line per failed handshake; unset: stderr's human log only
};

struct Logs {
  LogLevel level = LogLevel::info;
  HandshakeLog handshakes;
};

// Where trust comes from: the system's store, or files (PEM, DER, PKCS#7; globs and folders).
struct Trust {
  bool system = true;
  std::vector<Located<Path>> files;  // used when !system
};

enum class AiaMode { fetch, cache_only, off };

struct Aia {
  AiaMode mode = AiaMode::fetch;
  Located<Path> cache{"/var/lib/chainmend/aia", {}};
  Milliseconds timeout{10'000};
  std::size_t max_size = 64 * 1024;
  bool allow_private_addresses = false;
};

enum class OnIncomplete { warn, fail };

struct Chain {
  std::vector<Located<Path>> bundles;  // files, folders, globs
  Trust trust;
  Aia aia;
  OnIncomplete on_incomplete = OnIncomplete::warn;
};

// A leaf and its key: pfx, or cert + key. Several may share one name (RSA and ECDSA).
struct Certificate {
  std::string name;
  Location at;
  std::optional<Located<Path>> pfx;
  std::optional<Located<Path>> cert;
  std::optional<Located<Path>> key;   // may be left out when cert's file holds the key too
  std::optional<Located<Path>> password_file;
  std::optional<Located<std::string>> password_env;  // name of an environment variable
};

enum class TlsVersion { tls1_0, tls1_1, tls1_2, tls1_3 };

// A policy of the operator: a built-in one with changes.
struct TlsPolicy {
  std::string name;
  Location at;
  std::string base;  // modern, intermediate, legacy-tls10
  std::optional<Located<TlsVersion>> min, max;
  std::optional<Located<std::vector<std::string>>> ciphers;  // TLS <= 1.2, OpenSSL names
  std::optional<Located<std::vector<std::string>>> suites;   // TLS 1.3
  std::optional<Located<std::vector<std::string>>> groups;
  std::optional<bool> tickets;
};

enum class Mode { http, tcp };

struct ListenerTimeouts {
  Milliseconds first_byte{10'000};
  Milliseconds handshake{20'000};   // whole handshake
  Milliseconds head{30'000};        // first byte to last byte of a request head
  Milliseconds keep_alive{600'000}; // between requests
  Milliseconds idle{120'000};       // between bytes of a body or answer, either way
};

struct Route {
  std::string path = "/";  // prefix, compared without regard to case
  std::string upstream;
  Location at;
};

struct Listener {
  std::string name;
  Location at;
  std::vector<Located<Endpoint>> listen;
  Mode mode = Mode::http;
  bool tls = true;                                // `tls: off` gives plain HTTP or TCP
  std::vector<Located<std::string>> certificates; // first serves clients without SNI
  Located<std::string> policy{"intermediate", {}};
  ListenerTimeouts timeouts;
  std::vector<Route> routes;  // longest prefix wins; `upstream:` is one route for "/"
};

struct Server {
  bool tls = false;      // https://
  std::string host;      // name or numeric address
  std::uint16_t port = 0;
  Location at;
  std::string text() const;  // "https://10.0.0.11:443"
};

struct UpstreamTls {
  bool verify = true;
  bool repair_chain = true;    // complete a list that lacks intermediates before judging it
  std::string server_name;     // for SNI and verification; empty: the server's host when it is a name
  std::optional<Trust> trust;  // unset: chain.trust
};

struct UpstreamTimeouts {
  Milliseconds connect{5'000};
  Milliseconds handshake{10'000};
};

struct Upstream {
  std::string name;
  Location at;
  std::vector<Server> servers;
  UpstreamTls tls;
  UpstreamTimeouts timeouts;
};

struct Config {
  Path file;
  Admin admin;
  Process process;
  Logs logs;
  Chain chain;
  std::vector<Certificate> certificates;
  std::vector<TlsPolicy> tls_policies;
  std::vector<Listener> listeners;
  std::vector<Upstream> upstreams;
};

// Reads, parses and checks the file: types, names, references, duplicates. All semantic errors come in one run;
// YAML itself stops at its first syntax error. Never throws.
Result<Config> load(const Path& file);
// The same for text already read; file gives the name in messages and the folder of relative paths.
Result<Config> parse(std::string_view yaml, const Path& file);

// The annotated reference of every key with its default, as YAML that parse() accepts.
std::string reference();

}  // namespace chainmend::config
