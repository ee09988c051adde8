// The inputs that the fuzz targets begin with are what they are meant to be: a seed that its reader
// refuses at the first byte would leave the rest of the reader in the dark.
#include <gtest/gtest.h>

#include <fstream>
#include <iterator>

#include "certs/aia_body.h"
#include "certs/certificate_reader.h"
#include "certs/pem.h"
#include "certs/pkcs12.h"
#include "certs/pkcs7.h"
#include "certs/sst.h"

namespace chainmend::certs {
namespace {

Bytes seed(const std::string& name) {
  std::ifstream in(std::string(CHAINMEND_SEEDS) + '/' + name, std::ios::binary);
  return Bytes(std::istreambuf_iterator<char>(in), {});
}

template <typename T>
std::size_t count(const Result<T>& content) {
  return content ? content->certificates.size() : 0;
}

TEST(FuzzSeeds, AreReadToTheEnd) {
  for (const char* name : {"c.pem", "c7.pem", "mixed.pem"}) {
    EXPECT_FALSE(read_pem(as_text(seed(std::string("pem/") + name))).blocks.empty()) << name;
  }
  EXPECT_GT(count(read_pkcs7(seed("pkcs7/c.p7b"))), 0U);
  EXPECT_GT(count(read_sst(seed("sst/c.sst"))), 0U);
  for (const char* name : {"c.p12", "nokey.p12"}) {
    EXPECT_GT(count(read_pkcs12(seed(std::string("pkcs12/") + name), "secret")), 0U) << name;
  }
  for (const char* name : {"der", "pem", "pkcs7", "pkcs7_pem"}) {
    const auto found = read_aia_body(seed(std::string("aia_body/") + name));
    EXPECT_TRUE(found && !found->empty()) << name;
  }
  EXPECT_TRUE(read_aia_body(seed("aia_body/pkcs7_empty")));
  for (const char* name : {"certificate", "root"}) {
    EXPECT_TRUE(Certificate::from_der(seed(std::string("aia_cache/") + name))) << name;
  }
  for (const char* name : {"c.der", "c.p7b", "c.pem", "c.sst"}) {
    EXPECT_FALSE(
        read_certificates(seed(std::string("certificates/") + name), name).certificates.empty())
        << name;
  }
}

}  // namespace
}  // namespace chainmend::certs
