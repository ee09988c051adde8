#include "proxy/tls/probe.h"

#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/x509.h>

#include <utility>

#include "certs/openssl.h"

namespace chainmend::tls {
namespace {

SslCtxPtr make_open_context(const SSL_METHOD* method) {
  SslCtxPtr context = new_context(method);
  SSL_CTX_set_security_level(context.get(), 0);
  SSL_CTX_set_cipher_list(context.get(), "ALL");
  SSL_CTX_set_min_proto_version(context.get(), 0);
  SSL_CTX_set_max_proto_version(context.get(), 0);
  SSL_CTX_set_dh_auto(context.get(), 1);
  return context;
}

}  // namespace

Identity make_identity(certs::EvpPkeyPtr key) {
  Identity identity{std::move(key), certs::X509Ptr(X509_new())};
  X509* x = identity.certificate.get();
  X509_set_version(x, X509_VERSION_3);
  ASN1_INTEGER_set(X509_get_serialNumber(x), 1);
  X509_gmtime_adj(X509_getm_notBefore(x), -3600);
  X509_gmtime_adj(X509_getm_notAfter(x), 3600L * 24 * 365);
  X509_NAME_add_entry_by_txt(X509_get_subject_name(x), "CN", MBSTRING_ASC,
                             reinterpret_cast<const unsigned char*>("probe"), -1, -1, 0);
  X509_set_issuer_name(x, X509_get_subject_name(x));
  X509_set_pubkey(x, identity.key.get());
  const int type = EVP_PKEY_get_base_id(identity.key.get());
  const bool hashes_itself = type == EVP_PKEY_ED25519 || type == EVP_PKEY_ED448;  // RFC 8410
  X509_sign(x, identity.key.get(), hashes_itself ? nullptr : EVP_sha256());
  return identity;
}

const Identity& probe_rsa() {
  static const Identity identity = make_identity(certs::EvpPkeyPtr(EVP_RSA_gen(2048U)));
  return identity;
}

const Identity& probe_ecdsa() {
  static const Identity identity = make_identity(certs::EvpPkeyPtr(EVP_EC_gen("P-256")));
  return identity;
}

void use_probe_certificates(SSL_CTX* context) {
  for (const Identity* identity : {&probe_rsa(), &probe_ecdsa()}) {
    SSL_CTX_use_certificate(context, identity->certificate.get());
    SSL_CTX_use_PrivateKey(context, identity->key.get());
  }
}

SslCtxPtr make_probe_server() {
  SslCtxPtr context = make_open_context(TLS_server_method());
  use_probe_certificates(context.get());
  return context;
}

SslCtxPtr make_probe_client() { return make_open_context(TLS_client_method()); }

Result<void> probe_handshake(SSL_CTX* server_context, SSL_CTX* client_context) {
  ERR_clear_error();
  const SslPtr server(SSL_new(server_context));
  const SslPtr client(SSL_new(client_context));
  BIO* server_end = nullptr;
  BIO* client_end = nullptr;
  if (server == nullptr || client == nullptr ||
      BIO_new_bio_pair(&server_end, 65536, &client_end, 65536) != 1) {
    return fail(certs::drain_openssl_errors());
  }
  SSL_set_bio(server.get(), server_end, server_end);
  SSL_set_bio(client.get(), client_end, client_end);
  SSL_set_accept_state(server.get());
  SSL_set_connect_state(client.get());
  for (int flights = 0; flights < 8; ++flights) {
    const bool client_done = SSL_do_handshake(client.get()) == 1;
    if (ERR_peek_error() == 0 && SSL_do_handshake(server.get()) == 1 && client_done) {
      return {};
    }
    if (ERR_peek_error() != 0) {
      return fail(certs::drain_openssl_errors());
    }
  }
  return fail("the handshake does not end");
}

}  // namespace chainmend::tls
