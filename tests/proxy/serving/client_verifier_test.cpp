#include "proxy/serving/client_verifier.h"

#include <gmock/gmock.h>

#include "tests/proxy/serving/lab.h"

namespace chainmend::serving::testing {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using List = std::vector<certs::CertificatePtr>;
using tls::Reason;

Identity phone(const Identity& issuer, const std::string& usage = "clientAuth",
               const std::string& key_usage = "digitalSignature") {
  return issue({.subject = "CN=phone",
                .issuer = &issuer,
                .not_after = kFarAway,
                .basic_constraints = "",
                .key_usage = key_usage,
                .extended_key_usage = usage});
}

struct Judging {
  Judging() {
    issuers.bundles = std::make_shared<certs::IssuerSet>(
        std::vector<certs::Candidate>{certs::testing::in_bundle(ca)});
  }
  tls::ClientJudgement judge(const List& list, const config::ClientCertificates& terms = {}) {
    return ClientVerifier("phones",
                          std::make_shared<certs::TrustProfile>("test", List{root.certificate}),
                          issuers, nullptr, terms)
        .judge(list);
  }

  Identity root = far_root("Maker");
  Identity ca = far_ca("Phone CA", root);
  Issuers issuers;
};

TEST(ClientVerifier, CompletesTheListAndGivesThePathWithoutItsRoot) {
  Judging j;
  const Identity shown = phone(j.ca);
  for (const List& list : {List{shown.certificate}, List{shown.certificate, j.ca.certificate},
                           List{shown.certificate, j.root.certificate, j.ca.certificate}}) {
    const tls::ClientJudgement judgement = j.judge(list);
    EXPECT_EQ(judgement.reason, Reason::none) << judgement.text;
    ASSERT_EQ(judgement.path.size(), 2U);
    EXPECT_EQ(judgement.path[0]->fingerprint(), shown.certificate->fingerprint());
    EXPECT_EQ(judgement.path[1]->fingerprint(), j.ca.certificate->fingerprint());
    EXPECT_EQ(judgement.good_until, kFarAway);
  }
}

TEST(ClientVerifier, SaysWhyNot) {
  Judging j;
  const Identity stranger = issue({.subject = "CN=Stranger", .not_after = kFarAway});
  const Identity old = issue({.subject = "CN=old",
                              .issuer = &j.ca,
                              .not_after = *certs::parse_time("2021-01-01"),
                              .basic_constraints = ""});
  const struct {
    Identity shown;
    Reason reason;
    const char* text;
  } rows[] = {
      {phone(stranger), Reason::client_cert_untrusted,
       "client_certificate.trust of listener phones"},
      {stranger, Reason::client_cert_untrusted, "self-signed"},
      {old, Reason::client_cert_expired, "expired at 2021-01-01"},
      {phone(j.ca, "serverAuth"), Reason::client_cert_unsuitable, "purposes: any"},
      {phone(j.ca, "clientAuth", "keyEncipherment"), Reason::client_cert_unsuitable, "keyUsage"},
  };
  for (const auto& row : rows) {
    const tls::ClientJudgement judgement = j.judge({row.shown.certificate});
    EXPECT_STREQ(to_string(judgement.reason), to_string(row.reason));
    EXPECT_THAT(judgement.text, HasSubstr(row.text));
    EXPECT_THAT(judgement.path, IsEmpty());
  }
}

TEST(ClientVerifier, TakesAnyPurposeWhenTold) {
  Judging j;
  config::ClientCertificates terms;
  terms.purposes = config::ClientPurpose::any;
  EXPECT_EQ(j.judge({phone(j.ca, "serverAuth").certificate}, terms).reason, Reason::none);
}

TEST(ClientVerifier, TakesNoCaThatIssuesForServersAlone) {
  Judging j;
  const Identity ca = issue({.subject = "CN=Web CA",
                             .issuer = &j.root,
                             .not_after = kFarAway,
                             .extended_key_usage = "serverAuth"});
  EXPECT_EQ(j.judge({phone(ca).certificate, ca.certificate}).reason,
            Reason::client_cert_unsuitable);
}

TEST(ClientVerifier, CountsTheWholeChainForDepth) {
  Judging j;
  config::ClientCertificates terms;
  terms.depth = 3;
  EXPECT_EQ(j.judge({phone(j.ca).certificate}, terms).reason, Reason::none);
  terms.depth = 2;
  const tls::ClientJudgement judgement = j.judge({phone(j.ca).certificate}, terms);
  EXPECT_EQ(judgement.reason, Reason::client_cert_untrusted);
  EXPECT_THAT(judgement.text, HasSubstr("depth of listener phones is 2"));
}

// What a handshake may cost: a list of namesakes must not be searched to its end.
TEST(ClientVerifier, GivesUpOnAMazeOfNamesakes) {
  Judging j;
  List list = {phone(far_root("Ring")).certificate};
  const Identity ring = issue({.subject = "CN=Ring", .not_after = kFarAway});
  for (int i = 0; i < 100; ++i) {
    list.push_back(
        issue({.subject = "CN=Ring", .issuer = &ring, .not_after = kFarAway}).certificate);
  }
  const tls::ClientJudgement judgement = j.judge(list);
  EXPECT_EQ(judgement.reason, Reason::client_cert_untrusted);
  EXPECT_THAT(judgement.text, HasSubstr("gave up"));
}

}  // namespace
}  // namespace chainmend::serving::testing
