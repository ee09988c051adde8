// ServerContext: the immutable TLS set-up of one listener: its policy, its certificates by name and
// key type, and the identity that keeps its sessions from being resumed elsewhere. ClientContext:
// the same for connections to one upstream. Both are built once per configuration and shared by all
// workers; all of it is thread-safe.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "certs/certificate.h"
#include "proxy/tls/openssl_ssl.h"
#include "proxy/tls/policy.h"
#include "proxy/tls/result.h"
#include "proxy/tls/session_store.h"
#include "proxy/tls/ticket_keys.h"

namespace chainmend::tls {

// What one certificate needs to be served. The key is borrowed: the context takes a reference of
// its own.
struct ServerCertificate {
  std::string name;  // as configured, for logs
  certs::CertificatePtr leaf;
  EVP_PKEY* key = nullptr;
  std::vector<certs::CertificatePtr>
      chain;                       // sent after the leaf exactly like this, in every TLS version
  std::vector<std::string> names;  // answers to these SNI names; empty: the leaf's own
};

struct ServerSetup {
  std::string listener;
  TlsPolicy policy;
  // The first serves clients without SNI, or with a name that no certificate has. Of those for one
  // name, the first of each key type counts, and the client's abilities choose between the types.
  std::vector<ServerCertificate> certificates;
  bool http = true;  // answer ALPN with http/1.1 when offered
};

class ServerContext;
using ServerContextPtr = std::shared_ptr<const ServerContext>;

class ServerContext {
 public:
  // tickets and sessions are the process's own and must outlive the context.
  static Result<ServerContextPtr> create(const ServerSetup& setup, TicketKeys& tickets,
                                         SessionStore& sessions);
  ~ServerContext();
  ServerContext(const ServerContext&) = delete;
  ServerContext& operator=(const ServerContext&) = delete;

  const TlsPolicy& policy() const { return policy_; }
  // A fresh connection in accept state, never null. It borrows this context: keep the context as
  // long.
  SslPtr new_ssl() const;
  // Name of the certificate that the connection served, or is about to; empty before the hello.
  std::string_view certificate_name(const SSL* ssl) const;

 private:
  // One way to answer a hello: a certificate of each key type, and the identity of its sessions.
  struct Variant {
    SslCtxPtr context;
    std::vector<std::size_t> certificates;  // indices, for comparison
    std::string session_id_context;         // SHA-256 of listener, policy and certificates
  };
  ServerContext() = default;
  Result<void> build(const ServerSetup& setup, TicketKeys& tickets, SessionStore& sessions);
  Result<std::size_t> add_variant(const ServerSetup& setup, std::vector<std::size_t> certificates,
                                  TicketKeys& tickets, SessionStore& sessions);
  const Variant& variant_for(std::string_view server_name) const;
  static int on_client_hello(SSL* ssl, int* alert, void* self) noexcept;

  TlsPolicy policy_;
  std::vector<Variant> variants_;                         // the first is the default
  std::unordered_map<std::string, std::size_t> by_name_;  // "mail.contoso.com", "*.contoso.com"
  std::vector<std::pair<certs::CertificatePtr, std::string>> names_of_leaves_;
};

// PeerVerifier: does the list that an upstream sent belong to host and end in what we trust? Called
// inside the handshake on a worker: it must not wait, and it must be thread-safe.
class PeerVerifier {
 public:
  virtual ~PeerVerifier() = default;
  // The list as sent, leaf first, never empty. The error text goes to the log.
  virtual Result<void> verify(const std::vector<certs::CertificatePtr>& list,
                              const std::string& host) const = 0;
};

struct ClientSetup {
  TlsPolicy policy;  // intermediate; legacy-tls10 for servers that know nothing better
  std::shared_ptr<const PeerVerifier> verifier;  // null: any certificate will do
  bool legacy_server_connect = false;            // servers without secure renegotiation (RFC 5746)
};

class ClientContext;
using ClientContextPtr = std::shared_ptr<const ClientContext>;

class ClientContext {
 public:
  static Result<ClientContextPtr> create(ClientSetup setup);
  ClientContext(const ClientContext&) = delete;
  ClientContext& operator=(const ClientContext&) = delete;

  // A fresh connection in connect state, with host as SNI unless it is an address. Borrows this
  // context.
  SslPtr new_ssl(const std::string& host) const;

 private:
  ClientContext() = default;
  static int on_verify(X509_STORE_CTX* store, void* self) noexcept;

  ClientSetup setup_;
  SslCtxPtr context_;
};

}  // namespace chainmend::tls
