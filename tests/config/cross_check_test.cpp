// What goes wrong between the parts of a file: names, addresses, certificates and routes of
// listeners.
#include "tests/config/messages.h"

namespace chainmend::config {
namespace {

class ListenerErrors : public testing::TestWithParam<MessageCase> {};

TEST_P(ListenerErrors, SayWhatDoesNotGoTogether) {
  EXPECT_EQ(errors_of("listeners:\n" + GetParam().yaml + R"(
certificates: { mail: { pfx: mail.pfx } }
upstreams: { cas: { servers: "http://10.0.0.11" }, hq: { servers: "http://10.0.0.12" } }
)"),
            GetParam().messages);
}

INSTANTIATE_TEST_SUITE_P(
    Names, ListenerErrors,
    testing::Values(
        MessageCase{"ListenerTwice",
                    "  - { name: a, listen: 0.0.0.0:1, tls: off, upstream: cas }\n"
                    "  - { name: a, listen: 0.0.0.0:2, tls: off, upstream: cas }\n",
                    {"c.yaml:3:13: listener \"a\" is defined twice; first on line 2"}},
        MessageCase{"NoName",
                    "  - { listen: 0.0.0.0:1, tls: off, upstream: cas }\n",
                    {"c.yaml:2:5: a listener needs \"name\""}},
        MessageCase{"CapitalLetters",
                    "  - { name: Exchange, listen: 0.0.0.0:1, tls: off, upstream: cas }\n",
                    {"c.yaml:2:13: \"name\": the name \"Exchange\" must be 1 to 64 of a-z, 0-9, _, "
                     ". and -"}},
        MessageCase{
            "EmptyName",
            "  - { name: \"\", listen: 0.0.0.0:1, tls: off, upstream: cas }\n",
            {"c.yaml:2:13: \"name\": the name \"\" must be 1 to 64 of a-z, 0-9, _, . and -"}},
        MessageCase{"LongName",
                    "  - { name: " + std::string(65, 'a') +
                        ", listen: 0.0.0.0:1, tls: off, upstream: cas }\n",
                    {"c.yaml:2:13: \"name\": the name \"" + std::string(40, 'a') +
                     "...\" must be 1 to 64 of a-z, 0-9, _, . and -"}},
        MessageCase{
            "UnknownCertificate",
            "  - { name: a, listen: 0.0.0.0:1, certificates: [mail, mial], upstream: cas }\n",
            {"c.yaml:2:56: no certificate is called \"mial\"; did you mean \"mail\"?"}},
        MessageCase{"UnknownPolicy",
                    "  - { name: a, listen: 0.0.0.0:1, certificates: mail, tls: { policy: modren "
                    "}, upstream: cas }\n",
                    {"c.yaml:2:70: no TLS policy is called \"modren\"; did you mean \"modern\"?"}},
        MessageCase{"UnknownUpstream",
                    "  - { name: a, listen: 0.0.0.0:1, tls: off, upstream: exchange }\n",
                    {"c.yaml:2:55: no upstream is called \"exchange\"; known: cas, hq"}},
        MessageCase{"UnknownUpstreamOfARoute",
                    "  - name: a\n    listen: 0.0.0.0:1\n    tls: off\n    routes:\n"
                    "      - { path: /, upstream: cas }\n      - { path: /x, upstream: hk }\n",
                    {"c.yaml:7:31: no upstream is called \"hk\"; did you mean \"hq\"?"}}),
    name_of);

INSTANTIATE_TEST_SUITE_P(
    Addresses, ListenerErrors,
    testing::Values(
        MessageCase{"NoListen",
                    "  - { name: a, tls: off, upstream: cas }\n",
                    {"c.yaml:2:5: a listener needs \"listen\""}},
        MessageCase{"EmptyListen",
                    "  - { name: a, listen: [], tls: off, upstream: cas }\n",
                    {"c.yaml:2:24: \"listen\": the list is empty"}},
        MessageCase{"PortOnly",
                    "  - { name: a, listen: 443, tls: off, upstream: cas }\n",
                    {"c.yaml:2:24: \"listen\": expected an address and port such as 0.0.0.0:443 "
                     "or, in quotes, "
                     "\"[::]:443\", found \"443\""}},
        MessageCase{
            "SameAddress",
            "  - { name: a, listen: 10.0.0.1:1, tls: off, upstream: cas }\n"
            "  - { name: b, listen: 10.0.0.1:1, tls: off, upstream: cas }\n",
            {"c.yaml:3:24: 10.0.0.1:1 collides with 10.0.0.1:1 of listener \"a\" on line 2"}},
        MessageCase{
            "SameAddressInOneListener",
            "  - { name: a, listen: [\"[::1]:1\", \"[0::1]:1\"], tls: off, upstream: cas }\n",
            {"c.yaml:2:36: [::1]:1 collides with [::1]:1 of listener \"a\" on line 2"}},
        MessageCase{
            "WildcardFirst",
            "  - { name: a, listen: 0.0.0.0:1, tls: off, upstream: cas }\n"
            "  - { name: b, listen: 10.0.0.1:1, tls: off, upstream: cas }\n",
            {"c.yaml:3:24: 10.0.0.1:1 collides with 0.0.0.0:1 of listener \"a\" on line 2"}},
        MessageCase{"WildcardLast",
                    "  - { name: a, listen: \"[::1]:1\", tls: off, upstream: cas }\n"
                    "  - { name: b, listen: \"[::]:1\", tls: off, upstream: cas }\n",
                    {"c.yaml:3:24: [::]:1 collides with [::1]:1 of listener \"a\" on line 2"}},
        MessageCase{
            "AdminByDefault",
            "  - { name: a, listen: 0.0.0.0:9465, tls: off, upstream: cas }\n",
            {"c.yaml:2:24: 0.0.0.0:9465 collides with 127.0.0.1:9465 of admin (its default)"}},
        MessageCase{"AdminAsConfigured",
                    "  - { name: a, listen: 127.0.0.1:1, tls: off, upstream: cas }\n"
                    "admin: { listen: 127.0.0.1:1 }\n",
                    {"c.yaml:2:24: 127.0.0.1:1 collides with 127.0.0.1:1 of admin on line 3"}},
        MessageCase{"NoneBetweenFamiliesPortsAndKernelsChoice",
                    "  - { name: a, listen: [\"0.0.0.0:1\", \"[::]:1\", \"127.0.0.1:0\"], tls: "
                    "off, upstream: cas }\n"
                    "  - { name: b, listen: [10.0.0.1:2, 10.0.0.2:2, 127.0.0.1:0], tls: off, "
                    "upstream: cas }\n"
                    "  - { name: c, listen: 0.0.0.0:9465, tls: off, upstream: cas }\n"
                    "admin: { listen: off }\n",
                    {}}),
    name_of);

INSTANTIATE_TEST_SUITE_P(
    Tls, ListenerErrors,
    testing::Values(
        MessageCase{
            "WithoutCertificates",
            "  - { name: a, listen: 0.0.0.0:1, upstream: cas }\n",
            {"c.yaml:2:5: a listener that speaks TLS needs \"certificates\" (or \"tls: off\")"}},
        MessageCase{"EmptyCertificates",
                    "  - { name: a, listen: 0.0.0.0:1, certificates: [], upstream: cas }\n",
                    {"c.yaml:2:49: \"certificates\": the list is empty"}},
        MessageCase{"CertificateMap",
                    "  - { name: a, listen: 0.0.0.0:1, certificates: { pfx: a }, upstream: cas }\n",
                    {"c.yaml:2:49: \"certificates\": expected a name, found a map"}},
        MessageCase{
            "OffWithCertificates",
            "  - { name: a, listen: 0.0.0.0:1, tls: off, certificates: mail, upstream: cas }\n",
            {"c.yaml:2:59: \"certificates\" have no use with \"tls: off\""}},
        MessageCase{
            "Word",
            "  - { name: a, listen: 0.0.0.0:1, tls: modern, certificates: mail, upstream: cas }\n"
            "  - { name: b, listen: 0.0.0.0:2, tls: none, upstream: cas }\n",
            {"c.yaml:2:40: \"tls\": expected off or a map, as in { policy: intermediate }, found "
             "\"modern\"",
             "c.yaml:3:40: \"tls\": expected off or a map, as in { policy: intermediate }, found "
             "\"none\""}},
        MessageCase{"Timeouts",
                    "  - { name: a, listen: 0.0.0.0:1, tls: off, upstream: cas, timeouts: { head: "
                    "0s, idle: ever } }\n",
                    {"c.yaml:2:78: \"head\": must be more than 0",
                     "c.yaml:2:88: \"idle\": expected a duration such as 500ms, 10s, 65m or 1h, "
                     "found \"ever\""}}),
    name_of);

INSTANTIATE_TEST_SUITE_P(
    ForClients, ListenerErrors,
    testing::Values(
        MessageCase{"UnknownNames",
                    "  - { name: a, listen: 0.0.0.0:1, certificates: mail, upstream: cas, tls: { "
                    "for_clients: "
                    "{ client_type: lync_phone, policy: legacy-tls1 } } }\n",
                    {"c.yaml:2:105: no client type is called \"lync_phone\"; did you mean "
                     "\"lync_phone_edition\"?",
                     "c.yaml:2:125: no TLS policy is called \"legacy-tls1\"; did you mean "
                     "\"legacy-tls10\"?"}},
        MessageCase{"NothingIsDifferent",
                    "  - { name: a, listen: 0.0.0.0:1, certificates: mail, upstream: cas, tls: { "
                    "for_clients: "
                    "{ client_type: legacy_phone } } }\n",
                    {"c.yaml:2:90: for_clients needs \"policy\", \"certificates\", \"chain\" or "
                     "\"client_certificate\""}},
        MessageCase{"NoSuchCertificate",
                    "  - { name: a, listen: 0.0.0.0:1, certificates: mail, upstream: cas, tls: { "
                    "for_clients: { client_type: legacy_phone, certificates: [mail, mial] } } }\n",
                    {"c.yaml:2:140: no certificate is called \"mial\"; did you mean \"mail\"?"}},
        MessageCase{"NoType",
                    "  - { name: a, listen: 0.0.0.0:1, certificates: mail, upstream: cas, tls: { "
                    "for_clients: "
                    "{ policy: legacy-tls10 } } }\n",
                    {"c.yaml:2:90: for_clients needs \"client_type\""}},
        MessageCase{
            "Twice",
            "  - name: a\n    listen: 0.0.0.0:1\n    certificates: mail\n    upstream: cas\n"
            "    tls:\n      for_clients:\n"
            "        - { client_type: legacy_phone, policy: legacy-tls10 }\n"
            "        - { client_type: legacy_phone, chain: auto }\n",
            {"c.yaml:9:26: client type \"legacy_phone\" is given twice"}},
        MessageCase{
            "NoSuchChain",
            "  - name: a\n    listen: 0.0.0.0:1\n    certificates: mail\n    upstream: cas\n"
            "    tls:\n      for_clients: { client_type: legacy_phone, chain: auto1 }\n",
            {"c.yaml:7:56: no chain is called \"auto1\"; did you mean \"auto\"?"}}),
    name_of);

TEST(ForClientsErrors, NameAChainThatTheCertificatesOfTheseClientsLack) {
  EXPECT_EQ(errors_of(R"(listeners:
  - name: a
    listen: 0.0.0.0:1
    certificates: [mail, other]
    upstream: cas
    tls:
      for_clients:
        - { client_type: legacy_phone, chain: old }
        - { client_type: mitel_ip400, certificates: mail, chain: old }
        - { client_type: polycom_phone, certificates: mail, chain: phones }
        - { client_type: windows_xp_schannel, certificates: mail, chain: auto }
certificates: { mail: { pfx: a }, other: { pfx: b, chains: { old: {} } } }
trust_profiles: { phones: { roots: a.pem } }
upstreams: { cas: { servers: "http://10.0.0.11" } }
)"),
            (Messages{"c.yaml:9:66: none of these clients' certificates has a chain \"old\""}));
}

INSTANTIATE_TEST_SUITE_P(
    Routes, ListenerErrors,
    testing::Values(
        MessageCase{"None",
                    "  - { name: a, listen: 0.0.0.0:1, tls: off }\n",
                    {"c.yaml:2:5: a listener needs \"upstream\" or \"routes\""}},
        MessageCase{"Empty",
                    "  - { name: a, listen: 0.0.0.0:1, tls: off, routes: [] }\n",
                    {"c.yaml:2:53: \"routes\": the list is empty"}},
        MessageCase{"WithoutUpstream",
                    "  - { name: a, listen: 0.0.0.0:1, tls: off, routes: [ { path: /x } ] }\n",
                    {"c.yaml:2:55: a route needs \"upstream\", \"redirect\" or \"status\""}},
        MessageCase{
            "PathWithoutSlash",
            "  - { name: a, listen: 0.0.0.0:1, tls: off, routes: { path: ews, upstream: cas } }\n",
            {"c.yaml:2:61: \"path\": a path begins with /, found \"ews\""}},
        MessageCase{"PathWithQuery",
                    "  - { name: a, listen: 0.0.0.0:1, tls: off, routes: { path: \"/a?b\", "
                    "upstream: cas } }\n",
                    {"c.yaml:2:61: \"path\": a path has no space, ? or #, found \"/a?b\""}},
        MessageCase{"SamePathTwice",
                    "  - name: a\n    listen: 0.0.0.0:1\n    tls: off\n    routes:\n"
                    "      - { path: /ews, upstream: cas }\n      - { path: /EWS, upstream: hq }\n",
                    {"c.yaml:7:9: path \"/EWS\" has a route already, on line 6"}},
        MessageCase{"UpstreamBesideTheRouteOfEverything",
                    "  - { name: a, listen: 0.0.0.0:1, tls: off, routes: { path: /, upstream: cas "
                    "}, upstream: hq }\n",
                    {"c.yaml:2:91: path \"/\" has a route already, on line 2"}},
        MessageCase{"Mode",
                    "  - { name: a, listen: 0.0.0.0:1, tls: off, mode: https, upstream: cas }\n",
                    {"c.yaml:2:51: \"mode\": expected one of http, tcp, passthrough, found "
                     "\"https\"; did you "
                     "mean \"http\"?"}},
        MessageCase{"PathInModeTcp",
                    "  - { name: a, listen: 0.0.0.0:1, tls: off, mode: tcp, routes: { path: /x, "
                    "upstream: cas } }\n",
                    {"c.yaml:2:64: mode tcp knows no paths; leave out \"path\""}},
        MessageCase{"TwoInModeTcp",
                    "  - { name: a, listen: 0.0.0.0:1, tls: off, mode: tcp, routes: [ { upstream: "
                    "cas }, { upstream: hq } ] "
                    "}\n",
                    {"c.yaml:2:85: path \"/\" has a route already, on line 2"}}),
    name_of);

TEST(ListenerErrors, SayThatThereIsNoListener) {
  EXPECT_EQ(errors_of("process: {}\n"),
            Messages{"c.yaml:1:1: the configuration needs \"listeners\""});
  EXPECT_EQ(errors_of("listeners: []\n"),
            Messages{"c.yaml:1:12: \"listeners\": the list is empty"});
  EXPECT_EQ(errors_of("listeners:\n"),
            Messages{"c.yaml:1:1: \"listeners\": expected a value, found nothing"});
}

TEST(ListenerErrors, SayThatNothingIsDefined) {
  EXPECT_EQ(
      errors_of("listeners: { name: a, listen: 0.0.0.0:1, certificates: mail, upstream: cas }\n"),
      (Messages{"c.yaml:1:56: no certificate is called \"mail\"; none is defined",
                "c.yaml:1:72: no upstream is called \"cas\"; none is defined"}));
}

TEST(Errors, ComeAllInOneRunInTheOrderOfTheFile) {
  EXPECT_EQ(errors_of(R"(listeners:
  - { name: exchange, lisen: 0.0.0.0:443, certificates: [mial], upstream: cas }
  - { name: exchange, listen: 0.0.0.0:80, tls: off, upstream: cass }
certificates:
  mail: { pfx: mail.pfx, password_file: a, password_env: B }
process: { threads: many }
process: { drain: 1 }
upstreams:
  cas: { servers: [10.0.0.11] }
)"),
            (Messages{
                "c.yaml:2:5: a listener needs \"listen\"",
                "c.yaml:2:23: unknown key \"lisen\" in a listener; did you mean \"listen\"?",
                "c.yaml:2:58: no certificate is called \"mial\"; did you mean \"mail\"?",
                "c.yaml:3:13: listener \"exchange\" is defined twice; first on line 2",
                "c.yaml:3:63: no upstream is called \"cass\"; did you mean \"cas\"?",
                "c.yaml:5:9: give \"password_file\" or \"password_env\", not both",
                "c.yaml:6:21: \"threads\": expected auto or a number from 1 to 256, found \"many\"",
                "c.yaml:7:1: key \"process\" is given twice; first on line 6",
                "c.yaml:9:20: \"servers\": expected http://host:port or https://host:port, found "
                "\"10.0.0.11\"; "
                "https:// says that TLS is spoken to it, http:// that not",
            }));
}

}  // namespace
}  // namespace chainmend::config
