#include "proxy/tls/client_context.h"

#include <openssl/err.h>
#include <openssl/x509v3.h>

#include <chrono>
#include <new>
#include <utility>

#include "proxy/tls/explain.h"
#include "proxy/tls/sent_list.h"
#include "proxy/tls/use_certificate.h"

namespace chainmend::tls {

namespace {

constexpr std::size_t kMostSessions = 4;  // of one server
constexpr std::chrono::minutes kOffered{5};

int shelf_index() {
  static const int index = SSL_get_ex_new_index(0, nullptr, nullptr, nullptr, nullptr);
  return index;
}

bool is_fresh(const SSL_SESSION* session) {
  const auto now = std::chrono::system_clock::to_time_t(std::chrono::system_clock::now());
  const auto age = std::chrono::seconds(now - SSL_SESSION_get_time(session));
  return age >= std::chrono::seconds(0) && age < kOffered && SSL_SESSION_is_resumable(session) == 1;
}

}  // namespace

struct ClientContext::Shelf {
  std::mutex& mutex;  // the context's
  std::vector<SslSessionPtr> sessions;
};

ClientContext::ClientContext() = default;
ClientContext::~ClientContext() = default;

Result<ClientContextPtr> ClientContext::create(ClientSetup setup) {
  std::shared_ptr<ClientContext> made(new ClientContext);
  made->context_ = new_context(TLS_client_method());
  SSL_CTX* context = made->context_.get();
  if (Result<void> applied = apply_policy(context, setup.policy); !applied) {
    return tl::unexpected(applied.error());
  }
  use_common_settings(context);
  SSL_CTX_clear_options(context, SSL_OP_LEGACY_SERVER_CONNECT);
  if (setup.legacy_server_connect) {
    SSL_CTX_set_options(context, SSL_OP_LEGACY_SERVER_CONNECT);
  }
  // IIS asks for a client certificate late: by renegotiation up to TLS 1.2 (allowed by default),
  // like this in TLS 1.3.
  SSL_CTX_set_post_handshake_auth(context, 1);
  if (const auto& own = setup.certificate;
      own && !use_certificate(context, *own->leaf, own->key, own->chain)) {
    return fail("'" + own->leaf->subject() +
                "' cannot be shown under this policy: " + certs::drain_openssl_errors());
  }
  if (setup.resume) {
    SSL_CTX_set_session_cache_mode(context, SSL_SESS_CACHE_CLIENT | SSL_SESS_CACHE_NO_INTERNAL);
    SSL_CTX_sess_set_new_cb(context, &ClientContext::on_session);
  }
  if (setup.verifier != nullptr) {
    SSL_CTX_set_verify(context, SSL_VERIFY_PEER, nullptr);
    SSL_CTX_set_cert_verify_callback(context, &ClientContext::on_verify, made.get());
  }
  made->setup_ = std::move(setup);
  return made;
}

ClientContext::Shelf& ClientContext::shelf(const std::string& server) const {
  auto& shelf = shelves_[server];
  if (!shelf) {
    shelf.reset(new Shelf{mutex_, {}});
  }
  return *shelf;
}

int ClientContext::on_session(SSL* ssl, SSL_SESSION* session) noexcept {
  auto* const shelf = static_cast<Shelf*>(SSL_get_ex_data(ssl, shelf_index()));
  if (shelf == nullptr) {
    return 0;
  }
  // A copy: OpenSSL spoils the session of a connection that ends without close_notify.
  SslSessionPtr copy(SSL_SESSION_dup(session));
  if (copy == nullptr) {
    return 0;
  }
  const std::scoped_lock lock(shelf->mutex);
  if (shelf->sessions.size() >= kMostSessions) {
    shelf->sessions.erase(shelf->sessions.begin());
  }
  shelf->sessions.push_back(std::move(copy));
  return 0;  // the original stays OpenSSL's
}

SslPtr ClientContext::new_ssl(const std::string& host, const std::string& server) const {
  SslPtr ssl(SSL_new(context_.get()));
  if (ssl == nullptr) {
    throw std::bad_alloc();
  }
  SSL_set_connect_state(ssl.get());
  // Only a carrier for on_verify: OpenSSL's own check of the name does not run.
  X509_VERIFY_PARAM_set1_host(SSL_get0_param(ssl.get()), host.data(), host.size());
  ASN1_OCTET_STRING* address = a2i_IPADDRESS(host.c_str());
  if (address == nullptr) {
    SSL_set_tlsext_host_name(ssl.get(), host.c_str());
  }
  ASN1_OCTET_STRING_free(address);
  if (setup_.resume && !server.empty()) {
    const std::scoped_lock lock(mutex_);
    Shelf& ours = shelf(server);
    SSL_set_ex_data(ssl.get(), shelf_index(), &ours);
    std::erase_if(ours.sessions, [](const SslSessionPtr& one) { return !is_fresh(one.get()); });
    if (!ours.sessions.empty()) {
      const SslSessionPtr offered(SSL_SESSION_dup(ours.sessions.back().get()));
      SSL_set_session(ssl.get(), offered.get());  // null: none is offered
      if (SSL_SESSION_get_protocol_version(ours.sessions.back().get()) >= TLS1_3_VERSION) {
        ours.sessions.pop_back();
      }
    }
  }
  return ssl;
}

int ClientContext::on_verify(X509_STORE_CTX* store, void* self) noexcept {
  const auto& context = *static_cast<const ClientContext*>(self);
  SSL* const ssl = ssl_of(store);
  const char* host = X509_VERIFY_PARAM_get0_host(SSL_get0_param(ssl), 0);
  const auto list = sent_list(store);
  Result<void> verdict;
  if (list) {
    verdict = context.setup_.verifier->verify(*list, host == nullptr ? std::string() : host);
  } else {
    verdict = tl::unexpected(list.error());
  }
  if (verdict) {
    return 1;
  }
  X509_STORE_CTX_set_error(store, X509_V_ERR_CERT_UNTRUSTED);
  if (auto* trace = static_cast<HandshakeTrace*>(SSL_get_app_data(ssl)); trace != nullptr) {
    trace->verify_error = verdict.error().text;
  }
  return 0;
}

}  // namespace chainmend::tls
