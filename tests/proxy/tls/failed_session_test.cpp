// What real failures look like in the trace; explain_test has the table.
#include "proxy/tls/session.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <openssl/err.h>
#include <sys/socket.h>

#include <array>
#include <variant>

#include "tests/proxy/clients/hello_bytes.h"
#include "tests/proxy/tls/fixtures.h"
#include "tests/proxy/tls/session_fixture.h"

namespace chainmend::tls {
namespace {

using clients::testing::Bytes;
using clients::testing::bytes_of;
using clients::testing::HelloBytes;
using testing::Connection;
using ::testing::ElementsAre;
using testing::Identity;
using testing::kAllVersions;
using testing::make_identity;
using testing::Session;
using testing::SocketPair;

TEST_F(Session, KnowsTheServerNameOfAClientThatIsTooOld) {
  Connection connection(modern,
                        {.max_version = clients::kTls10, .server_name = "mail.contoso.com"});
  EXPECT_FALSE(connection.shake_hands());
  EXPECT_EQ(connection.server_step, Step::failed);
  const HandshakeOutcome outcome = outcome_of(connection);
  EXPECT_EQ(outcome.reason, Reason::version_unsupported);
  EXPECT_EQ(outcome.stage, Stage::hello);
  EXPECT_EQ(outcome.alert, (Alert{AlertDirection::sent, 70}));
  EXPECT_EQ(outcome.offered_max_version, clients::kTls10);
  EXPECT_EQ(connection.server->trace().hello->server_name, "mail.contoso.com");
}

TEST_F(Session, KnowsThatNoSuiteIsShared) {
  Connection connection(modern, {.max_version = clients::kTls12, .ciphers = "AES128-SHA"});
  EXPECT_FALSE(connection.shake_hands());
  EXPECT_EQ(outcome_of(connection).reason, Reason::no_shared_cipher);
  EXPECT_EQ(outcome_of(connection).alert, (Alert{AlertDirection::sent, 40}));
}

TEST_F(Session, KnowsThatNoGroupIsShared) {
  Connection connection(modern, {.min_version = clients::kTls13, .groups = "P-521"});
  EXPECT_FALSE(connection.shake_hands());
  EXPECT_EQ(outcome_of(connection).reason, Reason::no_shared_group);
}

TEST_F(Session, KnowsThatNoSignatureIsShared) {
  Connection connection(modern,
                        {.min_version = clients::kTls13, .signature_algorithms = "ECDSA+SHA256"});
  EXPECT_FALSE(connection.shake_hands());
  EXPECT_EQ(outcome_of(connection).reason, Reason::no_shared_sigalg);
}

TEST_F(Session, RefusesAFallbackThatIsNotNeeded) {
  Connection connection(legacy, {.max_version = clients::kTls11});
  SSL_set_mode(connection.client.get(), SSL_MODE_SEND_FALLBACK_SCSV);
  EXPECT_FALSE(connection.shake_hands());
  EXPECT_EQ(outcome_of(connection).reason, Reason::protocol_error);
  EXPECT_EQ(outcome_of(connection).alert, (Alert{AlertDirection::sent, 86}));
}

TEST_F(Session, KnowsThatTheClientDoesNotTrustTheChain) {
  const Identity stranger = make_identity({.names = {"Stranger"}, .fresh_key = true});
  for (const std::uint16_t version : kAllVersions) {
    Connection connection(
        legacy,
        {.min_version = version, .max_version = version, .trust = stranger.certificate->x509()});
    EXPECT_FALSE(connection.shake_hands());
    const HandshakeOutcome outcome = outcome_of(connection);
    EXPECT_EQ(outcome.reason, Reason::client_unknown_ca) << version;
    EXPECT_EQ(outcome.alert, (Alert{AlertDirection::received, 48}));
    EXPECT_EQ(outcome.stage, Stage::server_flight);
    EXPECT_EQ(outcome.negotiated_version, version);
  }
}

TEST_F(Session, KnowsAnAlertThatComesAfterTheHandshake) {
  const auto connection = connected(legacy, {.max_version = clients::kTls12});
  // OpenSSL sends a fatal alert of its own when it gets nonsense; NSS sends unknown_ca at this
  // point.
  ::send(connection->sockets.ours(), "\x17\x03\x03\x00\x20nonsensenonsensenonsensenonsense", 37,
         MSG_NOSIGNAL);
  char byte = 0;
  SSL_read(connection->client.get(), &byte, 1);
  ERR_clear_error();
  std::array<std::uint8_t, 16> buffer{};
  EXPECT_EQ(connection->server->read(buffer).step, Step::failed);
  EXPECT_EQ(outcome_of(*connection).reason, Reason::alert_after_finished);
  EXPECT_EQ(outcome_of(*connection).alert, (Alert{AlertDirection::received, 20}));
}

TEST_F(Session, KnowsAConnectionThatWasNeverUsed) {
  for (const bool polite : {true, false}) {
    const auto connection = connected(legacy);
    if (polite) {
      SSL_shutdown(connection->client.get());
    }
    connection->sockets.close_theirs();
    std::array<std::uint8_t, 16> buffer{};
    const Step step = connection->server->read(buffer).step;
    EXPECT_TRUE(step == Step::closed ||
                step == Step::failed);  // a reset: the client left tickets unread
    EXPECT_EQ(outcome_of(*connection).outcome, Outcome::completed_unused);
  }
}

TEST_F(Session, KnowsAClientThatLeavesAfterItsHello) {
  SocketPair sockets;
  const auto session = TlsSession::accept(legacy, sockets.ours());
  sockets.send(HelloBytes{}.records());
  EXPECT_EQ(session->handshake(), Step::want_read);
  sockets.receive();
  sockets.close_theirs();
  EXPECT_EQ(session->handshake(), Step::closed);
  EXPECT_EQ(outcome_of(*session).reason, Reason::client_aborted);
  EXPECT_EQ(outcome_of(*session).stage, Stage::server_flight);
  EXPECT_EQ(outcome_of(*session).alert, std::nullopt);
}

TEST_F(Session, KnowsAClientThatHangs) {
  const SocketPair sockets;
  const auto session = TlsSession::accept(legacy, sockets.ours());
  sockets.send(HelloBytes{}.records());
  EXPECT_EQ(session->handshake(), Step::want_read);
  session->note_timeout();
  EXPECT_EQ(outcome_of(*session).reason, Reason::timeout);
}

TEST_F(Session, TellsNoiseFromHandshakes) {
  const struct {
    Bytes sent;
    NoiseKind kind;
  } rows[] = {
      {{}, NoiseKind::connect_close},
      {{0x16, 0x03, 0x01, 0x00}, NoiseKind::connect_close},
      {bytes_of("GET / HTTP/1.1\r\nHost: x\r\n\r\n"), NoiseKind::http_request},
      {bytes_of("SSH-2.0-OpenSSH_9.2\r\n"), NoiseKind::not_tls},
      {Bytes(100, 0), NoiseKind::not_tls},
  };
  for (const auto& row : rows) {
    SocketPair sockets;
    const auto session = TlsSession::accept(legacy, sockets.ours());
    sockets.send(row.sent);
    sockets.close_theirs();
    const Step step = session->handshake();
    EXPECT_TRUE(step == Step::failed || step == Step::closed);
    EXPECT_STREQ(to_string(std::get<NoiseKind>(explain(session->trace(), capability()))),
                 to_string(row.kind));
  }
}

TEST_F(Session, LetsTheCallerAnswerPlainHttpByItself) {
  const SocketPair sockets;
  const auto session = TlsSession::accept(legacy, sockets.ours());
  sockets.send(bytes_of("GET / HTTP/1.1\r\nHost: x\r\n\r\n"));
  EXPECT_EQ(session->handshake(), Step::failed);
  EXPECT_EQ(session->trace().flight, clients::FlightKind::http_request);
  EXPECT_TRUE(sockets.receive().empty());  // no alert that would spoil the answer
}

TEST_F(Session, HandsItsAlertToTheSocketBeforeItFails) {
  const SocketPair sockets;
  const auto session = TlsSession::accept(modern, sockets.ours());
  sockets.send(HelloBytes{}.records());
  EXPECT_EQ(session->handshake(), Step::failed);
  EXPECT_THAT(sockets.receive(), ElementsAre(21, 3, 1, 0, 2, 2, 70));
}

TEST_F(Session, KeepsItsAlertUntilAFullSocketTakesIt) {
  const SocketPair sockets;
  const auto session = TlsSession::accept(modern, sockets.ours());
  sockets.send(HelloBytes{}.records());
  fill(sockets);
  EXPECT_EQ(session->handshake(), Step::want_write);
  EXPECT_EQ(session->handshake(), Step::want_write);
  sockets.receive();
  EXPECT_EQ(session->handshake(), Step::failed);
  EXPECT_THAT(sockets.receive(), ElementsAre(21, 3, 1, 0, 2, 2, 70));
}

TEST_F(Session, KeepsItsFlightUntilAFullSocketTakesIt) {
  Connection connection(legacy, {.max_version = clients::kTls12});
  SSL_do_handshake(connection.client.get());
  ERR_clear_error();
  const std::size_t filled = fill(connection.sockets);
  EXPECT_EQ(connection.server->handshake(), Step::want_write);
  EXPECT_EQ(connection.sockets.receive().size(), filled);
  EXPECT_TRUE(connection.shake_hands());
}

}  // namespace
}  // namespace chainmend::tls
