// Asking clients for a certificate: what is counted and told of each answer, and where a session
// that was made with it goes on.
#include "proxy/tls/client_authentication.h"

#include <gtest/gtest.h>

#include <chrono>
#include <memory>
#include <utility>
#include <variant>
#include <vector>

#include "tests/proxy/tls/fixtures.h"

namespace chainmend::tls {
namespace {

using testing::ClientOptions;
using testing::Connection;
using testing::Identity;
using testing::kAllVersions;
using testing::make_identity;
using testing::policy;
using testing::served;

// Says what it is told to.
class Judge final : public ClientVerifier {
 public:
  explicit Judge(Reason reason) : reason_(reason) {}
  ClientJudgement judge(const std::vector<certs::CertificatePtr>& list) const override {
    const auto now = std::chrono::floor<std::chrono::seconds>(std::chrono::system_clock::now());
    return {reason_, "as told", reason_ == Reason::none ? list : decltype(list){},
            now + std::chrono::hours(1)};
  }

 private:
  Reason reason_;
};

class Asking : public ::testing::Test {
 protected:
  ServerContextPtr context(Reason judged, bool required = false, std::string identity = "a") {
    ServerSetup setup;
    setup.listener = "phones";
    setup.policy = policy("legacy-tls10");
    setup.certificates = {served(mail_, "mail")};
    setup.client_certificate = {std::make_shared<Judge>(judged), required, {}, std::move(identity)};
    auto made = ServerContext::create(setup, tickets_, sessions_);
    EXPECT_TRUE(made);
    return made.value_or(nullptr);
  }
  // Shakes hands, the client with its certificate.
  bool meet(Connection& connection) const {
    SSL_use_certificate(connection.client.get(), phone_.certificate->x509());
    SSL_use_PrivateKey(connection.client.get(), phone_.key.get());
    return connection.shake_hands();
  }
  static ClientOptions speaking(std::uint16_t version, SSL_SESSION* resume = nullptr) {
    return {.min_version = version, .max_version = version, .resume = resume};
  }
  static HandshakeOutcome outcome_of(const Connection& connection) {
    return std::get<HandshakeOutcome>(connection.verdict());
  }

  TicketKeys tickets_;
  SessionStore sessions_;
  Identity mail_ = make_identity({.names = {"mail.contoso.com"}});
  Identity phone_ = make_identity({.names = {"phone"}, .fresh_key = true});
};

TEST_F(Asking, EachFaultHasItsAlertAndItsReason) {
  const std::pair<Reason, int> rows[] = {{Reason::client_cert_untrusted, 48},
                                         {Reason::client_cert_expired, 45},
                                         {Reason::client_cert_revoked, 44},
                                         {Reason::client_cert_unsuitable, 43}};
  for (const auto& [reason, alert] : rows) {
    for (const std::uint16_t version : kAllVersions) {
      Connection connection(context(reason), speaking(version));
      meet(connection);
      EXPECT_EQ(connection.server_step, Step::failed);
      const HandshakeOutcome outcome = outcome_of(connection);
      EXPECT_STREQ(to_string(outcome.reason), to_string(reason));
      EXPECT_EQ(outcome.alert, (Alert{AlertDirection::sent, static_cast<std::uint8_t>(alert)}));
      EXPECT_EQ(outcome.client_certificate, ClientCertificate::rejected);
      EXPECT_EQ(connection.server->trace().verify_error, "as told");
      EXPECT_TRUE(connection.server->trace().client_path.empty());
    }
  }
}

TEST_F(Asking, WithoutOneOptionalServesAndRequiredRefuses) {
  for (const std::uint16_t version : kAllVersions) {
    Connection served_all_the_same(context(Reason::none), speaking(version));
    EXPECT_TRUE(served_all_the_same.shake_hands());
    EXPECT_EQ(outcome_of(served_all_the_same).client_certificate, ClientCertificate::none);
    Connection refused(context(Reason::none, true), speaking(version));
    refused.shake_hands();
    const HandshakeOutcome outcome = outcome_of(refused);
    EXPECT_STREQ(to_string(outcome.reason), "client_cert_missing");
    EXPECT_EQ(outcome.alert->code, version == clients::kTls13 ? 116 : 40);
    EXPECT_EQ(outcome.client_certificate, ClientCertificate::none);
  }
}

TEST_F(Asking, SessionKeepsTheCertificateAndGoesOnUnderTheSameTermsAlone) {
  for (const std::uint16_t version : kAllVersions) {
    const ServerContextPtr same = context(Reason::none, true);
    Connection first(same, speaking(version));
    ASSERT_TRUE(meet(first));
    EXPECT_EQ(outcome_of(first).client_certificate, ClientCertificate::accepted);
    first.server_to_client("answer");
    const SslSessionPtr session = first.session();
    ASSERT_NE(session, nullptr);
    EXPECT_LE(SSL_SESSION_get_ticket_lifetime_hint(session.get()), 3600U)
        << "as long as the certificate";

    Connection again(same, speaking(version, session.get()));
    ASSERT_TRUE(again.shake_hands());
    EXPECT_TRUE(again.server->resumed());
    ASSERT_EQ(again.server->trace().client_path.size(), 1U);
    EXPECT_EQ(again.server->trace().client_path.front()->fingerprint(),
              phone_.certificate->fingerprint());
    EXPECT_EQ(outcome_of(again).client_certificate, std::nullopt) << "nobody was asked";

    Connection elsewhere(context(Reason::none, true, "b"), speaking(version, session.get()));
    elsewhere.shake_hands();
    EXPECT_FALSE(elsewhere.server->resumed());
    EXPECT_STREQ(to_string(outcome_of(elsewhere).reason), "client_cert_missing");
  }
}

}  // namespace
}  // namespace chainmend::tls
