#include "certs/aia_body.h"

#include <gtest/gtest.h>
#include <openssl/pem.h>

#include "tests/certs/aia_fixtures.h"

namespace chainmend::certs {
namespace {

class AiaBody : public ::testing::Test {
 protected:
  const Made a_ = make({"A"}), b_ = make({"B"}), c_ = make({"C"});

  // Common names in order, or the error.
  static std::string read(const Bytes& body) {
    const auto found = read_aia_body(body);
    if (!found) {
      return "error: " + found.error().text;
    }
    std::string names;
    for (const CertificatePtr& certificate : *found) {
      names += certificate->common_name();
    }
    return names;
  }
};

Bytes bytes(std::string_view text) { return {text.begin(), text.end()}; }

TEST_F(AiaBody, ReadsDer) { EXPECT_EQ(read(der_of(a_)), "A"); }

TEST_F(AiaBody, ReadsEveryCertificateOfPkcs7InOrder) {
  EXPECT_EQ(read(pkcs7_of({&c_, &a_, &b_})), "CAB");
}

TEST_F(AiaBody, TakesPkcs7WithoutCertificatesAsAnEmptyAnswer) { EXPECT_EQ(read(pkcs7_of({})), ""); }

TEST_F(AiaBody, ReadsPemWithTextAroundIt) { EXPECT_EQ(read(pem_of({&a_, &b_})), "AB"); }

TEST_F(AiaBody, ReadsPkcs7InPemUnderEitherLabel) {
  const Bytes der = pkcs7_of({&a_, &b_});
  for (const std::string label : {"PKCS7", "CERTIFICATE"}) {
    const BioPtr out(BIO_new(BIO_s_mem()));
    PEM_write_bio(out.get(), label.c_str(), "", der.data(), static_cast<long>(der.size()));
    char* data = nullptr;
    const long size = BIO_get_mem_data(out.get(), &data);
    EXPECT_EQ(read({data, data + size}), "AB") << label;
  }
}

TEST_F(AiaBody, KeepsTheGoodCertificatesOfPemWithABrokenOne) {
  Bytes pem = bytes("-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n");
  const Bytes good = pem_of({&a_});
  pem.insert(pem.end(), good.begin(), good.end());
  EXPECT_EQ(read(pem), "A");
}

TEST_F(AiaBody, SaysWhatIsWrongWithEverythingElse) {
  const Bytes whole = der_of(a_);
  EXPECT_EQ(read({}), "error: the answer has no body");
  EXPECT_EQ(read(bytes("<html>404</html>")), "error: neither a certificate nor a PKCS#7 message");
  EXPECT_EQ(read({whole.begin(), whole.end() - 1}),
            "error: neither a certificate nor a PKCS#7 message");
  EXPECT_EQ(read(bytes("-----BEGIN NONSENSE-----\nAAAA\n-----END NONSENSE-----\n")),
            "error: PEM without certificates");
}

}  // namespace
}  // namespace chainmend::certs
