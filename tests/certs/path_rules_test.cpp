#include "certs/path_rules.h"

#include <gtest/gtest.h>

#include "tests/certs/test_pki.h"

namespace chainmend::certs {
namespace {

using testing::Identity;
using testing::issue;
using testing::make_ca;
using testing::make_leaf;
using testing::make_root;

std::optional<Reason> refuse(const std::vector<Identity>& path, const Identity& issuer) {
  std::vector<const Certificate*> certificates;
  for (const Identity& one : path) {
    certificates.push_back(one.certificate.get());
  }
  return PathRules().refuse(certificates, *issuer.certificate);
}

TEST(PathRules, CountIntermediatesThatAreNotSelfIssued) {
  const Identity root = make_root("CN=Root");
  const Identity limited =
      issue({.subject = "CN=Limited", .issuer = &root, .basic_constraints = "CA:TRUE,pathlen:1"});
  const Identity a = make_ca("CN=A", limited);
  const Identity rekeyed = make_ca("CN=A", a);
  const Identity b = make_ca("CN=B", rekeyed);
  const Identity leaf = make_leaf("mail.example", a);
  EXPECT_EQ(refuse({leaf}, limited), std::nullopt);
  EXPECT_EQ(refuse({leaf, a}, limited), std::nullopt);
  EXPECT_EQ(refuse({leaf, rekeyed, a}, limited), std::nullopt);
  EXPECT_EQ(refuse({leaf, b, rekeyed, a}, limited), Reason::path_length);
}

TEST(PathRules, FindTheSameEntityInThePath) {
  const Identity x = make_root("CN=X");
  const Identity y = make_root("CN=Y");
  const Identity x_by_y = issue({.subject = "CN=X", .issuer = &y, .key = x.key});
  const Identity y_by_x = issue({.subject = "CN=Y", .issuer = &x, .key = y.key});
  const Identity leaf = make_leaf("mail.example", x);
  EXPECT_EQ(refuse({leaf, x_by_y}, y_by_x), std::nullopt);
  EXPECT_EQ(refuse({leaf, x_by_y, y_by_x}, x), Reason::loop);
}

struct NameCase {
  const char* constraints;
  const char* subject;
  const char* names;
  bool permitted;
};

TEST(PathRules, HoldNameConstraints) {
  const NameCase cases[] = {
      {"permitted;DNS:example", "CN=a", "DNS:mail.example", true},
      {"permitted;DNS:example", "CN=a", "DNS:mail.other", false},
      {"permitted;DNS:example", "CN=a", "DNS:mail.example,DNS:mail.other", false},
      {"excluded;DNS:example", "CN=a", "DNS:mail.example", false},
      {"excluded;DNS:example", "CN=a", "DNS:mail.other", true},
      {"permitted;IP:10.0.0.0/255.0.0.0", "CN=a", "IP:10.1.2.3", true},
      {"permitted;IP:10.0.0.0/255.0.0.0", "CN=a", "IP:11.1.2.3", false},
      {"permitted;IP:10.0.0.0/255.0.0.0", "CN=a", "DNS:mail.other", true},
      {"permitted;DNS:example", "CN=mail.example", "", true},
      {"permitted;DNS:example", "CN=mail.other", "", false},  // the name that clients fall back to
      {"permitted;DNS:example", "CN=mail.other", "DNS:mail.example", true},
  };
  for (const NameCase& c : cases) {
    const Identity ca = issue({.subject = "CN=CA", .name_constraints = c.constraints});
    const Identity leaf = issue({.subject = c.subject,
                                 .issuer = &ca,
                                 .basic_constraints = "",
                                 .alternative_names = c.names});
    EXPECT_EQ(refuse({leaf}, ca),
              c.permitted ? std::nullopt : std::optional(Reason::name_constraints))
        << c.constraints << " " << c.subject << " " << c.names;
  }
}

TEST(PathRules, ApplyNameConstraintsToEverythingBelowButSelfIssued) {
  const Identity ca = issue({.subject = "CN=CA", .name_constraints = "permitted;DNS:example"});
  const Identity stray =
      issue({.subject = "CN=Stray", .issuer = &ca, .alternative_names = "DNS:ca.other"});
  const Identity self_issued =
      issue({.subject = "CN=CA", .issuer = &ca, .alternative_names = "DNS:ca.other"});
  const Identity leaf = make_leaf("mail.example", stray);
  EXPECT_EQ(refuse({leaf, stray}, ca), Reason::name_constraints);
  EXPECT_EQ(refuse({leaf, self_issued}, ca), std::nullopt);
}

}  // namespace
}  // namespace chainmend::certs
