// What is said of certificates that load well and are most likely not meant.
#include <gmock/gmock.h>
#include <openssl/evp.h>
#include <sys/stat.h>

#include "tests/proxy/serving/lab.h"

namespace chainmend::serving::testing {
namespace {

using ::testing::AllOf;
using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::StartsWith;

class Lints : public ::testing::Test {
 protected:
  Lab lab_;

  std::string write(const std::string& name, const Identity& leaf) {
    lab_.write(name, leaf.certificate->pem() + certs::testing::key_pem(leaf));
    return name;
  }
  Identity leaf(Spec spec) const {
    spec.subject = spec.subject == "CN=Test" ? "CN=mail.test" : spec.subject;
    spec.issuer = &lab_.ca;
    spec.not_after = kFarAway;
    spec.basic_constraints =
        spec.basic_constraints == "critical,CA:TRUE" ? "" : spec.basic_constraints;
    return issue(spec);
  }
  Build build(const std::string& certificates, const std::string& listener) {
    auto built = lab_.build("chain: { bundles: [ca.pem], trust: root.pem, aia: { mode: off } }\n" +
                            certificates +
                            "listeners:\n  - { name: web, listen: 127.0.0.1:0, upstream: u, " +
                            listener + " }\nupstreams: { u: { servers: [http://127.0.0.1:1] } }\n");
    if (!built) {
      ADD_FAILURE() << lab_.texts(built.error()).front();
      return {};
    }
    return *std::move(built);
  }
  const std::string names_ = "DNS:mail.test";
};

TEST_F(Lints, SayNothingOfWhatIsRight) {
  write("good.pem", leaf({.key = certs::testing::make_rsa_key(2048), .alternative_names = names_}));
  const Build built = build("certificates: { mail: { cert: good.pem } }\n",
                            "certificates: [mail], tls: { policy: legacy-tls10 }");
  EXPECT_THAT(lab_.texts(built.warnings), IsEmpty());
}

// TLS 1.3 has no signature for P-224 (RFC 8446 4.2.3); at TLS 1.2 Java 8 still takes it.
TEST_F(Lints, RefuseAKeyThatNoClientCanUse) {
  write("p224.pem", leaf({.key = certs::testing::SharedKey(EVP_EC_gen("P-224"), EVP_PKEY_free),
                          .alternative_names = names_}));
  const auto errors_under = [&](const std::string& policy) {
    return lab_.errors_of(
        "chain: { bundles: [ca.pem], trust: root.pem, aia: { mode: off } }\n"
        "certificates: { mail: { cert: p224.pem } }\nlisteners:\n"
        "  - { name: web, listen: 127.0.0.1:0, upstream: u, certificates: mail, tls: { policy: " +
        policy + " } }\nupstreams: { u: { servers: [http://127.0.0.1:1] } }\n");
  };
  EXPECT_THAT(errors_under("modern"),
              ElementsAre(AllOf(StartsWith("c.yaml:4:"),
                                HasSubstr("no client can connect under policy modern"),
                                HasSubstr("EC P-224"), HasSubstr("RSA key of 2048 bits"))));
  EXPECT_THAT(errors_under("intermediate"), IsEmpty());
}

TEST_F(Lints, TellACertificateAuthorityThatServesAsLeaf) {
  write("ca-leaf.pem", leaf({.basic_constraints = "CA:TRUE", .alternative_names = names_}));
  EXPECT_THAT(
      lab_.texts(build("certificates: { mail: { cert: ca-leaf.pem } }\n", "certificates: [mail]")
                     .warnings),
      Contains(AllOf(StartsWith("c.yaml:2:"), HasSubstr("authority (CA)"))));
}

TEST_F(Lints, TellALeafWithoutAlternativeNames) {
  write("bare.pem", leaf({}));
  EXPECT_THAT(
      lab_.texts(
          build("certificates: { mail: { cert: bare.pem } }\n", "certificates: [mail]").warnings),
      Contains(AllOf(StartsWith("c.yaml:2:"), HasSubstr("subjectAltName"))));
}

TEST_F(Lints, TellKeysAndPasswordsThatEverybodyCanRead) {
  write("open.pem", leaf({.alternative_names = names_}));
  lab_.write("pass", "geheim\n");
  ::chmod(lab_.path("open.pem").c_str(), 0644);
  ::chmod(lab_.path("pass").c_str(), 0604);
  const std::string certificates =
      "certificates: { mail: { cert: open.pem, password_file: pass } }\n";
  EXPECT_THAT(
      lab_.texts(build(certificates, "certificates: [mail]").warnings),
      ElementsAre(AllOf(HasSubstr("open.pem holds a private key"), HasSubstr("chmod o-rwx")),
                  AllOf(HasSubstr("pass holds a password"), HasSubstr("chmod o-rwx"))));
  ::chmod(lab_.path("open.pem").c_str(), 0640);
  ::chmod(lab_.path("pass").c_str(), 0600);
  EXPECT_THAT(lab_.texts(build(certificates, "certificates: [mail]").warnings), IsEmpty());
}

TEST_F(Lints, TellACertificateThatIsNeverServed) {
  write("one.pem", leaf({.alternative_names = "DNS:mail.test,DNS:www.test"}));
  write("two.pem", leaf({.alternative_names = names_}));
  write("rsa.pem", leaf({.key = certs::testing::make_rsa_key(2048), .alternative_names = names_}));
  EXPECT_THAT(lab_.texts(build("certificates:\n  a: { cert: one.pem }\n  b: { cert: two.pem }\n"
                               "  c: { cert: rsa.pem }\n",
                               "certificates: [a, b, c]")
                             .warnings),
              ElementsAre(AllOf(StartsWith("c.yaml:4:"), HasSubstr("never served on listener web"),
                                HasSubstr("a (line 3)"))));
}

struct KeyCase {
  const char* what;
  const char* policy;
  bool warned;
};

TEST_F(Lints, TellKeysThatClientsOfThePolicyCannotUse) {
  const auto p521 = [] { return std::shared_ptr<EVP_PKEY>(EVP_EC_gen("P-521"), &EVP_PKEY_free); };
  write("p521.pem", leaf({.key = p521(), .alternative_names = names_}));
  write("long.pem", leaf({.key = certs::testing::make_rsa_key(4104), .alternative_names = names_}));
  write("sha512.pem", leaf({.key = certs::testing::make_rsa_key(2048),
                            .digest = EVP_sha512(),
                            .alternative_names = names_}));
  for (const char* file : {"p521.pem", "long.pem", "sha512.pem"}) {
    const std::string certificates =
        std::string("certificates: { mail: { cert: ") + file + " } }\n";
    const Build old = build(certificates, "certificates: [mail], tls: { policy: legacy-tls10 }");
    EXPECT_THAT(lab_.texts(old.warnings),
                Contains(AllOf(HasSubstr("lync_phone_edition"), HasSubstr("RSA key of 2048 bits"))))
        << file;
    const Build modern = build(certificates, "certificates: [mail], tls: { policy: modern }");
    EXPECT_THAT(lab_.texts(modern.warnings), IsEmpty()) << file;
  }
}

TEST_F(Lints, TellAnEntryOfForClientsThatHelpsNobody) {
  write("rsa.pem", leaf({.key = certs::testing::make_rsa_key(2048), .alternative_names = names_}));
  const auto warnings = [&](const std::string& policy) {
    return lab_.texts(
        build("client_types: [{ name: lync_phone_edition, match: { source: 10.0.0.0/8 } }]\n"
              "certificates: { mail: { cert: rsa.pem } }\n",
              "certificates: [mail], tls: { for_clients: [{ client_type: lync_phone_edition, "
              "policy: " +
                  policy + " }] }")
            .warnings);
  };
  EXPECT_THAT(warnings("modern"),
              ElementsAre(AllOf(StartsWith("c.yaml:5:"), HasSubstr("no lync_phone_edition can "
                                                                   "connect with policy modern"))));
  EXPECT_THAT(warnings("legacy-tls10"), IsEmpty());
}

}  // namespace
}  // namespace chainmend::serving::testing
