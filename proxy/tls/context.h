// ServerContext: the immutable TLS set-up of one listener: its policy, its certificates by name and
// key type, what is different for some clients, and the identity that keeps its sessions from being
// resumed elsewhere. Built once per configuration and shared by all workers; thread-safe.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "certs/certificate.h"
#include "proxy/clients/classifier.h"
#include "proxy/tls/client_authentication.h"
#include "proxy/tls/openssl_ssl.h"
#include "proxy/tls/policy.h"
#include "proxy/tls/result.h"
#include "proxy/tls/served_facts.h"
#include "proxy/tls/session_store.h"
#include "proxy/tls/ticket_keys.h"

namespace chainmend::tls {

struct HandshakeTrace;

// What one certificate needs to be served. The key is borrowed: the context takes a reference of
// its own.
struct ServerCertificate {
  std::string name;  // as configured, for logs
  certs::CertificatePtr leaf;
  EVP_PKEY* key = nullptr;
  std::vector<certs::CertificatePtr>
      chain;                       // sent after the leaf exactly like this, in every TLS version
  std::vector<std::string> names;  // answers to these SNI names; empty: the leaf's own
  // Serve it although its signatures or keys are below the policy's security level. Versions,
  // suites and the signatures that are made and accepted stay the policy's.
  bool allow_weak = false;
  // For logs and hints alone; see ServedList.
  std::string chain_name = {};
  bool complete = true;
  std::string issuer = {};
};

// What some clients get instead of the listener's policy, certificates and chains.
struct ClientTerms {
  clients::ClientType client_type;
  TlsPolicy policy;
  std::vector<ServerCertificate> certificates;
  ClientAuthentication client_certificate = {};
};

struct ServerSetup {
  std::string listener;
  TlsPolicy policy;
  // The first serves clients without SNI, or with a name that no certificate has. Of those for one
  // name, the first of each key type counts, and the client's abilities choose between the types.
  std::vector<ServerCertificate> certificates;
  ClientAuthentication client_certificate = {};
  bool http = true;                           // answer ALPN with http/1.1 when offered
  std::vector<ClientTerms> for_clients = {};  // at most one per type
  // Tells the types apart; may be null when for_clients is empty.
  std::shared_ptr<const clients::Classifier> classifier = nullptr;
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

  // A fresh connection in accept state, never null. It borrows this context: keep the context as
  // long.
  SslPtr new_ssl() const;
  // What the connection has served, or would serve next. Allocates nothing; compares pointers.
  ServedFacts served(const SSL* ssl) const;
  // The names that choose a certificate under any terms, lower case, sorted; "*.contoso.com" is for
  // one label more.
  std::vector<std::string> server_names() const;

 private:
  // One way to answer a hello under some terms: a certificate of each key type, and the identity of
  // its sessions.
  struct Variant {
    SslCtxPtr context;
    std::vector<std::size_t> certificates;  // indices into Terms::lists
    // SHA-256 of listener, policy, certificates, and of what is asked of the client's.
    std::string session_id_context;
    bool has_rsa_key = false;
    bool has_ecdsa_key = false;
  };
  // A policy with its certificates.
  struct Terms {
    TlsPolicy policy;
    ClientAuthentication client_certificate;
    std::vector<ServedList> lists;
    std::vector<Variant> variants;                         // the first is the default
    std::unordered_map<std::string, std::size_t> by_name;  // "mail.contoso.com", "*.contoso.com"

    const Variant& variant_for(std::string_view server_name) const;
    ServedFacts served(const Variant& variant, const X509* leaf) const;
  };
  class Builder;
  ServerContext() = default;
  const Terms& terms_for(const HandshakeTrace* trace) const;
  static int on_client_hello(SSL* ssl, int* alert, void* self) noexcept;

  std::string listener_;
  std::shared_ptr<const clients::Classifier> classifier_;
  Terms everyone_;
  std::vector<std::pair<clients::ClientType, Terms>> for_clients_;
};

}  // namespace chainmend::tls
