// ClientContext: the immutable TLS set-up of connections to one upstream. Built once per
// configuration and shared by all workers; thread-safe.
#pragma once

#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "certs/certificate.h"
#include "proxy/tls/openssl_ssl.h"
#include "proxy/tls/policy.h"
#include "proxy/tls/result.h"

namespace chainmend::tls {

// PeerVerifier: does the list that an upstream sent belong to host and end in what we trust? Called
// inside the handshake on a worker: it must not wait, and it must be thread-safe.
class PeerVerifier {
 public:
  virtual ~PeerVerifier() = default;
  // The list as sent, leaf first, never empty. The error text goes to the log.
  virtual Result<void> verify(const std::vector<certs::CertificatePtr>& list,
                              const std::string& host) const = 0;
};

// The policy that servers behind are spoken to with: they are as old as clients.
inline constexpr const char* kPolicyForServers = "compatible-tls12";

struct OwnCertificate {
  certs::CertificatePtr leaf;
  EVP_PKEY* key = nullptr;
  std::vector<certs::CertificatePtr> chain;  // sent after the leaf exactly like this
};

struct ClientSetup {
  TlsPolicy policy;                              // which versions, suites and groups are offered
  std::shared_ptr<const PeerVerifier> verifier;  // null: any certificate will do
  bool legacy_server_connect = false;            // servers without secure renegotiation (RFC 5746)
  bool resume = false;                           // offer sessions again; see new_ssl()
  // Shown to a server that asks for one, in the handshake, by renegotiation or after it; without it
  // none is. The key is borrowed: the context takes a reference of its own.
  std::optional<OwnCertificate> certificate = {};
};

class ClientContext;
using ClientContextPtr = std::shared_ptr<const ClientContext>;

class ClientContext {
 public:
  static Result<ClientContextPtr> create(ClientSetup setup);
  ClientContext(const ClientContext&) = delete;
  ClientContext& operator=(const ClientContext&) = delete;
  ~ClientContext();

  // A fresh connection in connect state, with host as SNI unless it is an address. Borrows this
  // context. server: offers the last session that one of this name gave, and keeps the next ones;
  // empty: neither. A session is not verified again; it is offered for five minutes at most.
  SslPtr new_ssl(const std::string& host, const std::string& server = {}) const;

 private:
  // The sessions of one server, newest last: of TLS 1.3 each is used once (RFC 8446 C.4).
  struct Shelf;

  ClientContext();
  static int on_verify(X509_STORE_CTX* store, void* self) noexcept;
  static int on_session(SSL* ssl, SSL_SESSION* session) noexcept;
  Shelf& shelf(const std::string& server) const;

  ClientSetup setup_;
  // Locked for a moment in a handshake with a server, never per request. There are as many shelves
  // as servers that are named in the configuration.
  mutable std::mutex mutex_;
  mutable std::map<std::string, std::unique_ptr<Shelf>> shelves_;
  SslCtxPtr context_;
};

}  // namespace chainmend::tls
