// What is said of client_certificate, and what is read of it.
#include "tests/config/messages.h"

namespace chainmend::config {
namespace {

const std::string kListener =
    "listeners:\n  - name: a\n    listen: 0.0.0.0:1\n    certificates: mail\n    upstream: hq\n";
const std::string kRest = R"(
certificates: { mail: { pfx: mail.pfx } }
upstreams: { hq: { servers: "http://10.0.0.11" } }
)";

class ClientCertificateErrors : public testing::TestWithParam<MessageCase> {};

TEST_P(ClientCertificateErrors, SayWhatIsWrong) {
  EXPECT_EQ(errors_of(kListener + GetParam().yaml + kRest), GetParam().messages);
}

INSTANTIATE_TEST_SUITE_P(
    All, ClientCertificateErrors,
    testing::Values(
        MessageCase{
            "None",
            "    client_certificate: { request: optional, trust: a.pem, ca_names: none, depth: 3, "
            "crls: [a.crl], revocation: soft, purposes: any, to_upstream: { headers: "
            "[Client-Cert, X-ARR-ClientCert], fields: { X-SSL-DN: \"{subject} {verify}\" } } }\n",
            {}},
        MessageCase{"Never", "    client_certificate: { request: never }\n", {}},
        MessageCase{"Request",
                    "    client_certificate: { trust: a.pem }\n",
                    {"c.yaml:6:25: client_certificate needs \"request\""}},
        MessageCase{"Trust",
                    "    client_certificate: { request: required }\n",
                    {"c.yaml:6:25: a certificate that is asked for needs \"trust\": the file of "
                     "the CA that issued it, as in trust: phone-ca.pem"}},
        MessageCase{"Words",
                    "    client_certificate: { request: always, trust: a.pem, purposes: server }\n",
                    {"c.yaml:6:36: \"request\": expected one of never, optional, required, found "
                     "\"always\"",
                     "c.yaml:6:68: \"purposes\": expected one of client, any, found \"server\""}},
        MessageCase{"Headers",
                    "    client_certificate: { request: never, to_upstream: { headers: "
                    "X-ARR-ClientCer } }\n",
                    {"c.yaml:6:67: \"headers\": expected one of X-ARR-ClientCert, Client-Cert, "
                     "Client-Cert-Chain, X-Forwarded-Client-Cert, X-SSL-Client-Cert, found "
                     "\"X-ARR-ClientCer\"; did you mean \"X-ARR-ClientCert\"?"}},
        MessageCase{"Template",
                    "    client_certificate: { request: never, to_upstream: { fields: { X-SSL-A: "
                    "\"{subjekt}\" } } }\n",
                    {"c.yaml:6:77: \"X-SSL-A\": there is no word \"subjekt\" for braces; there are "
                     "subject, issuer, cn, serial, sha1, sha256, not_after, verify"}},
        MessageCase{"LineBreak",
                    "    client_certificate: { request: never, to_upstream: { fields: { X-SSL-A: "
                    "\"a\\r\\nb: c\" } } }\n",
                    {"c.yaml:6:77: \"X-SSL-A\": a header field has no line break, control byte or "
                     "blank at its ends"}}),
    name_of);

TEST(ClientCertificate, TypeOfClientHasTheListenersTermsButItsOwn) {
  const auto config = parse(kListener + R"(
    client_certificate: { request: never, trust: a.pem, depth: 3 }
    tls:
      for_clients:
        - { client_type: java_6, client_certificate: { request: required, depth: 4 } }
)" + kRest,
                            "c.yaml");
  ASSERT_TRUE(config) << describe(config.error()).front();
  const Listener& listener = config->listeners.front();
  EXPECT_EQ(listener.client_certificate.request, AskForCertificate::never);
  const ClientCertificates& theirs = *listener.for_clients.front().client_certificate;
  EXPECT_EQ(theirs.request, AskForCertificate::required);
  EXPECT_EQ(theirs.depth, 4U);
  ASSERT_EQ(theirs.trust.size(), 1U);
  EXPECT_EQ(theirs.trust.front().value.filename(), "a.pem");
}

TEST(ClientCertificate, RoutesTellAsTheListenerDoesUnlessTheySayOtherwise) {
  const auto config = parse(kListener + R"(
    client_certificate: { request: optional, trust: a.pem, to_upstream: { headers: Client-Cert } }
    routes:
      - { path: /quiet, upstream: hq, client_certificate: { to_upstream: none } }
      - { path: /strict, upstream: hq, client_certificate: { required: true } }
)" + kRest,
                            "c.yaml");
  ASSERT_TRUE(config) << describe(config.error()).front();
  for (const Route& route : config->listeners.front().routes) {
    EXPECT_EQ(route.to_upstream->empty(), route.path == "/quiet") << route.path;
    EXPECT_EQ(route.requires_certificate, route.path == "/strict") << route.path;
  }
}

TEST(NextWord, TakesATemplateApart) {
  TemplateParts parts = next_word("a {b}{c} d");
  EXPECT_EQ(parts.before, "a ");
  EXPECT_EQ(parts.word, "b");
  parts = next_word(parts.rest);
  EXPECT_EQ(parts.before, "");
  EXPECT_EQ(parts.word, "c");
  parts = next_word(parts.rest);
  EXPECT_EQ(parts.before, " d");
  EXPECT_EQ(parts.word, "");
  EXPECT_EQ(next_word("{open").before, "{open");
  EXPECT_EQ(next_word("}{").before, "}{");
}

}  // namespace
}  // namespace chainmend::config
