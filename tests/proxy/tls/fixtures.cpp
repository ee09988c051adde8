#include "tests/proxy/tls/fixtures.h"

#include <gtest/gtest.h>
#include <openssl/err.h>
#include <openssl/x509v3.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <sstream>
#include <utility>

#include "proxy/tls/capability.h"

namespace chainmend::tls::testing {
namespace {

certs::EvpPkeyPtr new_key(KeyType type) {
  return certs::EvpPkeyPtr(type == KeyType::rsa ? EVP_RSA_gen(2048U) : EVP_EC_gen("P-256"));
}

EVP_PKEY* shared_key(KeyType type) {
  static const std::array<certs::EvpPkeyPtr, 2> keys = {new_key(KeyType::rsa),
                                                        new_key(KeyType::ec)};
  return keys[type == KeyType::rsa ? 0 : 1].get();
}

void add_extension(X509* certificate, int type, const std::string& value) {
  X509_EXTENSION* extension = X509V3_EXT_conf_nid(nullptr, nullptr, type, value.c_str());
  X509_add_ext(certificate, extension, -1);
  X509_EXTENSION_free(extension);
}

std::string alternative_names(const std::vector<std::string>& names) {
  std::string text;
  for (const std::string& name : names) {
    text += (text.empty() ? "DNS:" : ",DNS:") + name;
  }
  return text;
}

SslCtxPtr make_client_context(const ClientOptions& options) {
  SslCtxPtr context(SSL_CTX_new(TLS_client_method()));
  SSL_CTX* c = context.get();
  SSL_CTX_set_security_level(c, 0);
  EXPECT_EQ(SSL_CTX_set_min_proto_version(c, options.min_version), 1);
  EXPECT_EQ(SSL_CTX_set_max_proto_version(c, options.max_version), 1);
  EXPECT_EQ(SSL_CTX_set_cipher_list(c, options.ciphers), 1);
  if (*options.groups != 0) {
    EXPECT_EQ(SSL_CTX_set1_groups_list(c, options.groups), 1);
  }
  if (*options.signature_algorithms != 0) {
    EXPECT_EQ(SSL_CTX_set1_sigalgs_list(c, options.signature_algorithms), 1);
  }
  if (!options.tickets) {
    SSL_CTX_set_options(c, SSL_OP_NO_TICKET);
  }
  if (options.trust != nullptr) {
    X509_STORE_add_cert(SSL_CTX_get_cert_store(c), options.trust);
    SSL_CTX_set_verify(c, SSL_VERIFY_PEER, nullptr);
  }
  std::string alpn;
  std::istringstream names(options.alpn);
  for (std::string name; std::getline(names, name, ',');) {
    alpn += static_cast<char>(name.size()) + name;
  }
  SSL_CTX_set_alpn_protos(c, reinterpret_cast<const unsigned char*>(alpn.data()),
                          static_cast<unsigned>(alpn.size()));
  return context;
}

}  // namespace

Identity make_identity(const IdentityOptions& options) {
  static long serial = 1;
  Identity made;
  made.key = options.fresh_key ? new_key(options.type) : certs::up_ref(shared_key(options.type));
  const certs::X509Ptr x(X509_new());
  X509_set_version(x.get(), X509_VERSION_3);
  ASN1_INTEGER_set(X509_get_serialNumber(x.get()), ++serial);
  X509_gmtime_adj(X509_getm_notBefore(x.get()), -3600);
  X509_gmtime_adj(X509_getm_notAfter(x.get()), 24L * 3600);
  X509_NAME_add_entry_by_txt(X509_get_subject_name(x.get()), "CN", MBSTRING_UTF8,
                             reinterpret_cast<const unsigned char*>(options.names.at(0).c_str()),
                             -1, -1, 0);
  X509_set_pubkey(x.get(), made.key.get());
  if (options.issuer == nullptr) {
    X509_set_issuer_name(x.get(), X509_get_subject_name(x.get()));
    add_extension(x.get(), NID_basic_constraints, "critical,CA:TRUE");
    X509_sign(x.get(), made.key.get(), EVP_sha256());
  } else {
    X509_set_issuer_name(x.get(), X509_get_subject_name(options.issuer->certificate->x509()));
    if (options.names.size() == 1 && options.names[0].find('.') == std::string::npos) {
      add_extension(x.get(), NID_basic_constraints, "critical,CA:TRUE");  // "Intermediate": a CA
    } else {
      add_extension(x.get(), NID_subject_alt_name, alternative_names(options.names));
    }
    X509_sign(x.get(), options.issuer->key.get(), EVP_sha256());
  }
  made.certificate = certs::Certificate::from_x509(x.get()).value();
  return made;
}

ServerCertificate served(const Identity& identity, std::string name,
                         std::vector<certs::CertificatePtr> chain) {
  return {std::move(name), identity.certificate, identity.key.get(), std::move(chain), {}};
}

TlsPolicy policy(std::string_view name, std::uint16_t only_version) {
  TlsPolicy policy = *find_builtin_policy(name);
  if (only_version != 0) {
    policy.min_version = policy.max_version = only_version;
  }
  return policy;
}

ServerContextPtr Server::context(std::string listener, const TlsPolicy& policy,
                                 std::vector<ServerCertificate> certificates) {
  ServerSetup setup{std::move(listener), policy, std::move(certificates)};
  Result<ServerContextPtr> made = ServerContext::create(setup, tickets, sessions);
  EXPECT_TRUE(made) << made.error().text;
  return made.value();
}

SocketPair::SocketPair() {
  EXPECT_EQ(::socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, fds_), 0);
}
SocketPair::~SocketPair() {
  ::close(fds_[0]);
  close_theirs();
}
void SocketPair::close_theirs() {
  if (fds_[1] >= 0) {
    ::close(std::exchange(fds_[1], -1));
  }
}
void SocketPair::send(const std::vector<std::uint8_t>& bytes) const {
  EXPECT_EQ(::send(theirs(), bytes.data(), bytes.size(), MSG_NOSIGNAL),
            static_cast<ssize_t>(bytes.size()));
}
std::vector<std::uint8_t> SocketPair::receive() const {
  std::vector<std::uint8_t> all;
  std::array<std::uint8_t, 16384> part{};
  for (ssize_t n = 0; (n = ::recv(theirs(), part.data(), part.size(), 0)) > 0;) {
    all.insert(all.end(), part.begin(), part.begin() + n);
  }
  return all;
}

