// From what a client said, and what it was served, to the causes that are left.
#include "proxy/tls/causes.h"

#include <gtest/gtest.h>

#include "tests/certs/test_pki.h"

namespace chainmend::tls {
namespace {

using certs::testing::Identity;
using Causes = std::vector<Cause>;

class CausesTest : public ::testing::Test {
 protected:
  Identity root = certs::testing::make_root("CN=Root");
  Identity ca = certs::testing::make_ca("CN=CA", root);
  Identity leaf = certs::testing::make_leaf("mail.contoso.com", ca);
  ServedList list{"mail", "auto", {leaf.certificate, ca.certificate}, true, "Root"};
  std::string asked_for = "mail.contoso.com";
  certs::Time now = *certs::parse_time("2025-06-01");

  static HandshakeOutcome refused(std::uint8_t alert, Reason reason) {
    HandshakeOutcome outcome;
    outcome.reason = reason;
    outcome.stage = Stage::server_flight;
    outcome.alert = Alert{AlertDirection::received, alert};
    return outcome;
  }
  Causes causes(const HandshakeOutcome& outcome) const {
    HandshakeTrace trace;
    auto hello = std::make_shared<clients::ClientHello>();
    hello->server_name = asked_for;
    trace.hello = hello;
    const ServedFacts served{.policy = nullptr, .list = &list, .has_rsa_key = true};
    Causes out;
    for (const PossibleCause& one : causes_of(trace, outcome, served, now)) {
      EXPECT_FALSE(one.text.empty());
      EXPECT_FALSE(one.text.ends_with('.'));
      out.push_back(one.cause);
    }
    return out;
  }
  const HandshakeOutcome unknown_ca = refused(48, Reason::client_unknown_ca);
  const HandshakeOutcome bad = refused(42, Reason::client_bad_certificate);
  const HandshakeOutcome expired = refused(45, Reason::client_certificate_expired);
  const HandshakeOutcome unknown = refused(46, Reason::client_certificate_unknown);
};

TEST_F(CausesTest, OfAGoodListAreTheClients) {
  EXPECT_EQ(causes(unknown_ca), Causes{Cause::root_not_trusted});
  EXPECT_EQ(causes(expired), Causes{Cause::client_clock});
  for (const HandshakeOutcome& vague : {bad, unknown}) {
    EXPECT_EQ(causes(vague), (Causes{Cause::root_not_trusted, Cause::client_clock}));
  }
}

TEST_F(CausesTest, KeepTheNamePossibleWhenNoneWasAskedFor) {
  asked_for.clear();
  EXPECT_EQ(causes(bad),
            (Causes{Cause::root_not_trusted, Cause::client_clock, Cause::name_mismatch}));
  EXPECT_EQ(causes(unknown_ca), Causes{Cause::root_not_trusted});
}

TEST_F(CausesTest, AreWhatIsWrongWithTheListWhateverTheAlert) {
  for (const HandshakeOutcome& any : {unknown_ca, bad, expired, unknown}) {
    list.complete = false;
    EXPECT_EQ(causes(any), Causes{Cause::intermediate_missing});
    list.complete = true;
    asked_for = "www.contoso.com";
    EXPECT_EQ(causes(any), Causes{Cause::name_mismatch});
    asked_for = "mail.contoso.com";
    now = *certs::parse_time("2035-01-01");
    EXPECT_EQ(causes(any).front(), Cause::expired);
    now = *certs::parse_time("2010-01-01");
    EXPECT_EQ(causes(any).front(), Cause::not_yet_valid);
    now = *certs::parse_time("2025-06-01");
  }
}

TEST_F(CausesTest, BeginWithWhatFitsTheAlert) {
  list.complete = false;
  asked_for = "www.contoso.com";
  EXPECT_EQ(causes(unknown_ca), (Causes{Cause::intermediate_missing, Cause::name_mismatch}));
}

TEST_F(CausesTest, OfAnIntermediateOutOfDateAreItsDatesAlone) {
  const Identity old = certs::testing::issue({.subject = "CN=CA",
                                              .issuer = &root,
                                              .key = ca.key,
                                              .not_after = *certs::parse_time("2024-01-01")});
  list.links[1] = old.certificate;
  list.complete = false;
  EXPECT_EQ(causes(unknown_ca), Causes{Cause::expired});
}

TEST_F(CausesTest, OfClientsThatLeaveMayBeNone) {
  HandshakeOutcome left;
  left.outcome = Outcome::completed_unused;
  EXPECT_EQ(causes(left), (Causes{Cause::root_not_trusted, Cause::client_clock, Cause::unused}));
  HandshakeOutcome gone;
  gone.reason = Reason::client_aborted;
  gone.stage = Stage::hello;
  EXPECT_EQ(causes(gone), Causes{}) << "it had not seen the list yet";
}

TEST_F(CausesTest, OfASuiteThatIsMissingMayBeTheKey) {
  HandshakeTrace trace;
  auto hello = std::make_shared<clients::ClientHello>();
  hello->suites = {0xc02b, 0xc009, 0x00ff};  // ECDSA alone
  trace.hello = hello;
  HandshakeOutcome outcome;
  outcome.reason = Reason::no_shared_cipher;
  ServedFacts served{.policy = nullptr, .list = &list, .has_rsa_key = true};
  ASSERT_EQ(causes_of(trace, outcome, served, now).size(), 1U);
  EXPECT_EQ(causes_of(trace, outcome, served, now)[0].cause, Cause::key_type);
  served.has_ecdsa_key = true;
  EXPECT_TRUE(causes_of(trace, outcome, served, now).empty());
}

TEST_F(CausesTest, OfHandshakesBetweenOthersAreNotOurs) {
  HandshakeTrace trace;
  trace.passed_through = true;
  EXPECT_TRUE(causes_of(trace, unknown_ca, {.policy = nullptr, .list = &list}, now).empty());
  EXPECT_TRUE(causes_of({}, unknown_ca, {}, now).empty());
}

}  // namespace
}  // namespace chainmend::tls
