#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <openssl/err.h>

#include <string>
#include <vector>

#include "tests/proxy/clients/hello_bytes.h"
#include "tests/proxy/tls/fixtures.h"

namespace chainmend::tls {
namespace {

using ::testing::HasSubstr;
using testing::Identity;
using testing::make_identity;
using testing::policy;
using testing::served;
using testing::SocketPair;

// Remembers what it was asked, and answers as told.
struct RecordingVerifier final : PeerVerifier {
  Result<void> verify(const std::vector<certs::CertificatePtr>& list,
                      const std::string& host) const override {
    asked_list = list;
    asked_host = host;
    return answer;
  }
  Result<void> answer;
  mutable std::vector<certs::CertificatePtr> asked_list;
  mutable std::string asked_host;
};

// A TlsSession on both ends.
class ClientSide : public ::testing::Test {
 protected:
  Identity root = make_identity({.names = {"Root"}});
  Identity cas = make_identity({.names = {"cas.contoso.com"}, .issuer = &root});
  testing::Server server;
  std::shared_ptr<RecordingVerifier> verifier = std::make_shared<RecordingVerifier>();
  SocketPair sockets;
  std::unique_ptr<TlsSession> client_end, server_end;
  Step client_step = Step::want_read, server_step = Step::want_read;

  void connect(const TlsPolicy& of_server, const TlsPolicy& of_client,
               const std::string& host = "cas.contoso.com") {
    const ServerContextPtr listener =
        server.context("upstream", of_server, {served(cas, "cas", {root.certificate})});
    ClientSetup setup;
    setup.policy = of_client;
    setup.verifier = verifier;
    server_end = TlsSession::accept(listener, sockets.ours());
    client_end = TlsSession::connect(ClientContext::create(setup).value(), sockets.theirs(), host);
    for (int flight = 0; flight < 6; ++flight) {
      client_step = client_end->handshake();
      server_step = server_end->handshake();
    }
  }
};

TEST_F(ClientSide, CompletesAndCarriesBytes) {
  connect(policy("modern"), policy("intermediate"));
  ASSERT_EQ(client_step, Step::done);
  ASSERT_EQ(server_step, Step::done);
  const std::vector<std::uint8_t> sent = {1, 2, 3};
  EXPECT_EQ(client_end->write(sent).n, 3U);
  std::vector<std::uint8_t> buffer(16);
  EXPECT_EQ(server_end->read(buffer).n, 3U);
  EXPECT_EQ(client_end->peer_certificate()->fingerprint(), cas.certificate->fingerprint());
  EXPECT_EQ(server_end->server_name(), "cas.contoso.com");
}

TEST_F(ClientSide, AsksTheVerifierForTheListAsSentAndTheHost) {
  connect(policy("modern"), policy("modern"), "cas.contoso.com");
  ASSERT_EQ(client_step, Step::done);
  EXPECT_EQ(verifier->asked_host, "cas.contoso.com");
  ASSERT_EQ(verifier->asked_list.size(), 2U);
  EXPECT_EQ(verifier->asked_list[0]->fingerprint(), cas.certificate->fingerprint());
  EXPECT_EQ(verifier->asked_list[1]->fingerprint(), root.certificate->fingerprint());
}

TEST_F(ClientSide, SendsNoServerNameForAnAddress) {
  connect(policy("modern"), policy("modern"), "10.0.0.11");
  ASSERT_EQ(client_step, Step::done);
  EXPECT_EQ(server_end->server_name(), "");
  EXPECT_EQ(verifier->asked_host, "10.0.0.11");
}

TEST_F(ClientSide, FailsWithTheVerifiersWords) {
  verifier->answer = fail("no path to a trusted root");
  connect(policy("modern"), policy("modern"));
  EXPECT_EQ(client_step, Step::failed);
  EXPECT_EQ(describe_upstream_failure(client_end->trace()),
            "its certificate is not accepted: no path to a trusted root");
  EXPECT_EQ(server_step, Step::failed);
  EXPECT_EQ(server_end->trace().alert_received->direction, AlertDirection::received);
}

TEST_F(ClientSide, ResumesAtTheServerThatGaveTheSessionAndNowhereElse) {
  for (const char* name : {"modern", "intermediate"}) {
    SCOPED_TRACE(name);
    TlsPolicy of_server = policy("intermediate");
    of_server.max_version = std::string(name) == "modern" ? TLS1_3_VERSION : TLS1_2_VERSION;
    const ServerContextPtr listener =
        server.context("upstream", of_server, {served(cas, "cas", {root.certificate})});
    const auto resumed = [&](const ClientContextPtr& context, const std::string& peer) {
      SocketPair pair;
      const auto there = TlsSession::accept(listener, pair.ours());
      const auto here = TlsSession::connect(context, pair.theirs(), "cas.contoso.com", peer);
      for (int flight = 0; flight < 6; ++flight) {
        here->handshake();
        there->handshake();
      }
      std::vector<std::uint8_t> buffer(1);
      there->write(buffer);
      EXPECT_EQ(here->read(buffer).n, 1U);  // and the tickets before it
      return here->resumed();
    };
    ClientSetup setup{.policy = policy("intermediate"), .verifier = verifier, .resume = true};
    const auto context = ClientContext::create(setup).value();
    EXPECT_FALSE(resumed(context, "one"));
    EXPECT_TRUE(resumed(context, "one"));
    EXPECT_TRUE(resumed(context, "one"));
    EXPECT_FALSE(resumed(context, "other"));
    EXPECT_FALSE(resumed(context, ""));
    setup.resume = false;
    const auto without = ClientContext::create(setup).value();
    EXPECT_FALSE(resumed(without, "one"));
    EXPECT_FALSE(resumed(without, "one"));
  }
}

TEST_F(ClientSide, SpeaksTls10OnlyWhereItsPolicyDoes) {
  connect(policy("legacy-tls10", clients::kTls10), policy("legacy-tls10"));
  EXPECT_EQ(client_step, Step::done);
  EXPECT_EQ(client_end->version(), clients::kTls10);
}

TEST_F(ClientSide, NamesAServerThatIsTooOld) {
  connect(policy("legacy-tls10", clients::kTls10), policy("intermediate"));
  EXPECT_EQ(client_step, Step::failed);
  EXPECT_EQ(describe_upstream_failure(client_end->trace()),
            "it refused the handshake with alert 70 (protocol_version)");
}

TEST_F(ClientSide, NamesAServerThatSpeaksNoTls) {
  const auto client =
      TlsSession::connect(ClientContext::create({policy("modern"), verifier, false}).value(),
                          sockets.ours(), "cas.contoso.com");
  EXPECT_EQ(client->handshake(), Step::want_read);
  sockets.send(clients::testing::bytes_of("HTTP/1.1 400 Bad Request\r\n"));
  EXPECT_EQ(client->handshake(), Step::failed);
  EXPECT_EQ(describe_upstream_failure(client->trace()), "it does not speak TLS on this port");
}

TEST_F(ClientSide, NamesAServerThatCloses) {
  const auto client =
      TlsSession::connect(ClientContext::create({policy("modern"), verifier, false}).value(),
                          sockets.ours(), "cas.contoso.com");
  EXPECT_EQ(client->handshake(), Step::want_read);
  sockets.receive();
  sockets.close_theirs();
  EXPECT_EQ(client->handshake(), Step::closed);
  EXPECT_EQ(describe_upstream_failure(client->trace()),
            "it closed the connection during the TLS handshake");
}

TEST_F(ClientSide, FollowsARenegotiationOfTheServer) {
  // IIS asks for a client certificate like this when a path demands one.
  const SslCtxPtr iis(SSL_CTX_new(TLS_server_method()));
  SSL_CTX_use_certificate(iis.get(), cas.certificate->x509());
  SSL_CTX_use_PrivateKey(iis.get(), cas.key.get());
  SSL_CTX_set_max_proto_version(iis.get(), TLS1_2_VERSION);
  const SslPtr remote(SSL_new(iis.get()));
  SSL_set_fd(remote.get(), sockets.theirs());
  SSL_set_accept_state(remote.get());
  const auto client =
      TlsSession::connect(ClientContext::create({policy("intermediate"), verifier, false}).value(),
                          sockets.ours(), "cas.contoso.com");
  for (int flight = 0; flight < 4; ++flight) {
    client->handshake();
    SSL_do_handshake(remote.get());
  }
  ASSERT_EQ(client->handshake(), Step::done);
  SSL_renegotiate(remote.get());
  std::vector<std::uint8_t> buffer(64);
  for (int flight = 0; flight < 6; ++flight) {
    SSL_do_handshake(remote.get());
    EXPECT_EQ(client->read(buffer).step, Step::want_read);
  }
  EXPECT_EQ(SSL_do_handshake(remote.get()), 1);
  EXPECT_EQ(SSL_num_renegotiations(remote.get()), 1);
  EXPECT_EQ(SSL_write(remote.get(), "200", 3), 3);
  EXPECT_EQ(client->read(buffer).n, 3U);
  ERR_clear_error();
}

}  // namespace
}  // namespace chainmend::tls
