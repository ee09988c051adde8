// The observer against the truth: real handshakes of OpenSSL, told from the wire and by the session
// that took part in them.
#include "proxy/tls/wire_observer.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <openssl/err.h>

#include <algorithm>
#include <functional>
#include <string>
#include <variant>

#include "proxy/tls/capability.h"
#include "tests/proxy/tls/fixtures.h"
#include "tests/proxy/tls/overheard.h"
#include "tests/proxy/tls/sslv2_hello_client.h"

namespace chainmend::tls {
namespace {

using testing::ClientOptions;
using testing::Connection;
using ::testing::ElementsAreArray;
using testing::Identity;
using testing::kAllVersions;
using testing::make_identity;
using testing::policy;
using testing::served;
using testing::Server;
using testing::SocketPair;
using Bytes = std::vector<std::uint8_t>;
using testing::kPieces;
using testing::kWhole;
using testing::Overheard;
using testing::put_on_memory;
using testing::WithOpenssl;

std::string text_of(const HandshakeOutcome& outcome) {
  std::string text = std::string(to_string(outcome.outcome)) + ' ' + to_string(outcome.reason) +
                     " at " + to_string(outcome.stage) + ", " +
                     clients::version_label(outcome.offered_max_version) + " offered, " +
                     clients::version_label(outcome.negotiated_version);
  if (outcome.alert) {
    text += std::string(", ") + to_string(outcome.alert->direction) + ' ' +
            std::to_string(outcome.alert->code);
  }
  return text;
}

// Past an observer to one of our sessions.
struct WithSession : Overheard {
  WithSession(const ServerContextPtr& server, const ClientOptions& options,
              std::size_t piece_size = kWhole)
      : connection(server, options) {
    piece = piece_size;
    client = connection.client.get();
    put_on_memory(client);
    server_works = [this] { connection.server->handshake(); };
    server_says = [this] { return connection.sockets.receive(); };
    server_hears = [this](const Bytes& bytes) { connection.sockets.send(bytes); };
  }
  void use() {
    client_sends("GET / HTTP/1.1\r\n");
    std::array<std::uint8_t, 64> buffer{};
    connection.server->read(buffer);
  }
  void client_leaves() {
    observer.client_ended(false);
    connection.sockets.close_theirs();
    connection.server->handshake();
  }
  std::string told() const { return text_of(std::get<HandshakeOutcome>(connection.verdict())); }
  void expect_same() const {
    EXPECT_EQ(text_of(seen()), told());
    EXPECT_EQ(observer.trace().ja4, connection.server->trace().ja4);
  }

