#include "proxy/upstream/connect.h"

#include <gmock/gmock.h>

#include <boost/asio/co_spawn.hpp>

#include "proxy/metrics/metrics.h"
#include "tests/proxy/net/wire.h"
#include "tests/proxy/tls/fixtures.h"

namespace chainmend::upstream {
namespace {

namespace asio = boost::asio;
using metrics::UpstreamFailure;
using net::testing::Gate;
using net::testing::turn_of;
using net::testing::turn_until;
using net::testing::Wire;
using ::testing::HasSubstr;

struct Fixture {
  Fixture() {
    group.connect_timeout = group.handshake_timeout = std::chrono::seconds(30);
    group.common = std::make_shared<Common>(metrics.upstream("u"));
  }

  void add(std::uint16_t port, tls::ClientContextPtr context = nullptr,
           const std::string& host = "127.0.0.1") {
    const std::string name = host + ':' + std::to_string(port);
    group.peers.push_back(
        {std::make_shared<Server>(Address{name, host, port}, metrics.upstream_server("u", name)),
         std::move(context), "mail.test"});
  }
  Connected connect() {
    std::optional<Connected> result;
    Choice choice(group, {});
    asio::co_spawn(loop.io, upstream::connect(loop, choice, choice.next()),
                   [&](const std::exception_ptr&, Connected c) { result = std::move(c); });
    EXPECT_TRUE(turn_until(turn_of(loop), [&] { return result.has_value(); }));
    return std::move(*result);
  }

  metrics::Metrics metrics{{"test", "test"}};
  net::Loop loop;
  Upstream group;
};

tls::ClientContextPtr client_context(std::shared_ptr<const tls::PeerVerifier> verifier = nullptr) {
  return *tls::ClientContext::create(
      {.policy = tls::testing::policy("intermediate"), .verifier = std::move(verifier)});
}

// A server that accepts one connection and shakes hands.
net::Task<void> accept_tls(net::Acceptor& acceptor, tls::ServerContextPtr context) {
  net::Socket socket = co_await acceptor.async_accept(net::kUseTask);
  net::Stream stream = net::Stream::accepted(std::move(socket), std::move(context));
  co_await stream.handshake();
  std::array<std::uint8_t, 1> byte{};
  co_await stream.read_some(byte);
}

class TlsServer {
 public:
  explicit TlsServer(net::Loop& loop)
      : identity_(tls::testing::make_identity({.names = {"mail.test"}})),
        acceptor_(loop.io, {asio::ip::address_v4::loopback(), 0}) {
    auto context = keys_.context("web", tls::testing::policy("intermediate"),
                                 {tls::testing::served(identity_, "web")});
    asio::co_spawn(loop.io, accept_tls(acceptor_, std::move(context)),
                   [](const std::exception_ptr&) {});
  }
  std::uint16_t port() const { return acceptor_.local_endpoint().port(); }

 private:
  tls::testing::Server keys_;
  tls::testing::Identity identity_;
  net::Acceptor acceptor_;
};

class Refusing final : public tls::PeerVerifier {
 public:
  tls::Result<void> verify(const std::vector<certs::CertificatePtr>&,
                           const std::string& host) const override {
    return tls::fail(host + " is not welcome");
  }
};

TEST(Connect, TakesTheServersInTurn) {
  Fixture f;
  Gate a{turn_of(f.loop)};
  Gate b{turn_of(f.loop)};
  f.add(a.port());
  f.add(b.port());
  std::vector<const Peer*> asked;
  for (int i = 0; i < 4; ++i) {
    asked.push_back(f.connect().claim.peer);
  }
  const Peer* first = &f.group.peers[0];
  const Peer* second = &f.group.peers[1];
  EXPECT_EQ(asked, (std::vector{first, second, first, second}));
}

TEST(Connect, GoesOnToTheNextServerAndSaysWhy) {
  Fixture f;
  Gate refusing{turn_of(f.loop)};
  Gate good{turn_of(f.loop)};
  f.add(refusing.port());
  f.add(good.port());
  refusing.close();
  Connected connected = f.connect();
  EXPECT_EQ(connected.claim.peer, &f.group.peers[1]);
  ASSERT_EQ(connected.failures.size(), 1);
  EXPECT_EQ(connected.failures[0].peer, &f.group.peers[0]);
  EXPECT_EQ(connected.failures[0].reason, UpstreamFailure::connect);
  EXPECT_FALSE(connected.failures[0].unresolved);
  EXPECT_THAT(connected.failures[0].text, HasSubstr("refused"));
  EXPECT_THAT(f.metrics.scrape(), HasSubstr("reason=\"connect\"} 1"));
}

TEST(Connect, SaysWhenThereIsNoServerAtAll) {
  Fixture f;
  Gate refusing{turn_of(f.loop)};
  f.add(refusing.port());
  f.add(443, nullptr, "no-such-host.invalid");
  refusing.close();
  const Connected connected = f.connect();
  EXPECT_EQ(connected.claim.peer, nullptr);
  EXPECT_FALSE(connected.stream);
  ASSERT_EQ(connected.failures.size(), 2);
  EXPECT_TRUE(connected.failures[1].unresolved);
  EXPECT_THAT(connected.failures[1].text, HasSubstr("cannot resolve no-such-host.invalid"));
}

TEST(Connect, ShakesHandsWithAServerThatSpeaksTls) {
  Fixture f;
  TlsServer server(f.loop);
  f.add(server.port(), client_context());
  Connected connected = f.connect();
  ASSERT_TRUE(connected.stream);
  EXPECT_TRUE(connected.stream->session()->trace().completed);
}

TEST(Connect, FailsWhenTheCertificateIsRefused) {
  Fixture f;
  TlsServer server(f.loop);
  f.add(server.port(), client_context(std::make_shared<Refusing>()));
  const Connected connected = f.connect();
  EXPECT_EQ(connected.claim.peer, nullptr);
  ASSERT_EQ(connected.failures.size(), 1);
  EXPECT_EQ(connected.failures[0].reason, UpstreamFailure::tls);
  EXPECT_TRUE(connected.failures[0].untrusted);
  EXPECT_THAT(connected.failures[0].text, HasSubstr("mail.test is not welcome"));
}

TEST(Connect, GivesUpOnAServerThatNeverShakesHands) {
  Fixture f;
  f.group.handshake_timeout = std::chrono::milliseconds(200);
  Gate silent{turn_of(f.loop)};
  f.add(silent.port(), client_context());
  const Connected connected = f.connect();
  ASSERT_EQ(connected.failures.size(), 1);
  EXPECT_EQ(connected.failures[0].reason, UpstreamFailure::timeout);
  EXPECT_THAT(connected.failures[0].text, HasSubstr("TLS handshake timed out"));
}

// A full queue of the kernel is as good as a host that drops what comes: SYNs go unanswered.
TEST(Connect, GivesUpOnAServerThatNeverAccepts) {
  Fixture f;
  f.group.connect_timeout = std::chrono::milliseconds(200);
  Gate full{turn_of(f.loop), 0};
  Wire first = Wire::connect(full.port(), turn_of(f.loop));  // the one that the queue holds
  f.add(full.port());
  const Connected connected = f.connect();
  ASSERT_EQ(connected.failures.size(), 1);
  EXPECT_EQ(connected.failures[0].reason, UpstreamFailure::timeout);
  EXPECT_EQ(connected.failures[0].text, "connect timed out");
  EXPECT_FALSE(connected.failures[0].untrusted);
}

}  // namespace
}  // namespace chainmend::upstream
