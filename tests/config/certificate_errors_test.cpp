// What the section certificates refuses.
#include "tests/config/messages.h"

namespace chainmend::config {
namespace {

class CertificateErrors : public testing::TestWithParam<MessageCase> {};

TEST_P(CertificateErrors, SayWhichFilesGoTogether) {
  EXPECT_EQ(errors_of("certificates:\n  mail: " + GetParam().yaml + R"(
listeners: [ { name: exchange, listen: "0.0.0.0:443", certificates: mail, upstream: cas } ]
upstreams: { cas: { servers: "http://10.0.0.11" } }
)"),
            GetParam().messages);
}

INSTANTIATE_TEST_SUITE_P(
    Files, CertificateErrors,
    testing::Values(
        MessageCase{
            "Nothing", "{}", {"c.yaml:2:9: a certificate needs \"pfx\", or \"cert\" and \"key\""}},
        MessageCase{"FileOnly",
                    "mail.pfx",
                    {"c.yaml:2:9: \"mail\": expected a certificate as a map of \"key: value\", "
                     "found \"mail.pfx\""}},
        MessageCase{"NoLeaves", "[]", {"c.yaml:2:9: \"mail\": the list is empty"}},
        MessageCase{
            "PfxAndCert",
            "{ pfx: a, cert: b }",
            {"c.yaml:2:9: \"pfx\" holds certificate and key; leave out \"cert\" and \"key\""}},
        MessageCase{
            "PfxAndKey",
            "{ pfx: a, key: b }",
            {"c.yaml:2:9: \"pfx\" holds certificate and key; leave out \"cert\" and \"key\""}},
        MessageCase{"KeyAlone", "{ key: b }", {"c.yaml:2:9: \"key\" needs \"cert\""}},
        MessageCase{"TwoPasswords",
                    "{ pfx: a, password_file: b, password_env: C }",
                    {"c.yaml:2:9: give \"password_file\" or \"password_env\", not both"}},
        MessageCase{"SecondLeaf",
                    "\n    - { pfx: a }\n    - { key: b }",
                    {"c.yaml:4:7: \"key\" needs \"cert\""}},
        MessageCase{"PastedKey",
                    "{ cert: a, key: \"-----BEGIN PRIVATE KEY-----\\nMIIE\" }",
                    {"c.yaml:2:25: \"key\": expected a file name, found several lines"}}),
    name_of);

// A password that stands in the file by mistake must not go on into a log.
INSTANTIATE_TEST_SUITE_P(
    Chains, CertificateErrors,
    testing::Values(
        MessageCase{"Serve",
                    "{ pfx: a, serve: asis }",
                    {"c.yaml:2:26: \"serve\": expected one of auto, as-given, found \"asis\""}},
        MessageCase{"Weak",
                    "{ pfx: a, weak: yes }",
                    {"c.yaml:2:25: \"weak\": expected one of refuse, allow, found \"yes\""}},
        MessageCase{"NoRootName",
                    "{ pfx: a, preferred_root: \"\" }",
                    {"c.yaml:2:35: \"preferred_root\": the name is empty"}},
        MessageCase{"AsGivenAndMore",
                    "{ pfx: a, serve: as-given, send_root: true }",
                    {"c.yaml:2:9: \"serve: as-given\" sends what the file holds; leave out "
                     "\"send_root\" and \"preferred_root\""}},
        MessageCase{"NoSuchProfile",
                    "{ pfx: a, chains: { old: { trust_profile: phones } } }",
                    {"c.yaml:2:51: no trust profile is called \"phones\"; none is defined"}},
        MessageCase{"TakenName",
                    "{ pfx: a, chains: { auto: {} } }",
                    {"c.yaml:2:29: the chain \"auto\" is the one that nobody named; choose another "
                     "name"}}),
    name_of);

INSTANTIATE_TEST_SUITE_P(
    Secrets, CertificateErrors,
    testing::Values(
        MessageCase{"PasswordKey",
                    "{ pfx: a, password: hunter2 }",
                    {"c.yaml:2:19: unknown key \"password\" in a certificate; did you mean "
                     "\"password_file\"?"}},
        MessageCase{
            "PasswordAsVariable",
            "{ pfx: a, password_env: \"hunter2!\" }",
            {"c.yaml:2:33: \"password_env\": expected the name of an environment variable"}},
        MessageCase{
            "VariableWithDigitFirst",
            "{ pfx: a, password_env: 2hunter }",
            {"c.yaml:2:33: \"password_env\": expected the name of an environment variable"}}),
    name_of);

}  // namespace
}  // namespace chainmend::config
