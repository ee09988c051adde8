// Every real client hello of Debian's package testssl.sh, replayed against a legacy listener: old
// clients get an answer, and the few that get none offer only what this OpenSSL lacks.
#include <gtest/gtest.h>

#include <string>

#include "proxy/tls/capability.h"
#include "tests/proxy/clients/client_simulation.h"
#include "tests/proxy/tls/fixtures.h"

namespace chainmend::tls {
namespace {

using testing::Identity;
using testing::KeyType;
using testing::make_identity;
using testing::served;
using testing::SocketPair;

TEST(ClientSimulationReplay, AnswersEveryClientThatTheLibraryCanServe) {
  const auto clients = clients::testing::simulated_clients();
  if (clients.empty()) {
    GTEST_SKIP() << "package testssl.sh is not installed";
  }
  const Identity mail = make_identity({.names = {"mail.contoso.com"}});
  const Identity mail_ec = make_identity({.names = {"mail.contoso.com"}, .type = KeyType::ec});
  testing::Server server;
  const ServerContextPtr context = server.context("a", testing::policy("legacy-tls10"),
                                                  {served(mail, "rsa"), served(mail_ec, "ec")});
  std::size_t answered = 0;
  for (const auto& client : clients) {
    const SocketPair sockets;
    sockets.send(client.hello);
    const auto session = TlsSession::accept(context, sockets.ours());
    session->handshake();
    if (session->trace().stage == Stage::server_flight) {
      ++answered;
      continue;
    }
    const auto outcome = std::get<HandshakeOutcome>(explain(session->trace(), capability()));
    EXPECT_EQ(outcome.reason, Reason::library_unsupported)
        << client.name << ": " << to_string(outcome.reason);
  }
  EXPECT_GE(answered + 3, clients.size());
}

}  // namespace
}  // namespace chainmend::tls
