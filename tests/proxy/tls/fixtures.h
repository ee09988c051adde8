// What the tests of the tls library share: throw-away certificates, and a client of OpenSSL's own
// that shakes hands with a TlsSession over a socket pair, both in this thread.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "certs/certificate.h"
#include "proxy/tls/context.h"
#include "proxy/tls/session.h"

namespace chainmend::tls::testing {

// With the type that policies use, so that a loop over them converts nothing.
inline constexpr std::uint16_t kAllVersions[] = {clients::kTls10, clients::kTls11, clients::kTls12,
                                                 clients::kTls13};

enum class KeyType { rsa, ec };

struct Identity {
  certs::CertificatePtr certificate;
  certs::EvpPkeyPtr key;
};

// names go into the subjectAltName, the first into the CN. Without an issuer it is a self-signed
// CA. Keys are made once per process and type, since making them is slow: only `fresh_key` gives a
// key of its own.
struct IdentityOptions {
  std::vector<std::string> names;
  KeyType type = KeyType::rsa;
  const Identity* issuer = nullptr;
  bool fresh_key = false;
};
Identity make_identity(const IdentityOptions& options);

ServerCertificate served(const Identity& identity, std::string name,
                         std::vector<certs::CertificatePtr> chain = {});

// Policy of that name, with the range cut to one version unless it is 0.
TlsPolicy policy(std::string_view name, std::uint16_t only_version = 0);

// A server context and what must outlive it.
struct Server {
  TicketKeys tickets;
  SessionStore sessions;
  // Fails the test when the context cannot be made.
  ServerContextPtr context(std::string listener, const TlsPolicy& policy,
                           std::vector<ServerCertificate> certificates);
};

// Two ends of a non-blocking stream socket.
class SocketPair {
 public:
  SocketPair();
  ~SocketPair();
  SocketPair(const SocketPair&) = delete;
  SocketPair& operator=(const SocketPair&) = delete;
  int ours() const { return fds_[0]; }
  int theirs() const { return fds_[1]; }
  void close_theirs();
  void send(const std::vector<std::uint8_t>& bytes) const;  // from their end
  std::vector<std::uint8_t> receive() const;                // what waits at their end

 private:
  int fds_[2] = {-1, -1};
};

// What a client asks for.
struct ClientOptions {
  std::uint16_t min_version = TLS1_VERSION;
  std::uint16_t max_version = TLS1_3_VERSION;
  const char* ciphers = "ALL";   // at security level 0
  const char* server_name = "";  // none sent when empty
  const char* alpn = "";         // names separated by commas
  SSL_SESSION* resume = nullptr;
  bool tickets = true;
  const char* groups = "";
  const char* signature_algorithms = "";
  X509* trust = nullptr;  // verifies against this root when set
};

// One connection between a TlsSession and a client.
class Connection {
 public:
  Connection(const ServerContextPtr& server, const ClientOptions& client);
  ~Connection();
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;

  // Drives both sides until nothing moves; true when both completed.
  bool shake_hands();
  // Sends through one side, gives what the other reads.
  std::string client_to_server(std::string_view text);
  std::string server_to_client(std::string_view text);
  // The session that the client may resume; null when none came.
  SslSessionPtr session();
  // The list that the server sent, leaf first, as SHA-256 fingerprints in hex.
  std::vector<std::string> served_chain() const;
  Verdict verdict() const;

  SocketPair sockets;
  SslCtxPtr client_context;
  SslPtr client;
  std::unique_ptr<TlsSession> server;
  Step server_step = Step::want_read;
  int client_error = SSL_ERROR_NONE;
};

}  // namespace chainmend::tls::testing
