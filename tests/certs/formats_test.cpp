// The binary containers: PKCS#7, Windows stores and PKCS#12.
#include <gtest/gtest.h>

#include <algorithm>

#include "certs/decryption.h"
#include "certs/pkcs12.h"
#include "certs/pkcs7.h"
#include "certs/private_key.h"
#include "certs/sst.h"
#include "tests/certs/containers.h"

namespace chainmend::certs {
namespace {

using testing::Identity;
using testing::make_leaf;
using testing::make_pkcs12;
using testing::make_pkcs7;
using testing::make_root;
using testing::make_sst;
using testing::Pkcs12Kind;

template <typename Content>
std::vector<std::string> subjects(const Content& content) {
  std::vector<std::string> all;
  for (const CertificatePtr& one : content.certificates) {
    all.push_back(one->subject());
  }
  return all;
}

using Subjects = std::vector<std::string>;

TEST(Pkcs7, GivesAllCertificates) {
  const auto content =
      read_pkcs7(make_pkcs7({make_root("CN=A"), make_root("CN=B"), make_root("CN=C")}));
  ASSERT_TRUE(content.has_value());
  EXPECT_EQ(subjects(*content), (Subjects{"CN=A", "CN=B", "CN=C"}));
}

TEST(Pkcs7, MayHoldNone) {
  const auto content = read_pkcs7(make_pkcs7({}));
  ASSERT_TRUE(content.has_value());
  EXPECT_TRUE(content->certificates.empty());
}

TEST(Pkcs7, IsRefusedWhenBroken) {
  const Bytes whole = make_pkcs7({make_root("CN=A")});
  for (const std::size_t size :
       {std::size_t{0}, std::size_t{1}, whole.size() / 2, whole.size() - 1}) {
    const auto content = read_pkcs7(ByteView(whole).first(size));
    ASSERT_FALSE(content.has_value()) << size;
    EXPECT_EQ(content.error().code, ErrorCode::malformed);
  }
}

TEST(Sst, GivesAllCertificatesAndSkipsProperties) {
  const auto content = read_sst(make_sst({make_root("CN=A"), make_root("CN=B")}));
  ASSERT_TRUE(content.has_value());
  EXPECT_EQ(subjects(*content), (Subjects{"CN=A", "CN=B"}));
  EXPECT_TRUE(content->problems.empty());
}

TEST(Sst, IsRecognisedByItsHeader) {
  EXPECT_TRUE(looks_like_sst(make_sst({})));
  EXPECT_FALSE(looks_like_sst(as_bytes("CERT")));
  const auto content = read_sst(as_bytes("something else"));
  ASSERT_FALSE(content.has_value());
  EXPECT_EQ(content.error().code, ErrorCode::not_recognised);
}

TEST(Sst, KeepsWhatStoodBeforeABreak) {
  const Bytes whole = make_sst({make_root("CN=A"), make_root("CN=B")});
  const auto content = read_sst(ByteView(whole).first(whole.size() - 20));
  ASSERT_TRUE(content.has_value());
  EXPECT_EQ(subjects(*content), (Subjects{"CN=A"}));
  ASSERT_EQ(content->problems.size(), 1U);
  EXPECT_EQ(content->problems[0].code, ErrorCode::malformed);
}

TEST(Sst, UsesTheRestWhenOneEntryIsBroken) {
  Bytes store = make_sst({make_root("CN=A"), make_root("CN=B")});
  store[8 + 16 + 12] = 0xFF;  // first byte of the first certificate
  const auto content = read_sst(store);
  ASSERT_TRUE(content.has_value());
  EXPECT_EQ(subjects(*content), (Subjects{"CN=B"}));
  EXPECT_EQ(content->problems.size(), 1U);
}

TEST(Sst, DoesNotBelieveALengthField) {
  const Bytes store{0, 0, 0, 0, 'C', 'E', 'R',  'T',  32,   0,
                    0, 0, 1, 0, 0,   0,   0xFF, 0xFF, 0xFF, 0xFF};
  const auto content = read_sst(store);
  ASSERT_FALSE(content.has_value());
  EXPECT_EQ(content.error().code, ErrorCode::malformed);
}

class Pkcs12Kinds : public ::testing::TestWithParam<Pkcs12Kind> {};

TEST_P(Pkcs12Kinds, GivesKeyAndCertificatesWithThePassword) {
  const Identity root = make_root("CN=Root");
  const Identity leaf = make_leaf("mail.example", root);
  const auto content = read_pkcs12(make_pkcs12({leaf, root}, "correct", GetParam()), "correct");
  ASSERT_TRUE(content.has_value()) << content.error().text;
  ASSERT_EQ(content->keys.size(), 1U);
  EXPECT_EQ(spki_hash(*content->keys[0].key), leaf.certificate->spki_hash());
  EXPECT_EQ(subjects(*content), (Subjects{"CN=mail.example", "CN=Root"}));
}

TEST_P(Pkcs12Kinds, TellsAMissingFromAWrongPassword) {
  const Identity leaf = make_root("CN=Leaf");
  const Bytes file = make_pkcs12({leaf}, "correct", GetParam());
  const auto missing = read_pkcs12(file, {});
  ASSERT_FALSE(missing.has_value());
  EXPECT_EQ(missing.error().code, ErrorCode::password_needed);
  const auto wrong = read_pkcs12(file, "guess");
  ASSERT_FALSE(wrong.has_value());
  EXPECT_EQ(wrong.error().code, ErrorCode::wrong_password);
  EXPECT_EQ(wrong.error().text.find("guess"), std::string::npos);
}

INSTANTIATE_TEST_SUITE_P(Encrypted, Pkcs12Kinds,
                         ::testing::Values(Pkcs12Kind::modern, Pkcs12Kind::windows,
                                           Pkcs12Kind::without_mac));

TEST(Pkcs12, OpensWithEitherCustomOfNoPassword) {
  const Identity leaf = make_root("CN=Leaf");
  for (const auto kind : {Pkcs12Kind::modern, Pkcs12Kind::windows, Pkcs12Kind::unencrypted}) {
    for (const auto& written : {std::optional<std::string>(""), std::optional<std::string>()}) {
      for (const auto& given : {Password(""), Password()}) {
        const auto content = read_pkcs12(make_pkcs12({leaf}, written, kind), given);
        ASSERT_TRUE(content.has_value())
            << content.error().text << " " << static_cast<int>(kind) << written.has_value();
        EXPECT_EQ(content->keys.size(), 1U);
      }
    }
  }
}

TEST(Pkcs12, MayHoldCertificatesOnly) {
  const auto content = read_pkcs12(
      make_pkcs12({make_root("CN=A"), make_root("CN=B")}, "x", Pkcs12Kind::modern, false), "x");
  ASSERT_TRUE(content.has_value());
  EXPECT_TRUE(content->keys.empty());
  EXPECT_EQ(content->certificates.size(), 2U);
}

TEST(Pkcs12, OpensWithAPasswordBeyondAscii) {
  const Identity leaf = make_root("CN=Leaf");
  const std::string password = "Schl\xC3\xBCssel \xE2\x82\xAC";
  for (const auto kind : {Pkcs12Kind::modern, Pkcs12Kind::windows}) {
    EXPECT_TRUE(read_pkcs12(make_pkcs12({leaf}, password, kind), password).has_value());
  }
}

// An algorithm identifier that nobody has stands in for one that this OpenSSL was built without.
TEST(Pkcs12, NamesAnUnsupportedAlgorithm) {
  Bytes file = make_pkcs12({make_root("CN=Leaf")}, "correct", Pkcs12Kind::without_mac);
  const Bytes aes{0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x01, 0x2A};
  const auto at = std::search(file.begin(), file.end(), aes.begin(), aes.end());
  ASSERT_NE(at, file.end());
  *(at + 8) = 0x7F;
  const auto content = read_pkcs12(file, "correct");
  ASSERT_FALSE(content.has_value());
  EXPECT_EQ(content.error().code, ErrorCode::unsupported_algorithm) << content.error().text;
}

TEST(Pkcs12, RefusesAnIntegrityCheckWithoutEnd) {
  Bytes file = make_pkcs12({make_root("CN=Leaf")}, "correct", Pkcs12Kind::modern, true, 0x10000);
  ASSERT_EQ(Bytes(file.end() - 5, file.end()), (Bytes{0x02, 0x03, 0x01, 0x00, 0x00}));
  *(file.end() - 3) = 0x7F;  // the iteration count is the last thing in the file
  const auto content = read_pkcs12(file, "correct");
  ASSERT_FALSE(content.has_value());
  EXPECT_EQ(content.error().code, ErrorCode::blocked);
}

using AlgorithmPtr = std::unique_ptr<X509_ALGOR, OpensslDeleter<&X509_ALGOR_free>>;

TEST(DerivationCost, HasALimit) {
  unsigned char salt[8] = {};
  for (const auto& [iterations, allowed] :
       {std::pair(600'000, true), std::pair(50'000'000, false)}) {
    const AlgorithmPtr modern(PKCS5_pbe2_set(EVP_aes_256_cbc(), iterations, salt, sizeof salt));
    EXPECT_EQ(check_derivation_cost(*modern).has_value(), allowed);
    const AlgorithmPtr old(
        PKCS5_pbe_set(NID_pbe_WithSHA1And3_Key_TripleDES_CBC, iterations, salt, sizeof salt));
    EXPECT_EQ(check_derivation_cost(*old).has_value(), allowed);
  }
}

TEST(Pkcs12, IsRefusedAtEveryTruncation) {
  const Bytes file = make_pkcs12({make_root("CN=Leaf")}, "correct");
  for (std::size_t size = 0; size < file.size(); size += 7) {
    EXPECT_FALSE(read_pkcs12(ByteView(file).first(size), "correct").has_value()) << size;
  }
}

}  // namespace
}  // namespace chainmend::certs
