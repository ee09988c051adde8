#include "certs/name.h"

#include <gtest/gtest.h>

#include "tests/certs/test_pki.h"

namespace chainmend::certs {
namespace {

std::string key_of(const std::string& subject, int type) {
  return testing::issue({.subject = subject, .string_type = type}).certificate->subject_key();
}

struct NameCase {
  const char* why;
  const char* a;
  int a_type;
  const char* b;
  int b_type;
  bool equal;
};

TEST(NameKey, ComparesAsRfc5280Says) {
  const NameCase cases[] = {
      {"same", "CN=A", V_ASN1_UTF8STRING, "CN=A", V_ASN1_UTF8STRING, true},
      {"string type", "CN=A", V_ASN1_UTF8STRING, "CN=A", V_ASN1_PRINTABLESTRING, true},
      {"wide string", "CN=A", V_ASN1_UTF8STRING, "CN=A", V_ASN1_BMPSTRING, true},
      {"case", "CN=Example CA", V_ASN1_UTF8STRING, "CN=EXAMPLE ca", V_ASN1_UTF8STRING, true},
      {"inner blanks", "CN=a  b", V_ASN1_UTF8STRING, "CN=a b", V_ASN1_UTF8STRING, true},
      {"outer blanks", "CN= a b ", V_ASN1_UTF8STRING, "CN=a b", V_ASN1_UTF8STRING, true},
      {"no blank is a blank", "CN=ab", V_ASN1_UTF8STRING, "CN=a b", V_ASN1_UTF8STRING, false},
      {"order within one RDN", "CN=a+O=b", V_ASN1_UTF8STRING, "O=b+CN=a", V_ASN1_UTF8STRING, true},
      {"order of RDNs", "CN=a,O=b", V_ASN1_UTF8STRING, "O=b,CN=a", V_ASN1_UTF8STRING, false},
      {"one RDN or two", "CN=a+O=b", V_ASN1_UTF8STRING, "CN=a,O=b", V_ASN1_UTF8STRING, false},
      {"other attribute", "CN=a", V_ASN1_UTF8STRING, "O=a", V_ASN1_UTF8STRING, false},
      {"prefix", "CN=a", V_ASN1_UTF8STRING, "CN=a,O=b", V_ASN1_UTF8STRING, false},
      {"case beyond ASCII", "CN=\xC3\xA4", V_ASN1_UTF8STRING, "CN=\xC3\x84", V_ASN1_UTF8STRING,
       false},
  };
  for (const NameCase& c : cases) {
    EXPECT_EQ(key_of(c.a, c.a_type) == key_of(c.b, c.b_type), c.equal) << c.why;
  }
}

TEST(NameText, ReadsFromTheMostSpecificPart) {
  EXPECT_EQ(testing::issue({.subject = "C=DE,O=\xC3\x9C"
                                       "ber,CN=a"})
                .certificate->subject(),
            "CN=a,O=\xC3\x9C"
            "ber,C=DE");
}

TEST(NameText, SaysWhenANameIsEmpty) {
  EXPECT_EQ(testing::issue({.subject = ""}).certificate->subject(), "(empty)");
}

}  // namespace
}  // namespace chainmend::certs
