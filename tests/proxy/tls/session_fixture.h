// Two listeners, one that speaks TLS 1.0 and one that does not, and what becomes of their sessions.
#pragma once

#include <gtest/gtest.h>
#include <sys/socket.h>

#include <memory>
#include <variant>

#include "tests/proxy/clients/hello_bytes.h"
#include "tests/proxy/tls/fixtures.h"

namespace chainmend::tls::testing {

class Session : public ::testing::Test {
 protected:
  Identity root = make_identity({.names = {"Root"}});
  Identity mail = make_identity({.names = {"mail.contoso.com"}, .issuer = &root});
  Server server;
  ServerContextPtr legacy = server.context("a", policy("legacy-tls10"), {served(mail, "mail")});
  ServerContextPtr modern = server.context("b", policy("intermediate"), {served(mail, "mail")});

  // A completed connection.
  static std::unique_ptr<Connection> connected(const ServerContextPtr& context,
                                               const ClientOptions& options = {}) {
    auto connection = std::make_unique<Connection>(context, options);
    EXPECT_TRUE(connection->shake_hands());
    return connection;
  }
  // Fills our end's way out, past the session; the number of bytes.
  static std::size_t fill(const SocketPair& sockets) {
    const clients::testing::Bytes filler(4096, 0);
    std::size_t filled = 0;
    for (ssize_t n = 0;
         (n = ::send(sockets.ours(), filler.data(), filler.size(), MSG_NOSIGNAL)) > 0;) {
      filled += static_cast<std::size_t>(n);
    }
    return filled;
  }
  static HandshakeOutcome outcome_of(const Connection& connection) {
    return std::get<HandshakeOutcome>(connection.verdict());
  }
  static HandshakeOutcome outcome_of(const TlsSession& session) {
    return std::get<HandshakeOutcome>(explain(session.trace(), capability()));
  }
};

}  // namespace chainmend::tls::testing
