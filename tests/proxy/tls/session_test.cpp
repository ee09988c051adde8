#include "proxy/tls/session.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <openssl/err.h>
#include <sys/socket.h>

#include <array>
#include <string>
#include <variant>
#include <vector>

#include "tests/proxy/clients/hello_bytes.h"
#include "tests/proxy/tls/fixtures.h"

namespace chainmend::tls {
namespace {

using clients::testing::Bytes;
using clients::testing::bytes_of;
using clients::testing::HelloBytes;
using testing::ClientOptions;
using testing::Connection;
using ::testing::ElementsAre;
using testing::Identity;
using testing::kAllVersions;
using testing::make_identity;
using testing::policy;
using testing::served;
using testing::Server;
using testing::SocketPair;

class Session : public ::testing::Test {
 protected:
  Identity root = make_identity({.names = {"Root"}});
  Identity mail = make_identity({.names = {"mail.contoso.com"}, .issuer = &root});
  Server server;
  ServerContextPtr legacy = server.context("a", policy("legacy-tls10"), {served(mail, "mail")});
  ServerContextPtr modern = server.context("b", policy("modern"), {served(mail, "mail")});

  // A completed connection.
  static std::unique_ptr<Connection> connected(const ServerContextPtr& context,
                                               const ClientOptions& options = {}) {
    auto connection = std::make_unique<Connection>(context, options);
    EXPECT_TRUE(connection->shake_hands());
    return connection;
  }
  // Fills our end's way out, past the session; the number of bytes.
  static std::size_t fill(const SocketPair& sockets) {
    const Bytes filler(4096, 0);
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

TEST_F(Session, KnowsWhatWasNegotiated) {
  const auto connection = connected(legacy, {.max_version = clients::kTls10,
                                             .ciphers = "AES256-SHA",
                                             .server_name = "Mail.contoso.com",
                                             .alpn = "http/1.1"});
  EXPECT_EQ(connection->server->version(), clients::kTls10);
  EXPECT_STREQ(connection->server->cipher(), "AES256-SHA");
  EXPECT_EQ(connection->server->server_name(), "Mail.contoso.com");
  EXPECT_EQ(connection->server->alpn(), "http/1.1");
  EXPECT_EQ(connection->server->certificate_name(), "mail");
  EXPECT_FALSE(connection->server->resumed());
  EXPECT_EQ(connection->server->peer_certificate(), nullptr);
}

TEST_F(Session, WaitsForAHelloThatComesByteByByte) {
  const SocketPair sockets;
  const auto session = TlsSession::accept(legacy, sockets.ours());
  EXPECT_EQ(session->handshake(), Step::want_read);
  for (const std::uint8_t byte : HelloBytes{}.records(13)) {
    EXPECT_EQ(session->trace().hello, nullptr);
    sockets.send({byte});
    EXPECT_EQ(session->handshake(), Step::want_read);
  }
  ASSERT_NE(session->trace().hello, nullptr);
  EXPECT_THAT(session->trace().hello->suites, ElementsAre(0x002f, 0x0035));
  EXPECT_EQ(session->trace().stage, Stage::server_flight);
  EXPECT_EQ(Bytes(session->first_flight().begin(), session->first_flight().end()),
            HelloBytes{}.records(13));
}

TEST_F(Session, ReadsBytesThatWereAlreadyTakenFromTheSocket) {
  const SocketPair sockets;
  const Bytes hello = HelloBytes{}.records();
  const Bytes prefix(hello.begin(), hello.begin() + 20);
  const auto session = TlsSession::accept(legacy, sockets.ours(), prefix);
  EXPECT_TRUE(session->has_pending());
  EXPECT_EQ(session->handshake(), Step::want_read);
  EXPECT_FALSE(session->has_pending());
  sockets.send(Bytes(hello.begin() + 20, hello.end()));
  EXPECT_EQ(session->handshake(), Step::want_read);
  EXPECT_EQ(session->trace().stage, Stage::server_flight);
  EXPECT_EQ(session->trace().bytes_received, hello.size());
}

TEST_F(Session, ForgetsTheFirstFlightOnceTheHandshakeIsOver) {
  const auto connection = connected(legacy);
  EXPECT_TRUE(connection->server->first_flight().empty());
  EXPECT_NE(connection->server->trace().hello, nullptr);
  connection->server->forget_hello();
  EXPECT_EQ(connection->server->trace().hello, nullptr);
  EXPECT_EQ(connection->server->trace().offered_max_version, clients::kTls13);
}

TEST_F(Session, CarriesALargeTransferThroughAFullSocket) {
  for (const std::uint16_t version : kAllVersions) {
    const auto connection = connected(legacy, {.min_version = version, .max_version = version});
    Bytes sent(1'000'000);
    for (std::size_t i = 0; i < sent.size(); ++i) {
      sent[i] = static_cast<std::uint8_t>(i * 7 + i / 251);
    }
    Bytes received;
    std::size_t done = 0;
    bool was_full = false;
    while (received.size() < sent.size()) {
      // From a copy each time: a repeated write need not come from the same address.
      const Bytes rest(sent.begin() + static_cast<std::ptrdiff_t>(done), sent.end());
      const IoStep written = connection->server->write(rest);
      ASSERT_TRUE(written.step == Step::done || written.step == Step::want_write);
      was_full = was_full || written.step == Step::want_write;
      done += written.n;
      if (written.step == Step::want_write || done == sent.size()) {
        std::array<std::uint8_t, 50'000> part{};
        const int n =
            SSL_read(connection->client.get(), part.data(), static_cast<int>(part.size()));
        received.insert(received.end(), part.begin(), part.begin() + std::max(n, 0));
      }
    }
    EXPECT_TRUE(was_full);
    EXPECT_EQ(received, sent);
  }
}

TEST_F(Session, HasPendingBytesWhileARecordIsOnlyPartlyRead) {
  const auto connection = connected(legacy);
  SSL_write(connection->client.get(), "0123456789", 10);
  SSL_write(connection->client.get(), "abc", 3);
  std::array<std::uint8_t, 4> small{};
  EXPECT_EQ(connection->server->read(small).n, 4U);
  EXPECT_TRUE(connection->server->has_pending());
  std::array<std::uint8_t, 64> rest{};
  EXPECT_EQ(connection->server->read(rest).n, 6U);
  // The second record was read ahead with the first: the socket is empty, the session is not.
  char byte = 0;
  EXPECT_EQ(::recv(connection->sockets.ours(), &byte, 1, MSG_PEEK), -1);
  EXPECT_TRUE(connection->server->has_pending());
  EXPECT_EQ(connection->server->read(rest).n, 3U);
  EXPECT_FALSE(connection->server->has_pending());
  EXPECT_EQ(connection->server->read(rest).step, Step::want_read);
}

TEST_F(Session, HasNothingPendingWhenOnlyAPartOfARecordCame) {
  const auto connection = connected(legacy);
  connection->sockets.send({0x17, 0x03, 0x03, 0x00, 0x30, 1, 2, 3});
  std::array<std::uint8_t, 64> buffer{};
  EXPECT_EQ(connection->server->read(buffer).step, Step::want_read);
  EXPECT_FALSE(connection->server->has_pending());
}

TEST_F(Session, DoesNothingForAnEmptyWrite) {
  const auto connection = connected(legacy);
  const IoStep step = connection->server->write({});
  EXPECT_EQ(step.step, Step::done);
  EXPECT_EQ(step.n, 0U);
}

TEST_F(Session, TellsACleanCloseFromACutOne) {
  std::array<std::uint8_t, 16> buffer{};
  for (const std::uint16_t version : kAllVersions) {
    const ClientOptions options{.min_version = version, .max_version = version};
    const auto clean = connected(legacy, options);
    SSL_shutdown(clean->client.get());
    EXPECT_EQ(clean->server->read(buffer).step, Step::closed);
    EXPECT_TRUE(clean->server->peer_closed_cleanly());
    EXPECT_EQ(clean->server->read(buffer).step, Step::closed);

    const auto cut = connected(legacy, options);
    cut->sockets.receive();  // tickets left unread would turn the end into a reset
    cut->sockets.close_theirs();
    EXPECT_EQ(cut->server->read(buffer).step, Step::closed);
    EXPECT_FALSE(cut->server->peer_closed_cleanly());
    EXPECT_EQ(cut->server->read(buffer).step, Step::closed);
  }
}

TEST_F(Session, StillWritesAfterThePeersCloseNotify) {
  const auto connection = connected(legacy);
  SSL_shutdown(connection->client.get());
  std::array<std::uint8_t, 16> buffer{};
  EXPECT_EQ(connection->server->read(buffer).step, Step::closed);
  EXPECT_EQ(connection->server_to_client("late answer"), "late answer");
}

TEST_F(Session, SaysGoodbyeOnce) {
  const auto connection = connected(legacy);
  EXPECT_EQ(connection->server->shutdown(), Step::done);
  EXPECT_EQ(connection->server->shutdown(), Step::done);
  char byte = 0;
  const int result = SSL_read(connection->client.get(), &byte, 1);
  EXPECT_EQ(SSL_get_error(connection->client.get(), result), SSL_ERROR_ZERO_RETURN);
}

TEST_F(Session, WaitsWithItsGoodbyeForAFullSocket) {
  const auto connection = connected(legacy, {.max_version = clients::kTls12});
  fill(connection->sockets);
  EXPECT_EQ(connection->server->shutdown(), Step::want_write);
  EXPECT_EQ(connection->server->shutdown(), Step::want_write);
  connection->sockets.receive();
  EXPECT_EQ(connection->server->shutdown(), Step::done);
  EXPECT_EQ(connection->sockets.receive().at(0), 21);  // an alert record
}

TEST_F(Session, HasNoGoodbyeInTheMiddleOfAWrite) {
  const auto connection = connected(legacy);
  const Bytes block(16'000, 'x');
  IoStep step{Step::done, 0};
  while (step.step == Step::done) {
    step = connection->server->write(block);
  }
  EXPECT_EQ(step.step, Step::want_write);
  connection->sockets.receive();
  EXPECT_EQ(connection->server->shutdown(), Step::done);
  EXPECT_TRUE(connection->sockets.receive().empty());
}

TEST_F(Session, FailsOnAForgedRecord) {
  const auto connection = connected(legacy);
  connection->sockets.send({0x17, 0x03, 0x03, 0x00, 0x15, 1,  2,  3,  4,  5,  6,  7,  8,
                            9,    10,   11,   12,   13,   14, 15, 16, 17, 18, 19, 20, 21});
  std::array<std::uint8_t, 16> buffer{};
  EXPECT_EQ(connection->server->read(buffer).step, Step::failed);
  EXPECT_EQ(connection->server->read(buffer).step, Step::failed);
  EXPECT_EQ(connection->server->write(buffer).step, Step::failed);
  EXPECT_EQ(connection->server->shutdown(), Step::done);
}

TEST_F(Session, RaisesNoSignalWhenThePeerIsGone) {
  const auto connection = connected(legacy);
  connection->sockets.close_theirs();
  const std::array<std::uint8_t, 16> bytes{};
  EXPECT_EQ(connection->server->write(bytes).step, Step::failed);
  EXPECT_TRUE(connection->server->trace().reset);
}

// What real failures look like in the trace; explain_test has the table.

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
