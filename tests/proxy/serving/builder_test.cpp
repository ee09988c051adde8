#include "proxy/serving/builder.h"

#include <gmock/gmock.h>

#include "tests/proxy/serving/lab.h"

namespace chainmend::serving::testing {
namespace {

using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

TEST(Builder, BuildsAllThatServingNeeds) {
  Lab lab;
  const auto built = lab.build("chain: { bundles: ca.pem, " + kAiaOff + R"( }
process: { max_connections: 7 }
certificates: { mail: { cert: leaf.pem } }
listeners:
  - name: web
    listen: 127.0.0.1:0
    certificates: [mail]
    timeouts: { head: 3s }
    routes:
      - { path: /, upstream: u }
      - { path: /OWA, upstream: v }
  - { name: raw, listen: 127.0.0.1:0, mode: tcp, tls: off, upstream: v }
upstreams:
  u: { servers: [http://127.0.0.1:1, https://mail.test] }
  v: { servers: [https://127.0.0.1], tls: { server_name: mail.test } }
)");
  ASSERT_TRUE(built);
  EXPECT_TRUE(built->complete);
  const ServingState& state = *built->state;
  EXPECT_EQ(state.max_connections, 7);
  const Listener* web = state.find_listener("web");
  ASSERT_NE(web, nullptr);
  EXPECT_TRUE(web->tls);
  EXPECT_NE(web->server_names.label_of("mail.test").index, metrics::kOtherName.index);
  EXPECT_EQ(web->server_names.label_of("web.test").index, metrics::kOtherName.index);
  EXPECT_EQ(web->timeouts.head, std::chrono::seconds(3));
  const upstream::Upstream& u = *state.upstreams.at("u");
  const upstream::Upstream& v = *state.upstreams.at("v");
  EXPECT_EQ(web->route_for("/owa/x", "", "GET")->upstream, &v);
  EXPECT_EQ(web->route_for("/x", "", "GET")->upstream, &u);
  EXPECT_FALSE(u.peers[0].tls);
  EXPECT_TRUE(u.peers[1].tls);
  EXPECT_EQ(u.peers[1].server_name, "mail.test");
  EXPECT_EQ(u.peers[1].server->port(), 443);
  EXPECT_EQ(v.peers[0].server_name, "mail.test");
  const Listener* raw = state.find_listener("raw");
  EXPECT_FALSE(raw->tls);
  EXPECT_EQ(raw->routes.front().upstream, &v);
}

TEST(Builder, KnowsTheNamesOfAllTermsAndOfRulesForPassingOn) {
  Lab lab;
  const Identity phones = far_leaf("phones.test", lab.ca);
  lab.write("phones.pem", phones.certificate->pem() + certs::testing::key_pem(phones));
  const auto built = lab.build(R"(
certificates: { mail: { cert: leaf.pem }, phones: { cert: phones.pem } }
listeners:
  - name: web
    listen: 127.0.0.1:0
    certificates: [mail]
    tls: { for_clients: { client_type: legacy_phone, certificates: phones } }
    passthrough: { server_name: [none, "*.far.test"], upstream: u }
    upstream: u
upstreams: { u: { servers: [https://127.0.0.1:1] } }
)");
  ASSERT_TRUE(built);
  const Listener* web = built->state->find_listener("web");
  for (const char* name : {"mail.test", "phones.test", "a.far.test"}) {
    EXPECT_NE(web->server_names.label_of(name).index, metrics::kOtherName.index) << name;
  }
  EXPECT_EQ(web->server_names.label_of("none").index, metrics::kOtherName.index);
}

// One run tells all, whichever part of the configuration it is in.
TEST(Builder, FindsAllErrorsInOneRun) {
  Lab lab;
  EXPECT_THAT(
      lab.errors_of(R"(chain: { bundles: gone-bundle.pem, trust: gone-root.pem, aia: { mode: off } }
certificates:
  mail: { cert: gone-leaf.pem }
  two: { cert: leaf.pem, key: gone.key }
tls_policies:
  odd: { ciphers: [NO-SUCH-CIPHER] }
listeners:
  - { name: web, listen: 127.0.0.1:0, certificates: [mail, two], tls: { policy: odd }, upstream: u }
upstreams:
  u:
    servers: [https://127.0.0.1]
    tls: { server_name: mail.test, trust: gone-other-root.pem }
)"),
      ElementsAre(HasSubstr("c.yaml:6:19: TLS policy odd"), HasSubstr("gone-root.pem"),
                  HasSubstr("gone-bundle.pem"), HasSubstr("gone-leaf.pem"), HasSubstr("gone.key"),
                  AllOf(HasSubstr("c.yaml:12:"), HasSubstr("gone-other-root.pem"))));
}

TEST(Builder, CompletesAChainByAiaAndAsksNobodyTwice) {
  Lab lab;
  const std::string url = "http://ca.test/ca.cer";
  lab.fetcher.offer(url, lab.ca);
  const Identity leaf = far_leaf("mail.test", lab.ca, {url});
  lab.write("leaf.pem", leaf.certificate->pem() + certs::testing::key_pem(leaf));
  const std::string config =
      "chain: { trust: root.pem, aia: { cache: aia } }\n"
      "certificates: { mail: { cert: leaf.pem } }\n" +
      kRest;
  const auto first = lab.build(config);
  ASSERT_TRUE(first);
  EXPECT_TRUE(first->complete);
  EXPECT_THAT(lab.fetcher.asked, ElementsAre(url));
  // A reload keeps the service and with it what was asked.
  const auto second = lab.build(config, first->aia);
  ASSERT_TRUE(second);
  EXPECT_TRUE(second->complete);
  EXPECT_EQ(second->aia, first->aia);
  EXPECT_THAT(lab.fetcher.asked, SizeIs(1));
  // Another process finds it in the cache, without the network.
  lab.fetcher.answers.clear();
  const auto third = lab.build(
      "chain: { trust: root.pem, aia: { cache: aia, mode: cache-only } }\n"
      "certificates: { mail: { cert: leaf.pem } }\n" +
          kRest,
      first->aia);
  ASSERT_TRUE(third);
  EXPECT_TRUE(third->complete);
  EXPECT_NE(third->aia, first->aia);
  EXPECT_THAT(lab.fetcher.asked, SizeIs(1));
}

TEST(Builder, AsksNobodyWhenAiaIsOff) {
  Lab lab;
  const Identity leaf = far_leaf("mail.test", lab.ca, {"http://ca.test/ca.cer"});
  lab.write("leaf.pem", leaf.certificate->pem() + certs::testing::key_pem(leaf));
  const auto built =
      lab.build("chain: { " + kAiaOff + " }\ncertificates: { mail: { cert: leaf.pem } }\n" + kRest);
  ASSERT_TRUE(built);
  EXPECT_FALSE(built->complete);
  EXPECT_EQ(built->aia, nullptr);
  EXPECT_THAT(lab.fetcher.asked, IsEmpty());
}

}  // namespace
}  // namespace chainmend::serving::testing
