#include "proxy/tls/session.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/socket.h>

#include <array>

#include "tests/proxy/clients/hello_bytes.h"
#include "tests/proxy/tls/fixtures.h"
#include "tests/proxy/tls/session_fixture.h"

namespace chainmend::tls {
namespace {

using clients::testing::Bytes;
using clients::testing::HelloBytes;
using testing::ClientOptions;
using ::testing::ElementsAre;
using testing::kAllVersions;
using testing::Session;
using testing::SocketPair;

TEST_F(Session, KnowsWhatWasNegotiated) {
  const auto connection = connected(legacy, {.max_version = clients::kTls10,
                                             .ciphers = "AES256-SHA",
                                             .server_name = "Mail.contoso.com",
                                             .alpn = "http/1.1"});
  EXPECT_EQ(connection->server->version(), clients::kTls10);
  EXPECT_STREQ(connection->server->cipher(), "AES256-SHA");
  EXPECT_EQ(connection->server->server_name(), "Mail.contoso.com");
  EXPECT_EQ(connection->server->alpn(), "http/1.1");
  EXPECT_EQ(connection->server->served().list->certificate, "mail");
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

}  // namespace
}  // namespace chainmend::tls