  Connection connection;
};

class Observer : public ::testing::Test {
 protected:
  Identity root = make_identity({.names = {"Root"}});
  Identity middle = make_identity({.names = {"Middle"}, .issuer = &root});
  Identity mail = make_identity({.names = {"mail.contoso.com"}, .issuer = &middle});
  Identity stranger = make_identity({.names = {"Stranger"}, .fresh_key = true});
  Server server;
  ServerContextPtr legacy =
      server.context("a", policy("legacy-tls10"), {served(mail, "mail", {middle.certificate})});
  ServerContextPtr modern = server.context("b", policy("intermediate"), {served(mail, "mail")});
};

TEST_F(Observer, SeesAHandshakeAsTheSessionDoes) {
  for (const std::uint16_t version : kAllVersions) {
    for (const std::size_t piece : kPieces) {
      SCOPED_TRACE(clients::version_label(version) + std::string(" in ") + std::to_string(piece));
      WithSession talk(legacy, {.max_version = version, .server_name = "mail.contoso.com"}, piece);
      talk.shake_hands();
      EXPECT_TRUE(talk.observer.trace().completed);
      EXPECT_FALSE(talk.observer.settled());
      talk.use();
      EXPECT_TRUE(talk.observer.settled());
      EXPECT_EQ(talk.seen().outcome, Outcome::full);
      EXPECT_EQ(talk.observer.trace().hello->server_name, "mail.contoso.com");
      talk.expect_same();
    }
  }
}

TEST_F(Observer, SeesThatNothingWasAskedForAfterTheHandshake) {
  for (const std::uint16_t version : kAllVersions) {
    SCOPED_TRACE(clients::version_label(version));
    WithSession talk(legacy, {.max_version = version});
    talk.shake_hands();
    SSL_shutdown(talk.client);  // an encrypted close_notify
    talk.client_to_server();
    talk.client_leaves();
    EXPECT_EQ(talk.seen().outcome, Outcome::completed_unused);
    talk.expect_same();
  }
}

TEST_F(Observer, TellsAResumedHandshakeFromAFullOne) {
  for (const std::uint16_t version : kAllVersions) {
    for (const bool tickets : {true, false}) {
      SCOPED_TRACE(clients::version_label(version) + std::string(tickets ? " ticket" : " id"));
      ClientOptions options{.max_version = version, .tickets = tickets};
      Connection first(legacy, options);
      ASSERT_TRUE(first.shake_hands());
      const SslSessionPtr session = first.session();
      options.resume = session.get();
      WithSession talk(legacy, options);
      talk.shake_hands();
      talk.use();
      EXPECT_EQ(talk.seen().outcome, Outcome::resumed);
      talk.expect_same();
    }
  }
}

TEST_F(Observer, SeesTheCertificatesUpToTls12) {
  for (const std::uint16_t version : kAllVersions) {
    SCOPED_TRACE(clients::version_label(version));
    WithSession talk(legacy, {.max_version = version}, 5);
    talk.shake_hands();
    const ServerList list = talk.observer.take_server_list();
    if (version == clients::kTls13) {
      EXPECT_EQ(list.state, ServerList::State::unseen);
      continue;
    }
    ASSERT_EQ(list.state, ServerList::State::whole);
    std::vector<Bytes> sent;
    for (const auto& one : {mail.certificate, middle.certificate}) {
      sent.emplace_back(one->der().begin(), one->der().end());
    }
    EXPECT_THAT(list.certificates, ElementsAreArray(sent));
  }
}

TEST_F(Observer, SeesTheClientRefuseTheChain) {
  for (const std::uint16_t version : kAllVersions) {
    for (const std::size_t piece : kPieces) {
      SCOPED_TRACE(clients::version_label(version) + std::string(" in ") + std::to_string(piece));
      WithSession talk(legacy, {.max_version = version, .trust = stranger.certificate->x509()},
                       piece);
      talk.shake_hands();
      EXPECT_TRUE(talk.observer.settled());
      // In TLS 1.3, too: OpenSSL's clients encrypt nothing before they have checked the
      // certificate.
      EXPECT_EQ(talk.seen().reason, Reason::client_unknown_ca);
      talk.expect_same();
    }
  }
}

TEST_F(Observer, SeesThatAnEncryptedAlertIsOne) {
  WithSession talk(legacy, {});
  talk.client_works();
  talk.client_to_server();
  talk.server_works();
  talk.server_to_client();
  Bytes alert = {23, 3, 3, 0, 19};  // two bytes, the type, and the tag of the suite
  alert.resize(alert.size() + 19);
  talk.observer.from_client(alert);
  EXPECT_TRUE(talk.observer.settled());
  EXPECT_EQ(text_of(talk.seen()),
            "failed client_alert_other at server_flight, tls1.3 offered, tls1.3, received 255");
  EXPECT_STREQ(alert_name(kSealedAlert), "encrypted");
}

TEST_F(Observer, SeesTheServerRefuseTheHello) {
  WithSession version(modern, {.max_version = clients::kTls10});
  version.shake_hands();
  EXPECT_EQ(version.seen().reason, Reason::version_unsupported);
  version.expect_same();

  WithSession cipher(modern, {.max_version = clients::kTls12, .ciphers = "AES256-SHA"});
  cipher.shake_hands();
  EXPECT_EQ(cipher.seen().reason, Reason::no_shared_cipher);
  cipher.expect_same();
}

TEST_F(Observer, SeesTheClientLeaveInTheMiddle) {
  for (const std::uint16_t version : kAllVersions) {
    SCOPED_TRACE(clients::version_label(version));
    WithSession talk(legacy, {.max_version = version});
    talk.client_works();
    talk.client_to_server();
    talk.server_works();
    talk.server_to_client();
    talk.client_leaves();
    EXPECT_EQ(talk.seen().reason, Reason::client_aborted);
    talk.expect_same();
  }
}

TEST_F(Observer, ReadsAHelloInSslv2Format) {
  const SocketPair sockets;
  const auto session = TlsSession::accept(legacy, sockets.ours());
  testing::Sslv2HelloClient client;
  WireObserver observer{{}};
  const auto to_server = [&](const Bytes& bytes) {
    for (const std::uint8_t byte : bytes) {
      observer.from_client({&byte, 1});
    }
    sockets.send(bytes);
    session->handshake();
    const Bytes answer = sockets.receive();
    observer.from_server(answer);
    return answer;
  };
  const Bytes flight = to_server(client.hello());
  EXPECT_EQ(observer.trace().hello->format, clients::HelloFormat::sslv2);
  EXPECT_EQ(observer.trace().stage, Stage::server_flight);
  to_server(client.finish(flight, mail.certificate->x509()));
  EXPECT_TRUE(session->trace().completed);
  EXPECT_TRUE(observer.trace().completed);
}

TEST_F(Observer, SeesAClientShowACertificate) {
  for (const std::uint16_t version : kAllVersions) {
    for (const std::size_t piece : kPieces) {
      SCOPED_TRACE(clients::version_label(version) + std::string(" in ") + std::to_string(piece));
      WithOpenssl talk(mail, version);
      talk.piece = piece;
      talk.demand_certificate();
      talk.have_certificate(mail);
      talk.shake_hands();
      EXPECT_TRUE(talk.observer.trace().completed);
      EXPECT_EQ(talk.seen().outcome, Outcome::completed_unused);
      talk.client_sends("POST /shoreauth/certauth HTTP/1.1\r\n");
      EXPECT_EQ(talk.seen().outcome, Outcome::full);
      EXPECT_EQ(talk.seen().negotiated_version, version);
      EXPECT_EQ(talk.seen().client_certificate, version == clients::kTls13
                                                    ? std::nullopt
                                                    : std::optional(ClientCertificate::accepted));
    }
  }
}

TEST_F(Observer, SeesAServerRefuseTheClientsCertificate) {
  for (const std::uint16_t version : kAllVersions) {
    SCOPED_TRACE(clients::version_label(version));
    WithOpenssl talk(mail, version);
    talk.demand_certificate([](int, X509_STORE_CTX*) { return 0; });
    talk.have_certificate(mail);
    talk.shake_hands();
    EXPECT_EQ(talk.seen().outcome, Outcome::failed);
    EXPECT_EQ(talk.seen().client_certificate, version == clients::kTls13
                                                  ? std::nullopt
                                                  : std::optional(ClientCertificate::rejected));
  }
}

// Its request may be on the way before the server has spoken.
TEST_F(Observer, WaitsForTheServersWordOnACertificateInTls13) {
  WithOpenssl talk(mail, clients::kTls13);
  talk.demand_certificate();
  talk.have_certificate(mail);
  talk.client_works();
  talk.client_to_server();
  talk.server_works();
  talk.server_to_client();
  talk.client_works();
  talk.client_to_server();
  talk.client_sends("POST /shoreauth/certauth HTTP/1.1\r\n");
  EXPECT_FALSE(talk.observer.trace().completed);
  talk.server_works();
  talk.server_to_client();
  EXPECT_TRUE(talk.observer.settled());
  EXPECT_EQ(talk.seen().outcome, Outcome::full);
}

// Its Finished was the last word: whether the server agrees nobody will hear.
TEST_F(Observer, TakesAClientThatLeavesAfterItsFinishedForOneThatCompleted) {
  WithOpenssl talk(mail, clients::kTls13);
  talk.demand_certificate();
  talk.have_certificate(mail);
  talk.client_works();
  talk.client_to_server();
  talk.server_works();
  talk.server_to_client();
  talk.client_works();
  SSL_shutdown(talk.client);
  talk.client_to_server();
  EXPECT_FALSE(talk.observer.settled());
  talk.observer.client_ended(false);
  EXPECT_EQ(talk.seen().outcome, Outcome::completed_unused);
}

TEST_F(Observer, SeesAServerMissTheClientsCertificate) {
  for (const std::uint16_t version : kAllVersions) {
    SCOPED_TRACE(clients::version_label(version));
    WithOpenssl talk(mail, version);
    talk.demand_certificate();
    talk.shake_hands();
    EXPECT_TRUE(talk.observer.settled());
    EXPECT_EQ(talk.seen().outcome, Outcome::failed);
    EXPECT_EQ(talk.seen().reason,
              version == clients::kTls13 ? Reason::upstream_failed : Reason::client_cert_missing);
    EXPECT_EQ(talk.seen().alert->direction, AlertDirection::sent);
    EXPECT_EQ(talk.seen().client_certificate,
              version == clients::kTls13 ? std::nullopt : std::optional(ClientCertificate::none));
  }
}

TEST_F(Observer, FollowsARetryOfTheHello) {
  WithOpenssl talk(mail, clients::kTls13, "P-256:P-384", "P-384");
  talk.shake_hands();
  talk.client_sends("x");
  EXPECT_EQ(talk.seen().outcome, Outcome::full);
  EXPECT_EQ(talk.seen().negotiated_version, clients::kTls13);
}

}  // namespace
}  // namespace chainmend::tls
