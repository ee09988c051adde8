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

constexpr std::size_t kWhole = 1'000'000;
constexpr std::size_t kPieces[] = {kWhole, 1, 7};

void put_on_memory(SSL* ssl) {
  BIO* in = BIO_new(BIO_s_mem());
  BIO_set_mem_eof_return(in, -1);
  SSL_set_bio(ssl, in, BIO_new(BIO_s_mem()));
}
Bytes said_by(SSL* ssl) {
  BIO* out = SSL_get_wbio(ssl);
  Bytes bytes(BIO_ctrl_pending(out));
  BIO_read(out, bytes.data(), static_cast<int>(bytes.size()));
  return bytes;
}
void tell(SSL* ssl, const Bytes& bytes) {
  BIO_write(SSL_get_rbio(ssl), bytes.data(), static_cast<int>(bytes.size()));
}

// A client that talks to a server past an observer, which sees pieces of a given size.
struct Overheard {
  void client_works() const {
    ERR_clear_error();
    SSL_do_handshake(client);
    ERR_clear_error();
  }
  void client_to_server() {
    const Bytes bytes = said_by(client);
    in_pieces(bytes, [this](certs::ByteView part) { observer.from_client(part); });
    server_hears(bytes);
  }
  void server_to_client() {
    const Bytes bytes = server_says();
    in_pieces(bytes, [this](certs::ByteView part) { observer.from_server(part); });
    tell(client, bytes);
  }
  void shake_hands() {
    for (int flight = 0; flight < 8; ++flight) {
      client_works();
      client_to_server();
      server_works();
      server_to_client();
    }
  }
  void client_sends(const std::string& text) {
    SSL_write(client, text.data(), static_cast<int>(text.size()));
    client_to_server();
  }
  HandshakeOutcome seen() const {
    return std::get<HandshakeOutcome>(explain(observer.trace(), capability()));
  }

  SSL* client = nullptr;
  std::function<void()> server_works;
  std::function<Bytes()> server_says;
  std::function<void(const Bytes&)> server_hears;
  std::size_t piece = kWhole;
  WireObserver observer{{}};

 private:
  template <typename See>
  void in_pieces(certs::ByteView bytes, See see) const {
    while (!bytes.empty()) {
      const std::size_t size = std::min(piece, bytes.size());
      see(bytes.first(size));
      bytes = bytes.subspan(size);
    }
  }
};

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
  ServerContextPtr modern = server.context("b", policy("modern"), {served(mail, "mail")});
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

// Past an observer to a server of OpenSSL's own, which does what ours does not.
struct WithOpenssl : Overheard {
  WithOpenssl(const Identity& leaf, std::uint16_t version, const char* client_groups = "P-256",
              const char* server_groups = "P-256:P-384") {
    SSL_CTX* context = server_context.get();
    SSL_CTX_use_certificate(context, leaf.certificate->x509());
    SSL_CTX_use_PrivateKey(context, leaf.key.get());
    SSL_CTX_set1_groups_list(context, server_groups);
    SSL_CTX_set1_groups_list(client_context.get(), client_groups);
    for (SSL_CTX* one : {context, client_context.get()}) {
      SSL_CTX_set_security_level(one, 0);
      SSL_CTX_set_min_proto_version(one, version);
      SSL_CTX_set_max_proto_version(one, version);
    }
    client_ssl.reset(SSL_new(client_context.get()));
    server_ssl.reset(SSL_new(context));
    SSL_set_connect_state(client_ssl.get());
    SSL_set_accept_state(server_ssl.get());
    put_on_memory(client_ssl.get());
    put_on_memory(server_ssl.get());
    client = client_ssl.get();
    server_works = [this] {
      ERR_clear_error();
      SSL_do_handshake(server_ssl.get());
      ERR_clear_error();
    };
    server_says = [this] { return said_by(server_ssl.get()); };
    server_hears = [this](const Bytes& bytes) { tell(server_ssl.get(), bytes); };
  }
  void demand_certificate() const {
    SSL_set_verify(server_ssl.get(), SSL_VERIFY_PEER | SSL_VERIFY_FAIL_IF_NO_PEER_CERT,
                   [](int, X509_STORE_CTX*) { return 1; });
  }
  void have_certificate(const Identity& identity) const {
    SSL_use_certificate(client, identity.certificate->x509());
    SSL_use_PrivateKey(client, identity.key.get());
  }

  SslCtxPtr client_context{SSL_CTX_new(TLS_client_method())};
  SslCtxPtr server_context{SSL_CTX_new(TLS_server_method())};
  SslPtr client_ssl, server_ssl;
};

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
    }
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
  }
}

TEST_F(Observer, FollowsARetryOfTheHello) {
  WithOpenssl talk(mail, clients::kTls13, "P-256:P-384", "P-384");
  talk.shake_hands();
  talk.client_sends("x");
  EXPECT_EQ(talk.seen().outcome, Outcome::full);
  EXPECT_EQ(talk.seen().negotiated_version, clients::kTls13);
}

