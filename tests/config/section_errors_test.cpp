// What each section refuses: unknown keys, wrong types, values out of bounds.
#include "config/client_types.h"
#include "config/quote.h"
#include "tests/config/messages.h"

namespace chainmend::config {
namespace {

class SectionErrors : public testing::TestWithParam<MessageCase> {};

TEST_P(SectionErrors, SayWhatWasExpectedAndWhatWasFound) {
  EXPECT_EQ(errors_of(GetParam().yaml + kServing), GetParam().messages);
}

INSTANTIATE_TEST_SUITE_P(
    Whole, SectionErrors,
    testing::Values(
        MessageCase{
            "UnknownSection",
            "\nlog: { level: info }",
            {"c.yaml:2:1: unknown key \"log\" in the configuration; did you mean \"logs\"?"}},
        MessageCase{"UnlikeAnything",
                    "frontends: {}",
                    {"c.yaml:1:1: unknown key \"frontends\" in the configuration; known: admin, "
                     "process, limits, reload, logs, "
                     "chain, trust_profiles, certificates, tls_policies, clients, client_types, "
                     "listeners, upstreams"}},
        MessageCase{
            "NoSpaceAfterTheColon",
            "process:\n  threads:1:\n",
            {"c.yaml:2:3: unknown key \"threads:1\" in process; write a space after the colon"}}),
    name_of);

INSTANTIATE_TEST_SUITE_P(
    AdminProcessLogs, SectionErrors,
    testing::Values(
        MessageCase{"AdminListenName",
                    "admin: { listen: \"localhost:9465\" }",
                    {"c.yaml:1:18: \"listen\": expected an address and port such as 0.0.0.0:443 "
                     "or, in quotes, "
                     "\"[::]:443\", found \"localhost:9465\""}},
        MessageCase{"AdminListenList",
                    "admin:\n  listen: [\"127.0.0.1:1\"]",
                    {"c.yaml:2:11: \"listen\": expected an address and port such as 0.0.0.0:443 "
                     "or, in quotes, "
                     "\"[::]:443\", found a list"}},
        MessageCase{
            "AdminOn",
            "admin: on",
            {"c.yaml:1:8: \"admin\": expected admin as a map of \"key: value\", found \"on\""}},
        MessageCase{
            "ThreadsZero",
            "process: { threads: 0 }",
            {"c.yaml:1:21: \"threads\": expected auto or a number from 1 to 256, found \"0\""}},
        MessageCase{
            "ThreadsMany",
            "process: { threads: 257 }",
            {"c.yaml:1:21: \"threads\": expected auto or a number from 1 to 256, found \"257\""}},
        MessageCase{
            "ThreadsNothing",
            "process:\n  threads:\n  drain: 1s",
            {"c.yaml:2:3: \"threads\": expected auto or a number from 1 to 256, found nothing"}},
        MessageCase{"ConnectionsZero",
                    "process: { max_connections: 0 }",
                    {"c.yaml:1:29: \"max_connections\": must be from 1 to 10000000"}},
        MessageCase{"ConnectionsWord",
                    "process: { max_connections: many }",
                    {"c.yaml:1:29: \"max_connections\": expected a number, found \"many\""}},
        MessageCase{"DrainWithoutUnit",
                    "process: { drain: 600 }",
                    {"c.yaml:1:19: \"drain\": expected a duration such as 500ms, 10s, 65m or 1h, "
                     "found \"600\""}},
        MessageCase{"DrainEver",
                    "process: { drain: 366d }",
                    {"c.yaml:1:19: \"drain\": must be at most 365d"}},
        MessageCase{"UserNumber",
                    "process: { user: 1000 }",
                    {"c.yaml:1:18: \"user\": expected the name of a user such as chainmend, found "
                     "\"1000\""}},
        MessageCase{"UserWithBlank",
                    "process: { user: www data }",
                    {"c.yaml:1:18: \"user\": expected the name of a user such as chainmend, found "
                     "\"www data\""}},
        MessageCase{"ProcessList",
                    "process: [ threads ]",
                    {"c.yaml:1:10: \"process\": expected process as a map of \"key: value\", found "
                     "a list"}},
        MessageCase{"LevelNearly",
                    "logs: { level: warning }",
                    {"c.yaml:1:16: \"level\": expected one of debug, info, warn, error, found "
                     "\"warning\"; did you "
                     "mean \"warn\"?"}},
        MessageCase{
            "LevelFar",
            "logs: { level: 7 }",
            {"c.yaml:1:16: \"level\": expected one of debug, info, warn, error, found \"7\""}},
        MessageCase{"LogFileEmpty",
                    "logs: { handshakes: { file: \"\" } }",
                    {"c.yaml:1:29: \"file\": the file name is empty"}},
        MessageCase{"LogFileMap",
                    "logs: { handshakes: { file: { name: x } } }",
                    {"c.yaml:1:29: \"file\": expected a file name, found a map"}},
        MessageCase{"HandshakesUnknown",
                    "logs: { handshakes: { path: x } }",
                    {"c.yaml:1:23: unknown key \"path\" in logs.handshakes; known: file, "
                     "successes, hellos"}},
        MessageCase{"Successes",
                    "logs: { handshakes: { successes: 101% } }",
                    {"c.yaml:1:34: \"successes\": expected none, all or a share such as 1%, found "
                     "\"101%\""}}),
    name_of);

INSTANTIATE_TEST_SUITE_P(
    Chain, SectionErrors,
    testing::Values(
        MessageCase{"BundleNothing",
                    "chain: { bundles: [a, ~] }",
                    {"c.yaml:1:23: \"bundles\": expected a value, found nothing"}},
        MessageCase{"BundlePasted",
                    "chain:\n  bundles: |\n    -----BEGIN CERTIFICATE-----\n    MIIB\n",
                    {"c.yaml:2:12: \"bundles\": expected a file name, found several lines"}},
        MessageCase{
            "TrustNobody", "chain: { trust: [] }", {"c.yaml:1:17: \"trust\": the list is empty"}},
        MessageCase{"AiaMode",
                    "chain: { aia: { mode: cache_only } }",
                    {"c.yaml:1:23: \"mode\": expected one of fetch, cache-only, off, found "
                     "\"cache_only\"; did you "
                     "mean \"cache-only\"?"}},
        MessageCase{"AiaTimeoutZero",
                    "chain: { aia: { timeout: 0s } }",
                    {"c.yaml:1:26: \"timeout\": must be more than 0"}},
        MessageCase{"AiaSizeUnit",
                    "chain: { aia: { max_size: 64KB } }",
                    {"c.yaml:1:27: \"max_size\": expected a size such as 1000, 64KiB or 2GiB, "
                     "found \"64KB\""}},
        MessageCase{"AiaSizeHuge",
                    "chain: { aia: { max_size: 1GiB } }",
                    {"c.yaml:1:27: \"max_size\": must be from 1024 to 16777216"}},
        MessageCase{
            "AiaPrivate",
            "chain: { aia: { allow_private_addresses: maybe } }",
            {"c.yaml:1:42: \"allow_private_addresses\": expected true or false, found \"maybe\""}},
        MessageCase{
            "OnIncomplete",
            "chain: { on_incomplete: ignore }",
            {"c.yaml:1:25: \"on_incomplete\": expected one of warn, fail, found \"ignore\""}}),
    name_of);

INSTANTIATE_TEST_SUITE_P(
    Policies, SectionErrors,
    testing::Values(
        MessageCase{"List",
                    "tls_policies: [ a ]",
                    {"c.yaml:1:15: \"tls_policies\": expected TLS policies by name, found a list"}},
        MessageCase{"BuiltInName",
                    "tls_policies: { modern: { min: 1.0 } }",
                    {"c.yaml:1:17: \"modern\" is built in; choose another name"}},
        MessageCase{"Base",
                    "tls_policies: { p: { base: legacy } }",
                    {"c.yaml:1:28: \"base\": expected one of modern, intermediate, "
                     "compatible-tls12, legacy-tls10, "
                     "found \"legacy\"; "
                     "did you mean \"legacy-tls10\"?"}},
        MessageCase{"Version",
                    "tls_policies: { p: { min: ssl3 } }",
                    {"c.yaml:1:27: \"min\": expected one of 1.0, 1.1, 1.2, 1.3, found \"ssl3\""}},
        MessageCase{"DhBits",
                    "tls_policies: { p: { dh_bits: 768 } }",
                    {"c.yaml:1:31: \"dh_bits\": expected one of 1024, 2048, 3072, 4096, found "
                     "\"768\""}},
        MessageCase{"MinAboveMax",
                    "tls_policies: { p: { min: 1.3, max: 1.2 } }",
                    {"c.yaml:1:37: \"max\" is lower than \"min\""}},
        MessageCase{"CipherString",
                    "tls_policies: { p: { ciphers: \"ALL:@SECLEVEL=0\" } }",
                    {"c.yaml:1:31: \"ciphers\": expected one name of letters, digits, - and _ per "
                     "item, found \"ALL:@SECLEVEL=0\"; write a list, as in "
                     "[ECDHE-RSA-AES128-SHA, AES128-SHA]"}},
        MessageCase{"NoSuites",
                    "tls_policies: { p: { suites: [] } }",
                    {"c.yaml:1:30: \"suites\": the list is empty"}},
        MessageCase{"Groups",
                    "tls_policies: { p: { groups: [[X25519]] } }",
                    {"c.yaml:1:31: \"groups\": expected a name, found a list"}},
        MessageCase{"Tickets",
                    "tls_policies: { p: { tickets: 3 } }",
                    {"c.yaml:1:31: \"tickets\": expected true or false, found \"3\""}}),
    name_of);

INSTANTIATE_TEST_SUITE_P(
    ClientTypes, SectionErrors,
    testing::Values(
        MessageCase{
            "Name",
            "client_types: [ { name: \"My phones\", match: { sni: none } } ]",
            {"c.yaml:1:25: \"name\": the name \"My phones\" must be 1 to 64 of a-z, 0-9, _, "
             ". and -"}},
        MessageCase{"NoName",
                    "client_types: [ { match: { sni: none } } ]",
                    {"c.yaml:1:17: a client type needs \"name\""}},
        MessageCase{"Other",
                    "client_types: [ { name: other, match: { sni: none } } ]",
                    {"c.yaml:1:17: \"other\" is what no rule names; choose another name"}},
        MessageCase{"NoMatch",
                    "client_types: [ { name: a } ]",
                    {"c.yaml:1:17: a client type needs \"match\""}},
        MessageCase{
            "EmptyMatch",
            "client_types: [ { name: a, match: {} } ]",
            {"c.yaml:1:35: \"match\": needs at least one condition; without one every client "
             "would match"}},
        MessageCase{
            "UnknownCondition",
            "client_types: [ { name: a, match: { user_agent: x } } ]",
            {"c.yaml:1:37: unknown key \"user_agent\" in match; known: source, listener, sni, "
             "offers_at_most, suites, extensions, ja3, ja4, alpn, hello_format"}},
        MessageCase{
            "Source",
            "client_types: [ { name: a, match: { source: [10.0.0.0/33, \"::/129\", a] } } ]",
            {"c.yaml:1:46: \"source\": expected an address or a network such as 10.20.0.0/16 "
             "or 2001:db8::/32, found \"10.0.0.0/33\"",
             "c.yaml:1:59: \"source\": expected an address or a network such as 10.20.0.0/16 "
             "or 2001:db8::/32, found \"::/129\"",
             "c.yaml:1:69: \"source\": expected an address or a network such as 10.20.0.0/16 "
             "or 2001:db8::/32, found \"a\""}},
        MessageCase{
            "Listener",
            "client_types: [ { name: a, match: { listener: exchagne } } ]",
            {"c.yaml:1:47: no listener is called \"exchagne\"; did you mean \"exchange\"?"}},
        MessageCase{"Sni",
                    "client_types: [ { name: a, match: { sni: [\"*\", \"a.*.b\"] } } ]",
                    {"c.yaml:1:43: \"sni\": expected a host name, *.domain or none, found \"*\"",
                     "c.yaml:1:48: \"sni\": expected a host name, *.domain or none, found "
                     "\"a.*.b\""}},
        MessageCase{"Suites",
                    "client_types: [ { name: a, match: { suites: [AES128-SHA, 0x10000] } } ]",
                    {"c.yaml:1:46: \"suites\": expected a number up to 65535 such as 0x002f or 47, "
                     "found \"AES128-SHA\"",
                     "c.yaml:1:58: \"suites\": expected a number up to 65535 such as 0x002f or 47, "
                     "found \"0x10000\""}},
        MessageCase{"NoSuites",
                    "client_types: [ { name: a, match: { suites: [] } } ]",
                    {"c.yaml:1:45: \"suites\": the list is empty"}},
        MessageCase{"Fingerprints",
                    "client_types: [ { name: a, match: { ja3: 51a7ad14*, ja4: \"t10?\" } } ]",
                    {"c.yaml:1:42: \"ja3\": expected a JA3 of 32 hex digits, found \"51a7ad14*\"",
                     "c.yaml:1:58: \"ja4\": expected a JA4, or a part of one with * for the rest, "
                     "found \"t10?\""}},
        MessageCase{
            "Words",
            "client_types: [ { name: a, match: { hello_format: ssl2, offers_at_most: 2.0, "
            "alpn: \"\" } } ]",
            {"c.yaml:1:51: \"hello_format\": expected one of tls, sslv2, found \"ssl2\"; did "
             "you mean \"sslv2\"?",
             "c.yaml:1:73: \"offers_at_most\": expected one of 1.0, 1.1, 1.2, 1.3, found "
             "\"2.0\"",
             "c.yaml:1:84: \"alpn\": expected a protocol such as http/1.1, or none, found "
             "\"\""}},
        MessageCase{"Learning",
                    "clients: { learn: always, file: \"\" }",
                    {"c.yaml:1:19: \"learn\": expected true or false, found \"always\"",
                     "c.yaml:1:33: \"file\": the file name is empty"}}),
    name_of);

TEST(ClientTypeErrors, SayThatThereAreTooMany) {
  std::string yaml = "client_types:\n";
  const auto room = kMaxClientTypes - kBuiltInClientTypes.size();
  for (std::size_t i = 0; i < room; ++i) {
    yaml += "  - { name: t" + std::to_string(i) + ", match: { sni: none } }\n";
  }
  yaml += "  - { name: t0, match: { sni: a.b } }\n";  // a second rule of one type is no type more
  yaml += "  - { name: ios, match: { sni: a.b } }\n";
  EXPECT_EQ(errors_of(yaml + kServing), Messages{});
  yaml += "  - { name: over, match: { sni: none } }\n  - { name: more, match: { sni: none } }\n";
  EXPECT_EQ(
      errors_of(yaml + kServing),
      Messages{"c.yaml:" + std::to_string(room + 4) + ":5: more than " + std::to_string(room) +
               " client types of your own; each is a label of metrics"});
}

class UpstreamErrors : public testing::TestWithParam<MessageCase> {};

TEST_P(UpstreamErrors, SayWhatAServerLooksLike) {
  EXPECT_EQ(errors_of("upstreams:\n  cas: " + GetParam().yaml + R"(
certificates: { mail: { pfx: mail.pfx } }
listeners: [ { name: exchange, listen: "0.0.0.0:443", certificates: mail, upstream: cas } ]
)"),
            GetParam().messages);
}

INSTANTIATE_TEST_SUITE_P(
    Keys, UpstreamErrors,
    testing::Values(
        MessageCase{"Nothing", "{}", {"c.yaml:2:8: an upstream needs \"servers\""}},
        MessageCase{
            "NoServers", "{ servers: [] }", {"c.yaml:2:19: \"servers\": the list is empty"}},
        MessageCase{"ServerOnly",
                    "http://a",
                    {"c.yaml:2:8: \"cas\": expected an upstream as a map of \"key: value\", found "
                     "\"http://a\""}},
        MessageCase{"Verify",
                    "{ servers: \"https://a\", tls: { verify: none } }",
                    {"c.yaml:2:47: \"verify\": expected true or false, found \"none\""}},
        MessageCase{"ServerName",
                    "{ servers: \"https://a\", tls: { server_name: \"https://a\" } }",
                    {"c.yaml:2:52: \"server_name\": expected a host name, found \"https://a\""}},
        MessageCase{"Timeout",
                    "{ servers: \"https://a\", timeouts: { connect: 0ms, read: 1s } }",
                    {"c.yaml:2:53: \"connect\": must be more than 0",
                     "c.yaml:2:58: unknown key \"read\" in timeouts; known: connect, handshake"}},
        MessageCase{"SameServerTwice",
                    "{ servers: [\"https://A\", \"http://a\", \"https://a:443/\"] }",
                    {"c.yaml:2:45: https://a:443 is given twice"}}),
    name_of);

TEST(UpstreamErrors, NameTheServerThatIsNone) {
  for (const char* server :
       {"https://", "https://:443", "https://a:0", "https://a:65536", "https://a:x",
        "https://a/owa", "https://a?b", "https://a b", "https://[::1", "https://::1",
        "https://[10.0.0.1]", "ftp://a", "https//a"}) {
    EXPECT_THAT(
        errors_of("listeners: []\nupstreams: { cas: { servers: \"" + std::string(server) +
                  "\" } }"),
        testing::Contains(testing::StartsWith(
            "c.yaml:2:30: \"servers\": expected http://host:port or https://host:port, found \"" +
            std::string(server) + "\"")))
        << server;
  }
  EXPECT_THAT(errors_of("upstreams: { cas: { servers: 10.0.0.11 } }"),
              testing::Contains(
                  "c.yaml:1:30: \"servers\": expected http://host:port or https://host:port, found "
                  "\"10.0.0.11\"; https:// says that TLS is spoken to it, http:// that not"));
}

TEST(UpstreamErrors, DoNotRepeatThePasswordOfAServer) {
  EXPECT_THAT(
      errors_of("upstreams: { cas: { servers: \"https://me:hunter2@a\" } }"),
      testing::Contains(
          "c.yaml:1:30: \"servers\": expected http://host:port or https://host:port, without "
          "user or password"));
}

TEST(Messages, ShowWhatCannotBeSeen) {
  EXPECT_EQ(errors_of("logs: { \xE2\x80\x8Blevel: info }" + std::string(kServing)),
            Messages{"c.yaml:1:9: unknown key \"<U+200B>level\" in logs; did you mean \"level\"?"});
  EXPECT_EQ(errors_of("logs: { level: info\xC2\xA0 }" + std::string(kServing)),
            Messages{"c.yaml:1:16: \"level\": expected one of debug, info, warn, error, found "
                     "\"info<U+00A0>\"; did you mean \"info\"?"});
}

// Also what comes from a command line, which is any bytes.
TEST(Messages, LetNoControlCharacterHideInBrokenUtf8) {
  EXPECT_EQ(quote("\xE1\x1B[31m"), "\"<0xE1><U+001B>[31m\"");
  EXPECT_EQ(quote("\xC2"), "\"<0xC2>\"");
}

TEST(Messages, CutAndEscapeWhatTheyRepeat) {
  EXPECT_EQ(errors_of("logs: { level: \"a\\e[31m\\u007fb\" }" + std::string(kServing)),
            Messages{"c.yaml:1:16: \"level\": expected one of debug, info, warn, error, found "
                     "\"a<U+001B>[31m<U+007F>b\""});
  EXPECT_EQ(errors_of("logs: { level: " + std::string(39, 'x') + "\xC3\xBC" + "yz }" +
                      std::string(kServing)),
            Messages{"c.yaml:1:16: \"level\": expected one of debug, info, warn, error, found \"" +
                     std::string(39, 'x') + "...\""});
}

}  // namespace
}  // namespace chainmend::config