Connection::Connection(const ServerContextPtr& server_context, const ClientOptions& options)
    : client_context(make_client_context(options)),
      client(SSL_new(client_context.get())),
      server(TlsSession::accept(server_context, sockets.ours())) {
  SSL_set_fd(client.get(), sockets.theirs());
  SSL_set_connect_state(client.get());
  if (*options.server_name != 0) {
    SSL_set_tlsext_host_name(client.get(), options.server_name);
  }
  if (options.resume != nullptr) {
    SSL_set_session(client.get(), options.resume);
  }
}

// A client that goes without a goodbye would spoil its session for resumption (SSL_free does that).
Connection::~Connection() {
  SSL_set_shutdown(client.get(), SSL_SENT_SHUTDOWN | SSL_RECEIVED_SHUTDOWN);
}

bool Connection::shake_hands() {
  for (int flight = 0; flight < 10; ++flight) {
    ERR_clear_error();
    const int result = SSL_do_handshake(client.get());
    client_error = SSL_get_error(client.get(), result);
    server_step = server->handshake();
  }
  ERR_clear_error();
  return client_error == SSL_ERROR_NONE && server_step == Step::done;
}

std::string Connection::client_to_server(std::string_view text) {
  SSL_write(client.get(), text.data(), static_cast<int>(text.size()));
  std::array<std::uint8_t, 4096> buffer{};
  const IoStep read = server->read(buffer);
  return {reinterpret_cast<const char*>(buffer.data()), read.n};
}

std::string Connection::server_to_client(std::string_view text) {
  server->write({reinterpret_cast<const std::uint8_t*>(text.data()), text.size()});
  std::array<char, 4096> buffer{};
  const int n = SSL_read(client.get(), buffer.data(), static_cast<int>(buffer.size()));
  return {buffer.data(), n > 0 ? static_cast<std::size_t>(n) : 0};
}

SslSessionPtr Connection::session() {
  server_to_client("x");  // TLS 1.3 brings its tickets with the first bytes
  return SslSessionPtr(SSL_get1_session(client.get()));
}

std::vector<std::string> Connection::served_chain() const {
  std::vector<std::string> fingerprints;
  const STACK_OF(X509)* list = SSL_get_peer_cert_chain(client.get());
  for (int i = 0; i < sk_X509_num(list); ++i) {
    fingerprints.push_back(
        certs::hex(certs::Certificate::from_x509(sk_X509_value(list, i)).value()->fingerprint()));
  }
  return fingerprints;
}

Verdict Connection::verdict() const { return explain(server->trace(), capability()); }

}  // namespace chainmend::tls::testing
