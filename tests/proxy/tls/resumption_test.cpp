// A session may be resumed by any worker and after a reload, but never under another listener,
// policy or certificate: OpenSSL by itself would carry a TLS 1.0 session from a legacy listener to
// a modern one.
#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <memory>
#include <string>
#include <thread>
#include <utility>
#include <variant>
#include <vector>

#include "tests/proxy/tls/fixtures.h"

namespace chainmend::tls {
namespace {

using testing::ClientOptions;
using testing::Connection;
using testing::Identity;
using testing::make_identity;
using testing::policy;
using testing::served;
using testing::Server;

// The three ways that a session comes back.
struct Way {
  const char* name;
  std::uint16_t version;
  bool tickets;
};
void PrintTo(const Way& way, std::ostream* out) { *out << way.name; }

class Resumption : public ::testing::TestWithParam<Way> {
 protected:
  Identity root = make_identity({.names = {"Root"}});
  Identity mail = make_identity({.names = {"mail.contoso.com"}, .issuer = &root});
  Identity renewed = make_identity({.names = {"mail.contoso.com"}, .issuer = &root});
  Identity other = make_identity({.names = {"other.example"}, .issuer = &root});
  Server server;

  // All policies speak the version, so that nothing but the session's identity keeps it from coming
  // back.
  static TlsPolicy policy_with_tickets(const char* name) {
    TlsPolicy made = policy(name);
    made.min_version = std::min(made.min_version, GetParam().version);
    made.tickets = GetParam().tickets;
    return made;
  }
  static ClientOptions client(SSL_SESSION* resume = nullptr, const char* server_name = "") {
    return {.min_version = GetParam().version,
            .max_version = GetParam().version,
            .server_name = server_name,
            .resume = resume,
            .tickets = GetParam().tickets};
  }
  static SslSessionPtr session_from(const ServerContextPtr& context, const char* server_name = "") {
    Connection first(context, client(nullptr, server_name));
    EXPECT_TRUE(first.shake_hands());
    EXPECT_FALSE(first.server->resumed());
    return first.session();
  }
  // Whether a second connection resumes the session; it must complete either way.
  static bool resumes(const ServerContextPtr& context, SSL_SESSION* session,
                      const char* server_name = "") {
    Connection second(context, client(session, server_name));
    EXPECT_TRUE(second.shake_hands());
    EXPECT_EQ(second.client_to_server("x"), "x");
    return second.server->resumed();
  }
};

TEST_P(Resumption, WorksOnTheSameListener) {
  const ServerContextPtr context =
      server.context("a", policy_with_tickets("legacy-tls10"), {served(mail, "mail")});
  const SslSessionPtr session = session_from(context);
  EXPECT_TRUE(resumes(context, session.get()));
}

TEST_P(Resumption, WorksAfterAReloadThatChangesNothing) {
  const TlsPolicy same = policy_with_tickets("legacy-tls10");
  const SslSessionPtr session = session_from(server.context("a", same, {served(mail, "mail")}));
  EXPECT_TRUE(resumes(server.context("a", same, {served(mail, "mail")}), session.get()));
}

TEST_P(Resumption, FailsUnderAnotherListener) {
  const TlsPolicy same = policy_with_tickets("legacy-tls10");
  const SslSessionPtr session = session_from(server.context("a", same, {served(mail, "mail")}));
  EXPECT_FALSE(resumes(server.context("b", same, {served(mail, "mail")}), session.get()));
}

TEST_P(Resumption, FailsUnderAnotherPolicy) {
  const SslSessionPtr session = session_from(
      server.context("a", policy_with_tickets("legacy-tls10"), {served(mail, "mail")}));
  EXPECT_FALSE(
      resumes(server.context("a", policy_with_tickets("compatible-tls12"), {served(mail, "mail")}),
              session.get()));
}

TEST_P(Resumption, FailsUnderAnotherCertificate) {
  const TlsPolicy same = policy_with_tickets("legacy-tls10");
  const SslSessionPtr session = session_from(server.context("a", same, {served(mail, "mail")}));
  EXPECT_FALSE(resumes(server.context("a", same, {served(renewed, "mail")}), session.get()));
}

TEST_P(Resumption, FailsUnderAnotherNamesCertificateOfOneListener) {
  const ServerContextPtr context = server.context("a", policy_with_tickets("legacy-tls10"),
                                                  {served(mail, "mail"), served(other, "other")});
  const SslSessionPtr session = session_from(context, "mail.contoso.com");
  EXPECT_TRUE(resumes(context, session.get(), "mail.contoso.com"));
  EXPECT_FALSE(resumes(context, session.get(), "other.example"));
}

TEST_P(Resumption, FailsInAnotherProcess) {
  const TlsPolicy same = policy_with_tickets("legacy-tls10");
  const SslSessionPtr session = session_from(server.context("a", same, {served(mail, "mail")}));
  Server restarted;
  EXPECT_FALSE(resumes(restarted.context("a", same, {served(mail, "mail")}), session.get()));
}

TEST_P(Resumption, IsSharedByWorkersThatRunAtOnce) {
  const ServerContextPtr context =
      server.context("a", policy_with_tickets("legacy-tls10"), {served(mail, "mail")});
  const SslSessionPtr session = session_from(context);
  int size = i2d_SSL_SESSION(session.get(), nullptr);
  std::vector<unsigned char> der(static_cast<std::size_t>(size));
  unsigned char* out = der.data();
  i2d_SSL_SESSION(session.get(), &out);
  std::atomic<int> resumed = 0;
  std::vector<std::jthread> workers;
  for (int worker = 0; worker < 4; ++worker) {
    workers.emplace_back([&] {
      for (int i = 0; i < 5; ++i) {
        const unsigned char* in = der.data();
        const SslSessionPtr own(d2i_SSL_SESSION(nullptr, &in, size));
        resumed += resumes(context, own.get()) ? 1 : 0;
        session_from(context);
      }
    });
  }
  workers.clear();
  EXPECT_EQ(resumed, 20);
}

INSTANTIATE_TEST_SUITE_P(Ways, Resumption,
                         ::testing::Values(Way{"tls10_id", clients::kTls10, false},
                                           Way{"tls12_id", clients::kTls12, false},
                                           Way{"tls12_ticket", clients::kTls12, true},
                                           Way{"tls13_ticket", clients::kTls13, true},
                                           Way{"tls13_stateful", clients::kTls13, false}),
                         [](const auto& test) { return test.param.name; });

// The plain case of the danger: with no identity set, nothing above would hold. A TLS 1.0 session
// of a legacy listener, offered to a modern one, ends in a full refusal and never in a resumed
// TLS 1.0 connection.
TEST(ResumptionAcrossPolicies, ATls10SessionNeverReachesAModernListener) {
  const Identity root = make_identity({.names = {"Root"}});
  const Identity mail = make_identity({.names = {"mail.contoso.com"}, .issuer = &root});
  Server server;
  const ServerContextPtr legacy =
      server.context("a", policy("legacy-tls10"), {served(mail, "mail")});
  const ServerContextPtr modern = server.context("a", policy("modern"), {served(mail, "mail")});
  Connection first(legacy, {.max_version = clients::kTls10});
  ASSERT_TRUE(first.shake_hands());
  const SslSessionPtr session = first.session();
  Connection second(modern, {.max_version = clients::kTls10, .resume = session.get()});
  EXPECT_FALSE(second.shake_hands());
  EXPECT_EQ(std::get<HandshakeOutcome>(second.verdict()).reason, Reason::version_unsupported);
}

}  // namespace
}  // namespace chainmend::tls
