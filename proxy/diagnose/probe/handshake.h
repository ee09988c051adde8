// finish(): one whole handshake with a server by OpenSSL, taking any certificate: for what the
// first flight does not show. In TLS 1.3 that is the certificate list; in all versions whether the
// server completes, gives a ticket or a session id, and lets a client resume.
#pragma once

#include <boost/asio/ip/tcp.hpp>
#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "certs/bytes.h"
#include "certs/result.h"
#include "proxy/diagnose/probe/ask.h"
#include "proxy/diagnose/probe/client_certificate.h"
#include "proxy/tls/openssl_ssl.h"

namespace chainmend::diagnose {

struct Offer {
  std::string server_name;        // sent as SNI; empty: none
  std::uint16_t version = 0;      // the only one offered; 0: TLS 1.0 to 1.3
  std::string suites;             // up to TLS 1.2, OpenSSL's words; empty: all
  std::string signatures;         // OpenSSL's words; empty: its own list
  SSL_SESSION* resume = nullptr;  // borrowed
};

struct Handshake {
  bool completed = false;
  std::uint16_t version = 0;
  std::string suite;                       // IANA's name
  std::string group;                       // of the key exchange; empty: none, or not known
  std::vector<certs::Bytes> certificates;  // DER, as sent
  std::optional<ClientCertificateRequest> client_certificate;  // that the server asked for
  bool resumed = false;
  bool has_ticket = false;
  bool has_session_id = false;
  tls::SslSessionPtr session;         // to resume with; may be null
  std::string failure;                // why it did not complete: one sentence without full stop
  std::optional<std::uint8_t> alert;  // that ended it
  bool timed_out = false;             // that is why it did not complete
  std::chrono::microseconds connected_after{};  // from the start of the connection attempt
  std::chrono::microseconds took{};             // from the connected socket to the end
};

// The error: no connection was made.
certs::Result<Handshake> finish(const boost::asio::ip::tcp::endpoint& server, const Offer& offer,
                                const Patience& patience);

}  // namespace chainmend::diagnose
