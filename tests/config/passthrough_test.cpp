// What is said of passthrough: a mode, rules, and servers that can take it.
#include "tests/config/messages.h"

namespace chainmend::config {
namespace {

class PassthroughErrors : public testing::TestWithParam<MessageCase> {};

TEST_P(PassthroughErrors, SayWhatDoesNotGoTogether) {
  EXPECT_EQ(errors_of("listeners:\n" + GetParam().yaml + R"(
certificates: { mail: { pfx: mail.pfx } }
upstreams: { hq: { servers: "https://10.0.0.11" }, plain: { servers: ["https://10.0.0.12", "http://10.0.0.12"] } }
)"),
            GetParam().messages);
}

const std::string kMode = "  - { name: a, listen: 0.0.0.0:1, mode: passthrough, upstream: hq";
const std::string kRules =
    "  - name: a\n    listen: 0.0.0.0:1\n    certificates: mail\n    upstream: hq\n    "
    "passthrough:\n";
const std::string kNoUse = ": has no use in mode passthrough, where TLS does not end here";

INSTANTIATE_TEST_SUITE_P(
    Mode, PassthroughErrors,
    testing::Values(
        MessageCase{"None", kMode + " }\n", {}},
        MessageCase{"Certificates",
                    kMode + ", certificates: mail }\n",
                    {"c.yaml:2:82: \"certificates\"" + kNoUse}},
        MessageCase{
            "Tls", kMode + ", tls: { policy: modern } }\n", {"c.yaml:2:73: \"tls\"" + kNoUse}},
        MessageCase{"TlsOff", kMode + ", tls: off }\n", {"c.yaml:2:73: \"tls\"" + kNoUse}},
        MessageCase{"Rules",
                    kMode + ", passthrough: { source: 10.0.0.1, upstream: hq } }\n",
                    {"c.yaml:2:81: \"passthrough\"" + kNoUse}},
        MessageCase{"Limits",
                    kMode + ", limits: { fields: 100 }, forwarded: true }\n",
                    {"c.yaml:2:76: \"limits\"" + kNoUse, "c.yaml:2:104: \"forwarded\"" + kNoUse}},
        MessageCase{"Routes",
                    "  - { name: a, listen: 0.0.0.0:1, mode: passthrough, routes: { path: /x, "
                    "upstream: hq } }\n",
                    {"c.yaml:2:5: a listener of mode passthrough needs \"upstream\"",
                     "c.yaml:2:62: \"routes\"" + kNoUse}},
        MessageCase{"PlainServer",
                    "  - { name: a, listen: 0.0.0.0:1, mode: passthrough, upstream: plain }\n",
                    {"c.yaml:5:92: http://10.0.0.12:80 cannot take what line 2 passes through, "
                     "which is TLS; write https://"}}),
    name_of);

INSTANTIATE_TEST_SUITE_P(
    Rules, PassthroughErrors,
    testing::Values(
        MessageCase{"None",
                    kRules +
                        "      - { server_name: [certauth.contoso.com, \"*.phones.contoso.com\", "
                        "none], source: [10.0.0.0/8, \"::1\"], client_type: [java_6, openssl], "
                        "upstream: hq }\n",
                    {}},
        MessageCase{"Empty", kRules + "      []\n", {}},
        MessageCase{
            "NoCondition",
            kRules + "      - { upstream: hq }\n",
            {"c.yaml:7:9: passthrough needs \"server_name\", \"source\" or \"client_type\"; a "
             "listener that passes everyone through has \"mode: passthrough\""}},
        MessageCase{"NoUpstream",
                    kRules + "      - { source: 10.0.0.1 }\n",
                    {"c.yaml:7:9: passthrough needs \"upstream\""}},
        MessageCase{"NoSuchNames",
                    kRules + "      - { client_type: java_5, upstream: hk }\n",
                    {"c.yaml:7:24: no client type is called \"java_5\"; did you mean \"java_6\"?",
                     "c.yaml:7:42: no upstream is called \"hk\"; did you mean \"hq\"?"}},
        MessageCase{"NoSuchValues",
                    kRules + "      - { server_name: \"a b\", source: here, upstream: hq }\n",
                    {"c.yaml:7:24: \"server_name\": expected a host name, *.domain or none, found "
                     "\"a b\"",
                     "c.yaml:7:39: \"source\": expected an address or a network such as "
                     "10.20.0.0/16 or 2001:db8::/32, found \"here\""}},
        MessageCase{"PlainServer",
                    kRules + "      - { source: 10.0.0.1, upstream: plain }\n",
                    {"c.yaml:10:92: http://10.0.0.12:80 cannot take what line 7 passes through, "
                     "which is TLS; write https://"}},
        MessageCase{"WithoutTls",
                    "  - { name: a, listen: 0.0.0.0:1, tls: off, upstream: hq, passthrough: { "
                    "source: 10.0.0.1, upstream: hq } }\n",
                    {"c.yaml:2:5: \"passthrough\" has no use with \"tls: off\": there is no hello "
                     "to go by"}}),
    name_of);

const std::string kExample = R"(listeners:
  - name: exchange
    listen: 0.0.0.0:443
    certificates: mail
    upstream: hq
    passthrough:
      - { server_name: CERTAUTH.contoso.com, upstream: hq }
      - { source: [10.30.0.0/16, "2001:db8::/32"], client_type: mitel_ip400, upstream: hq }
  - { name: certauth, listen: 0.0.0.0:6443, mode: passthrough, upstream: hq }
certificates: { mail: { pfx: mail.pfx } }
upstreams: { hq: { servers: "https://10.0.0.11" } }
)";

TEST(PassthroughConfig, IsRead) {
  const Result<Config> config = parse(kExample, "c.yaml");
  ASSERT_TRUE(config);
  const Listener& exchange = config->listeners.at(0);
  ASSERT_EQ(exchange.passthrough.size(), 2);
  EXPECT_EQ(exchange.passthrough[0].match.sni, std::vector<std::string>{"certauth.contoso.com"});
  EXPECT_EQ(texts(exchange.passthrough[1].match.source),
            (std::vector<std::string>{"10.30.0.0/16", "2001:db8:0:0:0:0:0:0/32"}));
  EXPECT_EQ(exchange.passthrough[1].client_types.at(0).value, "mitel_ip400");
  EXPECT_TRUE(exchange.tls);
  const Listener& certauth = config->listeners.at(1);
  EXPECT_EQ(certauth.mode, Mode::passthrough);
  EXPECT_FALSE(certauth.tls);
  EXPECT_EQ(certauth.routes.at(0).upstream, "hq");
}

TEST(PassthroughConfig, WarnsOfATypeThatNoHelloTells) {
  EXPECT_EQ(warnings_of(kExample),
            Messages{"c.yaml:8:65: \"mitel_ip400\" is known only by what it asks for, which is "
                     "after the handshake; say where these clients are: client_types: [{ name: "
                     "mitel_ip400, match: { source: [10.20.0.0/16] } }]"});
}

TEST(PassthroughConfig, IsExplained) {
  const std::string text = explain(parse(kExample, "c.yaml").value());
  EXPECT_THAT(text, testing::HasSubstr(R"(    passthrough:
      - upstream: hq
        server_name: ['certauth.contoso.com']
      - upstream: hq
        source: ['10.30.0.0/16', '2001:db8:0:0:0:0:0:0/32']
        client_type: ['mitel_ip400']
    mode: http
)"));
  EXPECT_THAT(text, testing::HasSubstr("    mode: passthrough\n    upstream: hq\n"));
  EXPECT_THAT(text, testing::Not(testing::HasSubstr("tls: off")));
  // What was explained is a configuration of its own.
  const Result<Config> again =
      parse(text + "certificates: { mail: { pfx: mail.pfx } }\n", "explained.yaml");
  ASSERT_TRUE(again) << testing::PrintToString(describe(again.error()));
  EXPECT_EQ(explain(*again), text);
}

}  // namespace
}  // namespace chainmend::config
