#include "proxy/tls/client_authentication.h"

#include <openssl/x509_vfy.h>

#include <algorithm>
#include <chrono>
#include <utility>

#include "proxy/tls/explain.h"
#include "proxy/tls/sent_list.h"

namespace chainmend::tls {
namespace {

// Of a client; its chain may have 16.
constexpr int kMostCertificates = 32;

// The verdict that OpenSSL makes the right alert of.
int verdict_of(Reason reason) {
  switch (reason) {
    case Reason::none:
      return X509_V_OK;
    case Reason::client_cert_expired:
      return X509_V_ERR_CERT_HAS_EXPIRED;
    case Reason::client_cert_revoked:
      return X509_V_ERR_CERT_REVOKED;
    case Reason::client_cert_unsuitable:
      return X509_V_ERR_INVALID_PURPOSE;
    default:
      return X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT_LOCALLY;
  }
}

// A session ends with what it was made for.
void limit_lifetime(SSL_SESSION* session, certs::Time good_until) {
  const auto now = std::chrono::floor<std::chrono::seconds>(std::chrono::system_clock::now());
  const long left = std::max<long>(1, (good_until - now).count());
  if (session != nullptr && left < SSL_SESSION_get_timeout(session)) {
    SSL_SESSION_set_timeout(session, left);
  }
}

int on_client_certificate(X509_STORE_CTX* store, void* verifier) noexcept {
  SSL* const ssl = ssl_of(store);
  const auto list = sent_list(store, kMostCertificates);
  ClientJudgement judgement =
      list ? static_cast<const ClientVerifier*>(verifier)->judge(*list)
           : ClientJudgement{Reason::client_cert_unsuitable, list.error().text, {}, {}};
  X509_STORE_CTX_set_error(store, verdict_of(judgement.reason));
  if (judgement.reason == Reason::none) {
    limit_lifetime(SSL_get_session(ssl), judgement.good_until);
  }
  if (auto* trace = static_cast<HandshakeTrace*>(SSL_get_app_data(ssl)); trace != nullptr) {
    trace->verify_reason = judgement.reason;
    trace->verify_error = std::move(judgement.text);
    trace->client_path = std::move(judgement.path);
  }
  return judgement.reason == Reason::none ? 1 : 0;
}

}  // namespace

Result<void> prepare_to_ask(SSL_CTX* context, const ClientAuthentication& how) {
  for (const certs::CertificatePtr& ca : how.ca_names) {
    if (SSL_CTX_add_client_CA(context, ca->x509()) != 1) {
      return fail("the name of '" + ca->subject() +
                  "' cannot be sent: " + certs::drain_openssl_errors());
    }
  }
  if (how.verifier != nullptr) {
    SSL_CTX_set_cert_verify_callback(context, on_client_certificate,
                                     const_cast<ClientVerifier*>(how.verifier.get()));
  }
  return {};
}

void ask_for_certificate(SSL* ssl, const ClientAuthentication& how) {
  int mode = SSL_VERIFY_NONE;
  if (how.verifier != nullptr) {
    mode = SSL_VERIFY_PEER | SSL_VERIFY_CLIENT_ONCE |
           (how.required ? SSL_VERIFY_FAIL_IF_NO_PEER_CERT : 0);
  }
  SSL_set_verify(ssl, mode, nullptr);
}

}  // namespace chainmend::tls
