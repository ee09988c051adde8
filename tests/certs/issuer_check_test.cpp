#include "certs/issuer_check.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "tests/certs/test_pki.h"

namespace chainmend::certs {
namespace {

using testing::Identity;
using testing::issue;
using testing::make_ca;
using testing::make_root;
using testing::Spec;

const Time kNow = *parse_time("2026-01-01");

TEST(CompareKeyIds, ReadsKeyIdAndIssuerAndSerial) {
  const Identity root = make_root("CN=Root");
  const Identity top = make_root("CN=Top");
  const Identity cross = issue({.subject = "CN=Root", .issuer = &top, .key = root.key});
  const Identity bare = issue({.subject = "CN=Root", .key = root.key, .subject_key_id = false});
  const auto child = [&](const testing::AuthorityForm& form) {
    return issue({.subject = "CN=child", .issuer = &root, .authority = form}).certificate;
  };
  const auto by_key = child({});
  EXPECT_EQ(compare_key_ids(*by_key, *root.certificate), KeyIdMatch::match);
  EXPECT_EQ(compare_key_ids(*by_key, *cross.certificate), KeyIdMatch::match);
  EXPECT_EQ(compare_key_ids(*by_key, *bare.certificate), KeyIdMatch::no_data);
  EXPECT_EQ(compare_key_ids(*child({.other_key_id = Bytes{1}}), *root.certificate),
            KeyIdMatch::mismatch);
  EXPECT_EQ(compare_key_ids(*child({.key_id = false}), *root.certificate), KeyIdMatch::no_data);
  const auto by_serial = child({.key_id = false, .serial_of = &root});
  EXPECT_EQ(compare_key_ids(*by_serial, *root.certificate), KeyIdMatch::match);
  EXPECT_EQ(compare_key_ids(*by_serial, *cross.certificate), KeyIdMatch::mismatch);
  EXPECT_EQ(compare_key_ids(*by_serial, *bare.certificate), KeyIdMatch::mismatch);
  EXPECT_EQ(compare_key_ids(*child({.serial_of = &root}), *cross.certificate),
            KeyIdMatch::mismatch);
}

struct IssuerCase {
  const char* why;
  Spec issuer;
  std::optional<Reason> as_intermediate, as_root;
};

TEST(RefuseIssuer, SaysWhatDisqualifiesIt) {
  const Time past = *parse_time("2021-01-01");
  const Time future = *parse_time("2029-01-01");
  const IssuerCase cases[] = {
      {"good", {}, std::nullopt, std::nullopt},
      {"no basicConstraints", {.basic_constraints = ""}, Reason::not_a_ca, std::nullopt},
      {"CA:FALSE", {.basic_constraints = "CA:FALSE"}, Reason::not_a_ca, Reason::not_a_ca},
      {"keyUsage", {.key_usage = "digitalSignature"}, Reason::no_cert_sign, Reason::no_cert_sign},
      {"purpose",
       {.extended_key_usage = "clientAuth"},
       Reason::wrong_purpose,
       Reason::wrong_purpose},
      {"critical",
       {.unknown_critical_extension = true},
       Reason::critical_extension,
       Reason::critical_extension},
      {"expired", {.not_after = past}, Reason::expired, std::nullopt},
      {"not yet valid", {.not_before = future}, Reason::not_yet_valid, std::nullopt},
      {"pathlen below zero",
       {.basic_constraints = "CA:TRUE,pathlen:-1"},
       Reason::broken_extension,
       Reason::broken_extension},
  };
  for (IssuerCase c : cases) {
    c.issuer.subject = "CN=Issuer";
    const Identity issuer = issue(c.issuer);
    const Identity child = issue({.subject = "CN=child", .issuer = &issuer});
    EXPECT_EQ(refuse_issuer(*child.certificate, *issuer.certificate, false, kNow),
              c.as_intermediate)
        << c.why;
    EXPECT_EQ(refuse_issuer(*child.certificate, *issuer.certificate, true, kNow), c.as_root)
        << c.why;
  }
}

TEST(RefuseIssuer, SeesTheSameEntityInAnotherCertificate) {
  const Identity top = make_root("CN=Top");
  const Identity root = make_root("CN=Root");
  const Identity cross = issue({.subject = "CN=Root", .issuer = &top, .key = root.key});
  EXPECT_EQ(refuse_issuer(*root.certificate, *cross.certificate, false, kNow), Reason::loop);
}

TEST(RefuseLeaf, SaysWhatAClientWouldHoldAgainstIt) {
  const std::pair<Spec, std::optional<Reason>> cases[] = {
      {{}, std::nullopt},
      {{.not_after = *parse_time("2021-01-01")}, Reason::expired},
      {{.not_before = *parse_time("2029-01-01")}, Reason::not_yet_valid},
      {{.extended_key_usage = "clientAuth"}, Reason::wrong_purpose},
      {{.extended_key_usage = "anyExtendedKeyUsage"}, std::nullopt},
      {{.unknown_critical_extension = true}, Reason::critical_extension},
  };
  for (const auto& [spec, reason] : cases) {
    EXPECT_EQ(refuse_leaf(*issue(spec).certificate, kNow), reason);
  }
}

// Every neighbour in the list is tried before the next one.
TEST(IssuerRank, OrdersByTrustKeyIdKindAndAge) {
  const auto older = *parse_time("2019-01-01");
  const auto longer = *parse_time("2035-01-01");
  const Identity root = make_root("CN=Root");
  const Identity self_issued = make_root("CN=I");
  const Identity newest = issue({.subject = "CN=I", .issuer = &root});
  const Identity longest = issue({.subject = "CN=I", .issuer = &root, .not_after = longer});
  const Identity oldest = issue({.subject = "CN=I", .issuer = &root, .not_before = older});
  const Certificate* c = newest.certificate.get();
  const std::vector<IssuerRank> order{
      {c, true, KeyIdMatch::match},
      {c, true, KeyIdMatch::no_data},
      {self_issued.certificate.get(), false, KeyIdMatch::match},
      {longest.certificate.get(), false, KeyIdMatch::match},
      {c, false, KeyIdMatch::match},
      {oldest.certificate.get(), false, KeyIdMatch::match},
      {c, false, KeyIdMatch::no_data},
      {c, true, KeyIdMatch::mismatch},
      {c, false, KeyIdMatch::mismatch},
  };
  for (std::size_t i = 0; i < order.size(); ++i) {
    for (std::size_t j = 0; j < order.size(); ++j) {
      EXPECT_EQ(order[i] < order[j], i < j) << i << " " << j;
    }
  }
}

TEST(IssuerRank, BreaksTiesByFingerprint) {
  const Identity root = make_root("CN=Root");
  const Identity a = make_ca("CN=I", root);
  const Identity b = make_ca("CN=I", root);
  const IssuerRank left{a.certificate.get(), false, KeyIdMatch::match};
  const IssuerRank right{b.certificate.get(), false, KeyIdMatch::match};
  EXPECT_NE(left < right, right < left);
  EXPECT_EQ(left < right, a.certificate->fingerprint() < b.certificate->fingerprint());
}

}  // namespace
}  // namespace chainmend::certs
