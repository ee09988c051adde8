#include "proxy/tls/ticket_keys.h"

#include <gtest/gtest.h>

#include <chrono>

#include "tests/proxy/tls/fixtures.h"

namespace chainmend::tls {
namespace {

using testing::Connection;
using testing::Identity;
using testing::make_identity;
using testing::policy;
using testing::served;

class Tickets : public ::testing::TestWithParam<std::uint16_t> {
 protected:
  Identity mail = make_identity({.names = {"mail.contoso.com"}});
  std::chrono::steady_clock::time_point now;
  TicketKeys keys{[this] { return now; }};
  SessionStore store;
  ServerContextPtr context =
      ServerContext::create({"a", policy("intermediate"), {served(mail, "mail")}}, keys, store)
          .value();

  bool resumes(SSL_SESSION* session) const { return connect(session).first; }
  std::pair<bool, SslSessionPtr> connect(SSL_SESSION* session) const {
    Connection connection(
        context, {.min_version = GetParam(), .max_version = GetParam(), .resume = session});
    EXPECT_TRUE(connection.shake_hands());
    const bool resumed = connection.server->resumed();
    return {resumed, connection.session()};
  }
};

TEST_P(Tickets, OpenThroughTheKeysOwnPeriodAndOneMore) {
  const SslSessionPtr session = connect(nullptr).second;
  EXPECT_TRUE(resumes(session.get()));
  now += kSessionLifetime;  // a new key seals from here on
  connect(nullptr);
  EXPECT_TRUE(resumes(session.get()));
  now += kSessionLifetime;
  EXPECT_FALSE(resumes(session.get()));
}

TEST_P(Tickets, AreSealedAnewWhenTheKeyHasRotated) {
  const SslSessionPtr first = connect(nullptr).second;
  now += kSessionLifetime;
  auto [resumed, second] = connect(first.get());
  EXPECT_TRUE(resumed);
  now += kSessionLifetime;  // the first key is gone, the second still opens
  EXPECT_FALSE(resumes(first.get()));
  EXPECT_TRUE(resumes(second.get()));
}

TEST_P(Tickets, OfALongIdleProcessDoNotOpen) {
  const SslSessionPtr session = connect(nullptr).second;
  now +=
      10 *
      kSessionLifetime;  // nobody connected meanwhile: the key was not rotated, but it is too old
  EXPECT_FALSE(resumes(session.get()));
}

INSTANTIATE_TEST_SUITE_P(Versions, Tickets, ::testing::Values(clients::kTls12, clients::kTls13),
                         [](const auto& test) {
                           return test.param == clients::kTls12 ? "tls12" : "tls13";
                         });

}  // namespace
}  // namespace chainmend::tls
