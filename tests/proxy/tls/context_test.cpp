#include "proxy/tls/context.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <openssl/err.h>

#include <array>
#include <string>
#include <variant>
#include <vector>

#include "tests/proxy/tls/fixtures.h"
#include "tests/proxy/tls/sslv2_hello_client.h"

namespace chainmend::tls {
namespace {

using testing::ClientOptions;
using testing::Connection;
using ::testing::HasSubstr;
using testing::Identity;
using testing::kAllVersions;
using testing::KeyType;
using testing::make_identity;
using testing::policy;
using testing::served;
using testing::Server;
using testing::SocketPair;

class Context : public ::testing::Test {
 protected:
  Identity root = make_identity({.names = {"Root"}});
  Identity mail =
      make_identity({.names = {"mail.contoso.com", "autodiscover.contoso.com"}, .issuer = &root});
  Identity mail_ec =
      make_identity({.names = {"mail.contoso.com"}, .type = KeyType::ec, .issuer = &root});
  Identity wild = make_identity({.names = {"*.contoso.com"}, .issuer = &root});
  Identity other = make_identity({.names = {"other.example"}, .issuer = &root});
  Server server;

  // Which certificate a client gets; "" when the handshake fails.
  static std::string certificate_for(const ServerContextPtr& context,
                                     const ClientOptions& options) {
    Connection connection(context, options);
    return connection.shake_hands() ? connection.server->served().list->certificate : std::string();
  }
};

TEST_F(Context, CompletesAtEveryVersionThatThePolicyAllows) {
  const ServerContextPtr context =
      server.context("a", policy("legacy-tls10"), {served(mail, "mail")});
  for (const std::uint16_t version : kAllVersions) {
    Connection connection(context, {.min_version = version, .max_version = version});
    ASSERT_TRUE(connection.shake_hands()) << version;
    EXPECT_EQ(connection.server->version(), version);
    EXPECT_EQ(connection.client_to_server("ping"), "ping");
    EXPECT_EQ(connection.server_to_client("pong"), "pong");
  }
}

TEST_F(Context, NeighboursInOneProcessKeepTheirOwnPolicies) {
  const ServerContextPtr legacy =
      server.context("old", policy("legacy-tls10"), {served(mail, "mail")});
  const ServerContextPtr modern = server.context("new", policy("modern"), {served(mail, "mail")});
  const ClientOptions phone{.max_version = TLS1_VERSION};
  EXPECT_EQ(certificate_for(legacy, phone), "mail");
  Connection refused(modern, phone);
  EXPECT_FALSE(refused.shake_hands());
  const auto outcome = std::get<HandshakeOutcome>(refused.verdict());
  EXPECT_EQ(outcome.reason, Reason::version_unsupported);
  EXPECT_EQ(outcome.alert, (Alert{AlertDirection::sent, 70}));
  EXPECT_EQ(certificate_for(modern, {}), "mail");
}

TEST_F(Context, ChoosesTheCertificateByServerName) {
  const ServerContextPtr context =
      server.context("a", policy("intermediate"),
                     {served(mail, "mail"), served(wild, "wild"), served(other, "other")});
  const struct {
    const char* server_name;
    const char* certificate;
  } rows[] = {
      {"", "mail"},
      {"mail.contoso.com", "mail"},
      {"MAIL.Contoso.Com", "mail"},
      {"mail.contoso.com.", "mail"},
      {"autodiscover.contoso.com", "mail"},
      {"owa.contoso.com", "wild"},
      {"a.b.contoso.com", "mail"},  // a wildcard stands for one label
      {"contoso.com", "mail"},
      {"other.example", "other"},
      {"unknown.example", "mail"},
  };
  for (const auto& row : rows) {
    EXPECT_EQ(certificate_for(context, {.server_name = row.server_name}), row.certificate)
        << row.server_name;
  }
}

TEST_F(Context, GivenNamesReplaceTheLeafsOwn) {
  ServerCertificate renamed = served(other, "other");
  renamed.names = {"Portal.Contoso.com"};
  const ServerContextPtr context =
      server.context("a", policy("intermediate"), {served(mail, "mail"), renamed});
  EXPECT_EQ(certificate_for(context, {.server_name = "portal.contoso.com"}), "other");
  EXPECT_EQ(certificate_for(context, {.server_name = "other.example"}), "mail");
}

TEST_F(Context, ChoosesTheKeyTypeByWhatTheClientCan) {
  const ServerContextPtr context =
      server.context("a", policy("legacy-tls10"),
                     {served(mail, "rsa"), served(mail_ec, "ec"), served(other, "other")});
  const struct {
    const char* what;
    ClientOptions options;
    const char* certificate;
  } rows[] = {
      {"modern client", {}, "ec"},
      {"RSA suites only, TLS 1.2", {.max_version = TLS1_2_VERSION, .ciphers = "aRSA"}, "rsa"},
      {"RSA signatures only, TLS 1.3",
       {.min_version = TLS1_3_VERSION, .signature_algorithms = "RSA-PSS+SHA256"},
       "rsa"},
      {"old phone: TLS 1.0, plain RSA",
       {.max_version = TLS1_VERSION, .ciphers = "AES128-SHA"},
       "rsa"},
      {"TLS 1.0 with ECDSA suites",
       {.max_version = TLS1_VERSION, .ciphers = "ECDHE-ECDSA-AES128-SHA"},
       "ec"},
      {"TLS 1.0 with ECDHE and RSA",
       {.max_version = TLS1_VERSION, .ciphers = "ECDHE-RSA-AES128-SHA"},
       "rsa"},
  };
  for (auto row : rows) {
    for (const char* name : {"", "mail.contoso.com"}) {
      row.options.server_name = name;
      EXPECT_EQ(certificate_for(context, row.options), row.certificate) << row.what << " " << name;
    }
  }
}

TEST_F(Context, FillsAMissingKeyTypeFromAWildcard) {
  const ServerContextPtr context =
      server.context("a", policy("intermediate"), {served(mail_ec, "ec"), served(wild, "wild")});
  EXPECT_EQ(certificate_for(context, {.ciphers = "aRSA",
                                      .server_name = "mail.contoso.com",
                                      .signature_algorithms = "RSA-PSS+SHA256"}),
            "wild");
  EXPECT_EQ(certificate_for(context, {.server_name = "mail.contoso.com"}), "ec");
}

TEST_F(Context, ServesTheFirstOfTwoForOneNameAndKeyType) {
  const Identity second = make_identity({.names = {"mail.contoso.com"}, .issuer = &root});
  const ServerContextPtr context = server.context(
      "a", policy("intermediate"), {served(mail, "first"), served(second, "second")});
  EXPECT_EQ(certificate_for(context, {.server_name = "mail.contoso.com"}), "first");
}

TEST_F(Context, SendsTheChainExactlyAsGivenAtEveryVersion) {
  const Identity intermediate = make_identity({.names = {"Intermediate"}, .issuer = &root});
  const Identity leaf = make_identity({.names = {"deep.contoso.com"}, .issuer = &intermediate});
  const std::vector<std::vector<certs::CertificatePtr>> chains = {
      {},
      {intermediate.certificate},
      {intermediate.certificate, root.certificate},
      {root.certificate, intermediate.certificate}};
  for (const auto& chain : chains) {
    const ServerContextPtr context =
        server.context("a", policy("legacy-tls10"),
                       {served(leaf, "leaf", chain), served(mail, "mail", {root.certificate})});
    std::vector<std::string> expected = {certs::hex(leaf.certificate->fingerprint())};
    for (const certs::CertificatePtr& link : chain) {
      expected.push_back(certs::hex(link->fingerprint()));
    }
    for (const std::uint16_t version : kAllVersions) {
      Connection connection(
          context,
          {.min_version = version, .max_version = version, .server_name = "deep.contoso.com"});
      ASSERT_TRUE(connection.shake_hands());
      EXPECT_EQ(connection.served_chain(), expected) << version;
    }
  }
}

TEST_F(Context, AnswersAlpnWithHttpOnly) {
  const ServerContextPtr context =
      server.context("a", policy("intermediate"), {served(mail, "mail")});
  const struct {
    const char* offered;
    const char* chosen;
  } rows[] = {{"h2,http/1.1", "http/1.1"}, {"http/1.1", "http/1.1"}, {"h2", ""}, {"", ""}};
  for (const auto& row : rows) {
    Connection connection(context, {.alpn = row.offered});
    ASSERT_TRUE(connection.shake_hands());
    EXPECT_EQ(connection.server->alpn(), row.chosen);
  }
}

TEST_F(Context, AnswersNoAlpnWhenItIsNotForHttp) {
  ServerSetup setup{"a", policy("intermediate"), {served(mail, "mail")}};
  setup.http = false;
  const ServerContextPtr context =
      ServerContext::create(setup, server.tickets, server.sessions).value();
  Connection connection(context, {.alpn = "http/1.1"});
  ASSERT_TRUE(connection.shake_hands());
  EXPECT_EQ(connection.server->alpn(), "");
}

// SSL_set_SSL_CTX brings neither versions nor options nor groups along.
TEST_F(Context, SetsAllOfThePolicyOfAClientTypeOnItsConnectionAlone) {
  config::ClientTypeRule desk_phone{.name = "desk_phone", .at = {}, .match = {}};
  desk_phone.match.sni = {"other.example"};
  const auto classifier =
      std::make_shared<const clients::Classifier>(std::vector<config::ClientTypeRule>{desk_phone});
  TlsPolicy old = policy("legacy-tls10");
  old.max_version = TLS1_2_VERSION;
  old.groups = {"P-384"};
  old.dh_bits = 3072;
  const std::vector<ServerCertificate> certificates = {served(mail, "mail"),
                                                       served(other, "other")};
  ServerSetup setup;
  setup.policy = policy("compatible-tls12");
  setup.certificates = certificates;
  setup.for_clients = {{clients::ClientType::known("desk_phone"), old, certificates}};
  setup.classifier = classifier;
  const auto context = ServerContext::create(setup, server.tickets, server.sessions);
  ASSERT_TRUE(context);
  for (const bool phone : {true, false, true}) {
    const char* name = phone ? "other.example" : "mail.contoso.com";
    Connection best(*context, {.server_name = name});
    ASSERT_TRUE(best.shake_hands());
    EXPECT_EQ(best.server->version(), phone ? TLS1_2_VERSION : TLS1_3_VERSION);
    EXPECT_EQ(SSL_get_negotiated_group(best.client.get()), phone ? NID_secp384r1 : NID_X25519);
    Connection tls12(*context, {.max_version = clients::kTls12, .server_name = name});
    ASSERT_TRUE(tls12.shake_hands());
    EXPECT_EQ(SSL_SESSION_has_ticket(tls12.session().get()) == 1, !phone);
    Connection dhe(*context, {.max_version = clients::kTls12,
                              .ciphers = "DHE-RSA-AES128-GCM-SHA256",
                              .server_name = name});
    ASSERT_TRUE(dhe.shake_hands());
    EVP_PKEY* key = nullptr;
    ASSERT_EQ(SSL_get_peer_tmp_key(dhe.client.get(), &key), 1);
    EXPECT_EQ(EVP_PKEY_get_bits(certs::EvpPkeyPtr(key).get()), phone ? 3072 : 2048);
    Connection tls10(*context, {.max_version = clients::kTls10, .server_name = name});
    EXPECT_EQ(tls10.shake_hands(), phone);
  }
}

TEST_F(Context, RefusesRenegotiationByTheClient) {
  const ServerContextPtr context =
      server.context("a", policy("legacy-tls10"), {served(mail, "mail")});
  Connection connection(context, {.max_version = clients::kTls12});
  ASSERT_TRUE(connection.shake_hands());
  EXPECT_EQ(SSL_get_secure_renegotiation_support(connection.client.get()), 1);
  ASSERT_EQ(SSL_renegotiate(connection.client.get()), 1);
  std::array<std::uint8_t, 16> buffer{};
  int reason = 0;
  for (int flight = 0; flight < 6 && reason == 0; ++flight) {
    ERR_clear_error();
    EXPECT_LE(SSL_do_handshake(connection.client.get()), 0);
    reason = ERR_GET_REASON(ERR_peek_error());
    connection.server->read(buffer);
  }
  EXPECT_EQ(reason, SSL_R_NO_RENEGOTIATION);
  ERR_clear_error();
}

TEST_F(Context, GivesOldJavaASuiteThatItCanFinish) {
  // Java 6 and 7 offer DHE as well, but give up on a group over 1024 bits.
  const ServerContextPtr context =
      server.context("a", policy("legacy-tls10"), {served(mail, "mail")});
  Connection java(context,
                  {.max_version = clients::kTls10, .ciphers = "DHE-RSA-AES128-SHA:AES128-SHA"});
  ASSERT_TRUE(java.shake_hands());
  EXPECT_STREQ(java.server->cipher(), "AES128-SHA");
}

TEST_F(Context, UsesADiffieHellmanGroupOf2048BitsExceptWhereThePolicySaysOtherwise) {
  EXPECT_EQ(policy("legacy-tls10").dh_bits, 2048);
  for (const unsigned bits : {1024U, 2048U, 3072U, 4096U}) {
    TlsPolicy with = policy("legacy-tls10");
    with.dh_bits = bits;
    const ServerContextPtr context = server.context("a", with, {served(mail, "mail")});
    Connection connection(context,
                          {.max_version = clients::kTls10, .ciphers = "DHE-RSA-AES128-SHA"});
    ASSERT_TRUE(connection.shake_hands());
    EVP_PKEY* key = nullptr;
    ASSERT_EQ(SSL_get_peer_tmp_key(connection.client.get(), &key), 1);
    EXPECT_EQ(EVP_PKEY_get_bits(certs::EvpPkeyPtr(key).get()), bits);
  }
}

TEST_F(Context, SendsEmptyFragmentsOnlyWhereThePolicyWantsThem) {
  for (const bool wanted : {false, true}) {
    TlsPolicy with = policy("legacy-tls10");
    with.empty_fragments = wanted;
    const ServerContextPtr context = server.context("a", with, {served(mail, "mail")});
    Connection connection(context, {.max_version = clients::kTls10, .ciphers = "AES128-SHA"});
    ASSERT_TRUE(connection.shake_hands());
    const std::array<std::uint8_t, 3> text = {'a', 'b', 'c'};
    connection.server->write(text);
    const std::vector<std::uint8_t> wire = connection.sockets.receive();
    const std::size_t first_record = 5 + (static_cast<std::size_t>(wire.at(3)) << 8 | wire.at(4));
    EXPECT_EQ(wire.size() > first_record, wanted);
  }
}

TEST_F(Context, GivesTicketsOnlyWhereThePolicyWantsThem) {
  for (const bool wanted : {false, true}) {
    TlsPolicy with = policy("intermediate");
    with.tickets = wanted;
    const ServerContextPtr context = server.context("a", with, {served(mail, "mail")});
    Connection connection(context, {.max_version = clients::kTls12});
    ASSERT_TRUE(connection.shake_hands());
    EXPECT_EQ(SSL_SESSION_has_ticket(connection.session().get()) == 1, wanted);
  }
}

TEST_F(Context, CompletesWithAnSslv2HelloThatOffersTls10) {
  const ServerContextPtr context =
      server.context("a", policy("legacy-tls10"), {served(mail, "mail")});
  const SocketPair sockets;
  const auto session = TlsSession::accept(context, sockets.ours());
  testing::Sslv2HelloClient client;
  sockets.send(client.hello());
  EXPECT_EQ(session->handshake(), Step::want_read);
  sockets.send(client.finish(sockets.receive(), mail.certificate->x509()));
  EXPECT_EQ(session->handshake(), Step::done);
  EXPECT_EQ(session->version(), clients::kTls10);
  EXPECT_STREQ(session->cipher(), "AES128-SHA");
  EXPECT_EQ(session->trace().hello->format, clients::HelloFormat::sslv2);
}

TEST_F(Context, SaysWhichCertificateCannotBeServed) {
  const Identity weak{mail.certificate, certs::EvpPkeyPtr(EVP_EC_gen("P-256"))};
  const ServerSetup mismatch{"a", policy("modern"), {served(weak, "mail")}};
  const auto made = ServerContext::create(mismatch, server.tickets, server.sessions);
  ASSERT_FALSE(made);
  EXPECT_THAT(made.error().text, HasSubstr("certificate 'mail' cannot be served"));
  const auto none =
      ServerContext::create({"a", policy("modern"), {}}, server.tickets, server.sessions);
  ASSERT_FALSE(none);
  EXPECT_THAT(none.error().text, HasSubstr("listener 'a' has no certificate"));
}

}  // namespace
}  // namespace chainmend::tls
