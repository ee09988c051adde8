#include "proxy/tls/session_store.h"

#include <gtest/gtest.h>

#include <chrono>
#include <string>

#include "tests/proxy/tls/fixtures.h"

namespace chainmend::tls {
namespace {

using testing::Connection;
using testing::Identity;
using testing::make_identity;
using testing::policy;
using testing::served;

class Store : public ::testing::Test {
 protected:
  Identity mail = make_identity({.names = {"mail.contoso.com"}});
  std::chrono::steady_clock::time_point now;
  TicketKeys tickets;

  ServerContextPtr context(SessionStore& store, const TlsPolicy& with) {
    return ServerContext::create({"a", with, {served(mail, "mail")}}, tickets, store).value();
  }
  static SslSessionPtr connect(const ServerContextPtr& context, SSL_SESSION* resume,
                               bool expect_resumed) {
    Connection connection(context,
                          {.max_version = clients::kTls10, .resume = resume, .tickets = false});
    EXPECT_TRUE(connection.shake_hands());
    EXPECT_EQ(connection.server->resumed(), expect_resumed);
    return connection.session();
  }
};

TEST_F(Store, KeepsOneEntryPerFullHandshake) {
  SessionStore store;
  const ServerContextPtr with = context(store, policy("legacy-tls10"));
  const SslSessionPtr session = connect(with, nullptr, false);
  EXPECT_EQ(store.size(), 1U);
  connect(with, session.get(), true);
  EXPECT_EQ(store.size(), 1U);
  connect(with, nullptr, false);
  EXPECT_EQ(store.size(), 2U);
}

TEST_F(Store, StaysWithinItsBoundAndForgetsTheOldestFirst) {
  SessionStore store(32);  // two per shard
  const ServerContextPtr with = context(store, policy("legacy-tls10"));
  const SslSessionPtr oldest = connect(with, nullptr, false);
  SslSessionPtr newest;
  for (int i = 0; i < 200; ++i) {
    newest = connect(with, nullptr, false);
  }
  EXPECT_LE(store.size(), 32U);
  EXPECT_GT(store.size(), 16U);
  connect(with, oldest.get(), false);
  connect(with, newest.get(), true);
}

TEST_F(Store, ForgetsASessionAfterItsLifetime) {
  SessionStore store(16, [this] { return now; });  // one per shard
  const ServerContextPtr with = context(store, policy("legacy-tls10"));
  const SslSessionPtr session = connect(with, nullptr, false);
  now += kSessionLifetime - std::chrono::seconds(1);
  connect(with, session.get(), true);
  now += std::chrono::seconds(1);
  connect(with, session.get(), false);
}

TEST_F(Store, DoesNotKeepWhatATicketCarries) {
  SessionStore store;
  const ServerContextPtr with = context(store, policy("intermediate"));
  for (const std::uint16_t version : {clients::kTls12, clients::kTls13}) {
    Connection connection(with, {.min_version = version, .max_version = version});
    ASSERT_TRUE(connection.shake_hands());
  }
  EXPECT_EQ(store.size(), 0U);
}

}  // namespace
}  // namespace chainmend::tls
