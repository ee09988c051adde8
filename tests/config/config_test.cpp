// What a file that is right turns into.
#include "config/config.h"

#include "tests/config/messages.h"

namespace chainmend::config {
namespace {

using std::chrono::minutes;
using std::chrono::seconds;

Config read(const std::string& yaml, const Path& file = "/etc/chainmend/chainmend.yaml") {
  const Result<Config> config = parse(yaml, file);
  EXPECT_TRUE(config) << testing::PrintToString(config ? Messages{} : describe(config.error()));
  return config.value_or(Config{});
}

TEST(Config, HasDefaultsForAllThatIsLeftOut) {
  const Config config = read(kServing);
  EXPECT_EQ(config.admin, Admin{});
  EXPECT_EQ(config.process, Process{});
  EXPECT_EQ(config.logs, Logs{});
  EXPECT_EQ(config.chain, Chain{});
  ASSERT_EQ(config.listeners.size(), 1U);
  EXPECT_EQ(config.listeners[0].mode, Mode::http);
  EXPECT_TRUE(config.listeners[0].tls);
  EXPECT_EQ(config.listeners[0].policy.value, "intermediate");
  EXPECT_EQ(config.listeners[0].timeouts, ListenerTimeouts{});
  ASSERT_EQ(config.upstreams.size(), 1U);
  EXPECT_EQ(config.upstreams[0].tls, UpstreamTls{});
  EXPECT_EQ(config.upstreams[0].timeouts, UpstreamTimeouts{});
  EXPECT_TRUE(config.warnings.empty());
}

TEST(Config, TakesSectionsWithoutContentAsLeftOut) {
  const Config config =
      read("admin:\nprocess: {}\nlogs:\n  handshakes:\nchain:\n  aia:\n" + std::string(kServing));
  EXPECT_EQ(config.admin, Admin{});
  EXPECT_EQ(config.logs, Logs{});
  EXPECT_EQ(config.chain, Chain{});
}

TEST(Config, ReadsTheProcessAndItsLogs) {
  const Config config = read(R"(admin: { listen: "[::1]:9000" }
process: { threads: 4, max_connections: 100, drain: 0s, user: www-data }
logs: { level: debug, handshakes: { file: log/h.jsonl, successes: 0.5% } }
)" + std::string(kServing));
  ASSERT_TRUE(config.admin.listen);
  EXPECT_EQ(config.admin.listen->value, (Endpoint{"::1", 9000}));
  EXPECT_EQ(config.process, (Process{.threads = 4,
                                     .max_connections = 100,
                                     .drain = seconds(0),
                                     .user = Located<std::string>{"www-data", {}}}));
  EXPECT_EQ(config.logs.level, LogLevel::debug);
  ASSERT_TRUE(config.logs.handshakes.file);
  EXPECT_EQ(config.logs.handshakes.file->value, "/etc/chainmend/log/h.jsonl");
  EXPECT_EQ(config.logs.handshakes.successes, 0.005);
}

TEST(Config, HasNoAdminListenerWhenItIsOff) {
  EXPECT_FALSE(read("admin: off\n" + std::string(kServing)).admin.listen);
  EXPECT_FALSE(read("admin: { listen: off }\n" + std::string(kServing)).admin.listen);
}

TEST(Config, ReadsTheChainSection) {
  const Config config = read(R"(chain:
  bundles: ["ca/*.pem", /srv/ca.p7b, ../up.pem]
  trust: roots.pem
  aia: { mode: cache-only, cache: aia, timeout: 2s, max_size: 10KiB, allow_private_addresses: yes }
  on_incomplete: fail
)" + std::string(kServing));
  EXPECT_THAT(values(config.chain.bundles),
              testing::ElementsAre("/etc/chainmend/ca/*.pem", "/srv/ca.p7b", "/etc/up.pem"));
  EXPECT_FALSE(config.chain.trust.system);
  EXPECT_THAT(values(config.chain.trust.files), testing::ElementsAre("/etc/chainmend/roots.pem"));
  EXPECT_EQ(config.chain.aia,
            (Aia{AiaMode::cache_only, {"/etc/chainmend/aia", {}}, seconds(2), 10240, true}));
  EXPECT_EQ(config.chain.on_incomplete, OnIncomplete::fail);
}

TEST(Config, TrustsTheSystemAndFilesTogether) {
  for (const char* const trust : {"[system, corp.pem]", "[corp.pem, system]"}) {
    const Config config =
        read("chain: { trust: " + std::string(trust) + " }\n" + std::string(kServing));
    EXPECT_TRUE(config.chain.trust.system);
    EXPECT_THAT(values(config.chain.trust.files), testing::ElementsAre("/etc/chainmend/corp.pem"));
  }
  const Config config = read("chain: { trust: [system] }\n" + std::string(kServing));
  EXPECT_TRUE(config.chain.trust.system);
  EXPECT_TRUE(config.chain.trust.files.empty());
}

TEST(Config, ReadsCertificatesSeveralUnderOneName) {
  const Config config = read(R"(certificates:
  mail:
    - { cert: rsa.pem, key: rsa.key, password_file: rsa.pass }
    - { cert: ecdsa.pem }
  phones: { pfx: p.pfx, password_env: _PFX1 }
listeners: { name: a, listen: 0.0.0.0:1, certificates: [mail, phones], upstream: cas }
upstreams: { cas: { servers: "http://a" } }
)");
  ASSERT_EQ(config.certificates.size(), 3U);
  const Certificate& rsa = config.certificates[0];
  EXPECT_EQ(rsa.name, "mail");
  EXPECT_EQ(rsa.at.describe(), "/etc/chainmend/chainmend.yaml:3:7");
  EXPECT_FALSE(rsa.pfx);
  EXPECT_EQ(rsa.cert->value, "/etc/chainmend/rsa.pem");
  EXPECT_EQ(rsa.cert->at.describe(), "/etc/chainmend/chainmend.yaml:3:15");
  EXPECT_EQ(rsa.key->value, "/etc/chainmend/rsa.key");
  EXPECT_EQ(rsa.password_file->value, "/etc/chainmend/rsa.pass");
  EXPECT_EQ(config.certificates[1].name, "mail");
  EXPECT_EQ(config.certificates[1].cert->value, "/etc/chainmend/ecdsa.pem");
  EXPECT_FALSE(config.certificates[1].key);
  EXPECT_EQ(config.certificates[2].name, "phones");
  EXPECT_EQ(config.certificates[2].pfx->value, "/etc/chainmend/p.pfx");
  EXPECT_EQ(config.certificates[2].password_env->value, "_PFX1");
  EXPECT_THAT(values(config.listeners[0].certificates), testing::ElementsAre("mail", "phones"));
}

TEST(Config, ReadsClientTypes) {
  const Config config = read(R"(clients: { learn: off, file: seen }
client_types:
  - name: lync_phone_edition
    match: { source: [10.20.0.0/16, "2001:db8::/32"], listener: exchange, sni: [None, "*.Contoso.com"] }
  - name: lync_phone_edition
    match: { offers_at_most: 1.0, suites: [0x002f, 53], extensions: [] }
  - { name: mine, match: { ja3: 51A7AD14509FD614C7BB3A50C4982B8C, ja4: "t10i*", alpn: h2, hello_format: sslv2 } }
)" + std::string(kServing));
  EXPECT_EQ(config.clients, (Clients{false, {"/etc/chainmend/seen", {}}}));
  ASSERT_EQ(config.client_types.size(), 3U);
  const ClientTypeRule& first = config.client_types[0];
  EXPECT_EQ(first.name, "lync_phone_edition");
  EXPECT_EQ(first.at.describe(), "/etc/chainmend/chainmend.yaml:3:5");
  ASSERT_EQ(first.match.source.size(), 2U);
  EXPECT_EQ(first.match.source[0].prefix, 96 + 16);
  EXPECT_EQ(first.match.source[1].prefix, 32);
  EXPECT_THAT(first.match.listener, testing::ElementsAre("exchange"));
  EXPECT_THAT(first.match.sni, testing::ElementsAre("none", "*.contoso.com"));
  EXPECT_EQ(first.match.extensions, std::nullopt);
  const ClientMatch& second = config.client_types[1].match;
  EXPECT_EQ(second.offers_at_most, TlsVersion::tls1_0);
  EXPECT_THAT(second.suites, testing::ElementsAre(0x2f, 0x35));
  EXPECT_EQ(second.extensions, std::vector<std::uint16_t>{});
  const ClientMatch& third = config.client_types[2].match;
  EXPECT_THAT(third.ja3, testing::ElementsAre("51a7ad14509fd614c7bb3a50c4982b8c"));
  EXPECT_THAT(third.ja4, testing::ElementsAre("t10i*"));
  EXPECT_THAT(third.alpn, testing::ElementsAre("h2"));
  EXPECT_EQ(third.hello_format, HelloFormat::sslv2);
}

TEST(Config, ReadsWhatIsDifferentForSomeClients) {
  const Config config = read(R"(
listeners:
  - name: a
    listen: 0.0.0.0:1
    certificates: mail
    upstream: cas
    tls:
      policy: modern
      for_clients:
        - { client_type: legacy_phone, policy: legacy-tls10, chain: phones }
        - { client_type: mine, chain: old, certificates: [phones, mail] }
client_types: { name: mine, match: { sni: none } }
trust_profiles: { phones: { roots: a.pem } }  # whose chain goes by its name
certificates: { mail: { pfx: a, chains: { old: {} } }, phones: { pfx: b } }
upstreams: { cas: { servers: "http://a" } }
)");
  const auto& for_clients = config.listeners.at(0).for_clients;
  ASSERT_EQ(for_clients.size(), 2U);
  EXPECT_EQ(for_clients[0].client_type.value, "legacy_phone");
  ASSERT_TRUE(for_clients[0].policy);
  EXPECT_EQ(for_clients[0].policy->value, "legacy-tls10");
  EXPECT_EQ(for_clients[0].chain->value, "phones");
  EXPECT_EQ(for_clients[0].chain->at.describe(), "/etc/chainmend/chainmend.yaml:10:69");
  EXPECT_EQ(for_clients[1].client_type.value, "mine");
  EXPECT_FALSE(for_clients[1].policy);
  EXPECT_THAT(for_clients[0].certificates, testing::IsEmpty());
  EXPECT_THAT(values(for_clients[1].certificates), testing::ElementsAre("phones", "mail"));
  EXPECT_EQ(for_clients[1].at.line, 11);
}

TEST(Config, ReadsTrustProfilesAndTheChainsBuiltForThem) {
  const Config config = read(R"(
trust_profiles:
  phones: { roots: [roots/*.pem, more.sst] }
  today: { roots: system }
certificates:
  mail:
    pfx: a
    weak: allow
    preferred_root: Old Root
    chains:
      old: { trust_profile: phones, send_root: true, weak: refuse }
      raw: { trust_profile: today, serve: as-given }
listeners:
  - { name: a, listen: 0.0.0.0:1, certificates: mail, upstream: cas, tls: { trust_profiles: [phones, today] } }
upstreams: { cas: { servers: "http://a" } }
)");
  ASSERT_EQ(config.trust_profiles.size(), 2U);
  EXPECT_EQ(config.trust_profiles[0].name, "phones");
  EXPECT_EQ(config.trust_profiles[0].roots.files.at(1).value, "/etc/chainmend/more.sst");
  EXPECT_TRUE(config.trust_profiles[1].roots.system);
  const Certificate& mail = config.certificates.at(0);
  EXPECT_EQ(mail.rules.weak, Weak::allow);
  EXPECT_EQ(mail.rules.preferred_root->value, "Old Root");
  ASSERT_EQ(mail.chains.size(), 2U);
  const ChainRules& old = mail.chains[0].rules;  // as the certificate's, but for what it says
  EXPECT_TRUE(old.send_root);
  EXPECT_EQ(old.weak, Weak::refuse);
  EXPECT_EQ(old.preferred_root->value, "Old Root");
  EXPECT_EQ(mail.chains[0].trust_profile->value, "phones");
  EXPECT_EQ(mail.chains[1].rules.serve, Serve::as_given);
  EXPECT_EQ(mail.chains[1].rules.weak, Weak::allow);
  EXPECT_THAT(values(config.listeners.at(0).trust_profiles),
              testing::ElementsAre("phones", "today"));
}

TEST(Config, ReadsPolicies) {
  const Config config = read(R"(tls_policies:
  phones: { base: legacy-tls10, min: TLSv1.0, max: "1.2", ciphers: [A-B, C], suites: S, groups: [P-256], tickets: off, empty_fragments: on, dh_bits: 1024 }
  plain: {}
listeners:
  - { name: a, listen: 0.0.0.0:1, certificates: mail, tls: { policy: phones }, upstream: cas }
  - { name: b, listen: 0.0.0.0:2, certificates: mail, tls: { policy: plain }, upstream: cas }
certificates: { mail: { pfx: a } }
upstreams: { cas: { servers: "http://a" } }
)");
  ASSERT_EQ(config.tls_policies.size(), 2U);
  const TlsPolicy& phones = config.tls_policies[0];
  EXPECT_EQ(phones.name, "phones");
  EXPECT_EQ(phones.at.line, 2);
  EXPECT_EQ(phones.base, "legacy-tls10");
  EXPECT_EQ(phones.min->value, TlsVersion::tls1_0);
  EXPECT_EQ(phones.max->value, TlsVersion::tls1_2);
  EXPECT_THAT(phones.ciphers->value, testing::ElementsAre("A-B", "C"));
  EXPECT_EQ(phones.ciphers->at.column, 68);
  EXPECT_THAT(phones.suites->value, testing::ElementsAre("S"));
  EXPECT_THAT(phones.groups->value, testing::ElementsAre("P-256"));
  EXPECT_EQ(phones.tickets, false);
  EXPECT_EQ(phones.empty_fragments, true);
  EXPECT_EQ(phones.dh_bits->value, 1024);
  EXPECT_EQ(config.tls_policies[1].base, "intermediate");
  EXPECT_EQ(config.tls_policies[1].tickets, std::nullopt);
  EXPECT_EQ(config.listeners[0].policy.value, "phones");
}

TEST(Config, ReadsListeners) {
  const Config config = read(R"(listeners:
  - name: exchange
    listen: ["0.0.0.0:443", "[::]:443"]
    certificates: mail
    tls: on
    timeouts: { first_byte: 1s, handshake: 2s, head: 3s, keep_alive: 4s, idle: 35m }
    routes:
      - { path: /EWS, upstream: cas }
      - { path: /rpc, upstream: hq }
    upstream: hq
  - { name: syslog, listen: 10.0.0.1:514, mode: tcp, tls: off, upstream: hq }
certificates: { mail: { pfx: a } }
upstreams: { cas: { servers: "http://a" }, hq: { servers: "http://b" } }
)");
  ASSERT_EQ(config.listeners.size(), 2U);
  const Listener& exchange = config.listeners[0];
  EXPECT_EQ(exchange.name, "exchange");
  EXPECT_EQ(exchange.at.line, 2);
  EXPECT_THAT(values(exchange.listen),
              testing::ElementsAre(Endpoint{"0.0.0.0", 443}, Endpoint{"::", 443}));
  EXPECT_EQ(exchange.listen[1].at.describe(), "/etc/chainmend/chainmend.yaml:3:29");
  EXPECT_TRUE(exchange.tls);
  EXPECT_EQ(exchange.timeouts, (ListenerTimeouts{seconds(1), seconds(2), seconds(3), seconds(4),
                                                 minutes(35), minutes(35), minutes(35)}));
  ASSERT_EQ(exchange.routes.size(), 3U);
  EXPECT_EQ(exchange.routes[0].path, "/EWS");
  EXPECT_EQ(exchange.routes[0].upstream, "cas");
  EXPECT_EQ(exchange.routes[0].at.line, 8);
  EXPECT_EQ(exchange.routes[2].path, "/");
  EXPECT_EQ(exchange.routes[2].upstream, "hq");
  EXPECT_EQ(exchange.routes[2].at.line, 10);
  const Listener& syslog = config.listeners[1];
  EXPECT_EQ(syslog.mode, Mode::tcp);
  EXPECT_FALSE(syslog.tls);
  ASSERT_EQ(syslog.routes.size(), 1U);
}

TEST(Config, ReadsUpstreams) {
  const Config config = read(R"(upstreams:
  cas:
    servers: [https://10.0.0.11, "https://Mail.Contoso.com:8443/", http://b, "https://[2001:db8::1]:444", "http://[::1]"]
    tls: { verify: no, repair_chain: false, server_name: mail.contoso.com, trust: [a.pem, b.pem] }
    timeouts: { connect: 1s, handshake: 2s }
listeners: { name: a, listen: 0.0.0.0:1, tls: off, upstream: cas }
)");
  ASSERT_EQ(config.upstreams.size(), 1U);
  const Upstream& cas = config.upstreams[0];
  EXPECT_EQ(cas.name, "cas");
  EXPECT_EQ(cas.at.line, 2);
  Messages servers;
  for (const Server& server : cas.servers) {
    servers.push_back(server.text());
  }
  EXPECT_EQ(servers, (Messages{"https://10.0.0.11:443", "https://mail.contoso.com:8443",
                               "http://b:80", "https://[2001:db8::1]:444", "http://[::1]:80"}));
  EXPECT_EQ(cas.servers[3].host, "2001:db8::1");
  EXPECT_EQ(cas.servers[1].at.describe(), "/etc/chainmend/chainmend.yaml:3:34");
  EXPECT_FALSE(cas.tls.verify);
  EXPECT_FALSE(cas.tls.repair_chain);
  EXPECT_EQ(cas.tls.server_name, "mail.contoso.com");
  ASSERT_TRUE(cas.tls.trust);
  EXPECT_FALSE(cas.tls.trust->system);
  EXPECT_THAT(values(cas.tls.trust->files),
              testing::ElementsAre("/etc/chainmend/a.pem", "/etc/chainmend/b.pem"));
  EXPECT_EQ(cas.timeouts, (UpstreamTimeouts{seconds(1), seconds(2)}));
}

TEST(Config, StartsRelativePathsAtTheFolderOfARelativeFile) {
  const Config config =
      read("chain: { bundles: a.pem }\n" + std::string(kServing), "conf/chainmend.yaml");
  EXPECT_EQ(config.file, "conf/chainmend.yaml");
  EXPECT_EQ(config.chain.bundles[0].value, std::filesystem::current_path() / "conf" / "a.pem");
  EXPECT_EQ(config.chain.bundles[0].at.describe(), "conf/chainmend.yaml:1:19");
}

TEST(Config, ComparesValuesAndNotTheirPlaces) {
  const Config one = read("chain: { bundles: a.pem }\n" + std::string(kServing));
  const Config moved = read("\n\nchain: { bundles:   a.pem }\n" + std::string(kServing));
  const Config other = read("chain: { bundles: b.pem }\n" + std::string(kServing));
  EXPECT_EQ(one.chain, moved.chain);
  EXPECT_NE(one.chain, other.chain);
}

}  // namespace
}  // namespace chainmend::config
