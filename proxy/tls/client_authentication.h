// ClientAuthentication: what a listener asks of clients' certificates, and who judges them.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "certs/certificate.h"
#include "certs/time.h"
#include "proxy/tls/handshake_outcome.h"
#include "proxy/tls/openssl_ssl.h"
#include "proxy/tls/result.h"

namespace chainmend::tls {

// What the list that a client showed comes to.
struct ClientJudgement {
  Reason reason = Reason::none;  // none: it is accepted; else one of client_cert_*
  std::string text;              // why it is not, for logs: one sentence without full stop
  // Accepted: the client's certificate and those above it, without the root.
  std::vector<certs::CertificatePtr> path;
  certs::Time good_until{};  // the first of the path's ends
};

// ClientVerifier: called inside the handshake on a worker: it must not wait, and it must be
// thread-safe.
class ClientVerifier {
 public:
  virtual ~ClientVerifier() = default;
  // The list as sent, the client's certificate first, never empty.
  virtual ClientJudgement judge(const std::vector<certs::CertificatePtr>& list) const = 0;
};

struct ClientAuthentication {
  std::shared_ptr<const ClientVerifier> verifier;  // null: nobody is asked
  bool required = false;
  std::vector<certs::CertificatePtr> ca_names;  // whose subjects are sent with the wish
  // Of all that decides who is accepted: no session goes on under another.
  std::string identity;
};

// What belongs to a context: the names of CAs, and who judges. Borrows `how`.
Result<void> prepare_to_ask(SSL_CTX* context, const ClientAuthentication& how);
// What belongs to a connection, and does not come with a context that it is switched to.
void ask_for_certificate(SSL* ssl, const ClientAuthentication& how);

}  // namespace chainmend::tls