// What no server of ours says.
class Strange : public Observer {
 protected:
  // A client has said hello and waits.
  void SetUp() override {
    talk.client_works();
    talk.client_to_server();
  }
  static Bytes record(std::uint8_t type, const Bytes& content) {
    Bytes bytes = {type, 3, 3, static_cast<std::uint8_t>(content.size() >> 8),
                   static_cast<std::uint8_t>(content.size())};
    bytes.insert(bytes.end(), content.begin(), content.end());
    return bytes;
  }
  static void append_u24(Bytes& to, std::size_t number) {
    for (const unsigned shift : {16U, 8U, 0U}) {
      to.push_back(static_cast<std::uint8_t>(number >> shift));
    }
  }
  static Bytes certificate_message(std::size_t count, std::size_t each) {
    Bytes message = {11};
    append_u24(message, 3 + count * (3 + each));
    append_u24(message, count * (3 + each));
    for (std::size_t i = 0; i < count; ++i) {
      append_u24(message, each);
      message.resize(message.size() + each, 0x30);
    }
    return message;
  }
  // The message in records of the longest kind.
  ServerList list_after(const Bytes& message) {
    WireObserver& observer = talk.observer;
    for (std::size_t at = 0; at < message.size(); at += 16384) {
      const auto from = message.begin() + static_cast<std::ptrdiff_t>(at);
      const auto size =
          static_cast<std::ptrdiff_t>(std::min<std::size_t>(16384, message.size() - at));
      observer.from_server(record(22, Bytes(from, from + size)));
    }
    return observer.take_server_list();
  }

  WithOpenssl talk{mail, clients::kTls12};
};

TEST_F(Strange, ServersListOfThirtyTwoIsRead) {
  const ServerList list = list_after(certificate_message(32, 2000));
  EXPECT_EQ(list.state, ServerList::State::whole);
  EXPECT_EQ(list.certificates.size(), 32);
}
TEST_F(Strange, ServersLongListIsNotLookedAt) {
  EXPECT_EQ(list_after(certificate_message(33, 10)).state, ServerList::State::too_long);
}
TEST_F(Strange, ServersBigListIsNotLookedAt) {
  EXPECT_EQ(list_after(certificate_message(2, 40'000)).state, ServerList::State::too_long);
}
TEST_F(Strange, ServersEmptyListIsMalformed) {
  EXPECT_EQ(list_after({11, 0, 0, 3, 0, 0, 0}).state, ServerList::State::malformed);
}
TEST_F(Strange, ServersListWithALengthBeyondItsEndIsMalformed) {
  EXPECT_EQ(list_after({11, 0, 0, 7, 0, 0, 4, 0, 0, 9, 0x30}).state, ServerList::State::malformed);
}

TEST_F(Strange, AnswerWithoutTlsIsTheServersFault) {
  const std::string answer = "HTTP/1.1 400 Bad Request\r\n";
  talk.observer.from_server(certs::as_bytes(answer));
  EXPECT_EQ(talk.seen().reason, Reason::upstream_failed);
}

TEST_F(Strange, SilenceIsOfWhoseTurnItWas) {
  talk.observer.timed_out();
  EXPECT_EQ(talk.seen().reason, Reason::upstream_failed);

  WithOpenssl other(mail, clients::kTls12);
  other.client_works();
  other.client_to_server();
  other.server_works();
  other.server_to_client();
  other.observer.timed_out();
  EXPECT_EQ(other.seen().reason, Reason::timeout);
}

TEST_F(Strange, ServerThatLeavesFailedAndNotTheClient) {
  talk.observer.server_ended();
  talk.observer.client_ended(false);  // in consequence
  EXPECT_EQ(talk.seen().reason, Reason::upstream_failed);
}

TEST_F(Strange, WarningOfTheServerEndsNothing) {
  talk.observer.from_server(record(21, {1, 112}));
  EXPECT_FALSE(talk.observer.settled());
  talk.observer.from_server(record(21, {2, 112}));
  EXPECT_EQ(talk.seen().reason, Reason::sni_unknown);
}

// Its second byte must not fall into the message that is under way.
TEST_F(Strange, AlertInTheMiddleOfAMessageIsHeard) {
  talk.observer.from_server(record(22, {2, 0, 1, 0, 3, 3}));
  talk.observer.from_server(record(21, {2, 80}));
  EXPECT_EQ(talk.seen().alert, (Alert{AlertDirection::sent, 80}));
}

TEST(ObserverOfNoise, KeepsItsKind) {
  const std::pair<std::string, NoiseKind> rows[] = {{"", NoiseKind::connect_close},
                                                    {"GET / HTTP/1.1\r\n", NoiseKind::http_request},
                                                    {"SSH-2.0-x\r\n", NoiseKind::not_tls}};
  for (const auto& [text, kind] : rows) {
    WireObserver observer{{}};
    observer.from_client(certs::as_bytes(text));
    observer.client_ended(false);
    EXPECT_EQ(std::get<NoiseKind>(explain(observer.trace(), capability())), kind) << text;
  }
}

}  // namespace
}  // namespace chainmend::tls
