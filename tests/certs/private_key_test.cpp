#include "certs/private_key.h"

#include <gtest/gtest.h>
#include <openssl/pem.h>

#include "tests/certs/containers.h"
#include "tests/certs/temp_folder.h"

namespace chainmend::certs {
namespace {

using testing::Identity;
using testing::make_root;
using testing::TempFolder;

template <typename Write>
std::string written(Write write) {
  const BioPtr out(BIO_new(BIO_s_mem()));
  EXPECT_EQ(write(out.get()), 1);
  char* data = nullptr;
  const long size = BIO_get_mem_data(out.get(), &data);
  return {data, static_cast<std::size_t>(size)};
}

// The key in every form that is written unencrypted, or with the password "correct".
std::vector<std::pair<std::string, std::string>> plain_forms(EVP_PKEY* key) {
  return {
      {"PKCS#8 PEM", written([&](BIO* out) {
         return PEM_write_bio_PKCS8PrivateKey(out, key, nullptr, nullptr, 0, nullptr, nullptr);
       })},
      {"traditional PEM", written([&](BIO* out) {
         return PEM_write_bio_PrivateKey_traditional(out, key, nullptr, nullptr, 0, nullptr,
                                                     nullptr);
       })},
      {"PKCS#8 DER", written([&](BIO* out) {
         return i2d_PKCS8PrivateKey_bio(out, key, nullptr, nullptr, 0, nullptr, nullptr);
       })},
      {"traditional DER", written([&](BIO* out) { return i2d_PrivateKey_bio(out, key); })},
  };
}

std::vector<std::pair<std::string, std::string>> encrypted_forms(EVP_PKEY* key) {
  char password[] = "correct";
  auto* secret = reinterpret_cast<unsigned char*>(password);
  return {
      {"PKCS#8 PEM", written([&](BIO* out) {
         return PEM_write_bio_PKCS8PrivateKey(out, key, EVP_aes_256_cbc(), password, 7, nullptr,
                                              nullptr);
       })},
      {"PKCS#8 DER", written([&](BIO* out) {
         return i2d_PKCS8PrivateKey_bio(out, key, EVP_aes_256_cbc(), password, 7, nullptr, nullptr);
       })},
      {"old PKCS#8 PEM", written([&](BIO* out) {
         return PEM_write_bio_PKCS8PrivateKey_nid(out, key, NID_pbe_WithSHA1And3_Key_TripleDES_CBC,
                                                  password, 7, nullptr, nullptr);
       })},
      {"traditional PEM", written([&](BIO* out) {
         return PEM_write_bio_PrivateKey_traditional(out, key, EVP_aes_128_cbc(), secret, 7,
                                                     nullptr, nullptr);
       })},
  };
}

TEST(PrivateKey, IsReadInEveryPlainForm) {
  for (const auto& key : {testing::make_ec_key(), testing::make_rsa_key(2048)}) {
    for (const auto& [form, text] : plain_forms(key.get())) {
      const auto read = read_private_key(as_bytes(text), {});
      ASSERT_TRUE(read.has_value()) << form << ": " << read.error().text;
      EXPECT_EQ(EVP_PKEY_eq(read->get(), key.get()), 1) << form;
    }
  }
}

TEST(PrivateKey, NeedsThePasswordOfEveryEncryptedForm) {
  for (const auto& key : {testing::make_ec_key(), testing::make_rsa_key(2048)}) {
    for (const auto& [form, text] : encrypted_forms(key.get())) {
      const auto read = read_private_key(as_bytes(text), "correct");
      ASSERT_TRUE(read.has_value()) << form << ": " << read.error().text;
      EXPECT_EQ(EVP_PKEY_eq(read->get(), key.get()), 1) << form;
      const auto without = read_private_key(as_bytes(text), {});
      ASSERT_FALSE(without.has_value()) << form;
      EXPECT_EQ(without.error().code, ErrorCode::password_needed) << form << without.error().text;
      const auto wrong = read_private_key(as_bytes(text), "guess");
      ASSERT_FALSE(wrong.has_value()) << form;
      EXPECT_EQ(wrong.error().code, ErrorCode::wrong_password) << form << wrong.error().text;
    }
  }
}

// One wrong password in 256 leaves what looks like good padding: the cipher succeeds, and what
// comes out is no key.
TEST(PrivateKey, CallsThePasswordWrongHoweverTheGarbageLooks) {
  const auto key = testing::make_ec_key();
  char password[] = "correct";
  auto* secret = reinterpret_cast<unsigned char*>(password);
  for (int i = 0; i < 1000; ++i) {  // each with another salt
    const std::string text = written([&](BIO* out) {
      return PEM_write_bio_PrivateKey_traditional(out, key.get(), EVP_aes_128_cbc(), secret, 7,
                                                  nullptr, nullptr);
    });
    const auto wrong = read_private_key(as_bytes(text), "guess");
    ASSERT_FALSE(wrong.has_value());
    ASSERT_EQ(wrong.error().code, ErrorCode::wrong_password) << i << wrong.error().text;
  }
}

TEST(PrivateKey, IsFoundBesideCertificates) {
  const Identity one = make_root("CN=A");
  const std::string text =
      testing::armour("CERTIFICATE", one.certificate->der()) + "words\n" + testing::key_pem(one);
  const auto key = read_private_key(as_bytes(text), {});
  ASSERT_TRUE(key.has_value());
  EXPECT_EQ(spki_hash(**key), one.certificate->spki_hash());
}

TEST(PrivateKey, IsFoundInPkcs12) {
  const Identity one = make_root("CN=A");
  const auto key = read_private_key(testing::make_pkcs12({one}, "x"), "x");
  ASSERT_TRUE(key.has_value());
  EXPECT_EQ(spki_hash(**key), one.certificate->spki_hash());
}

TEST(PrivateKey, SaysWhenThereIsNone) {
  const std::pair<std::string, ErrorCode> cases[] = {
      {"", ErrorCode::not_recognised},
      {"words\n", ErrorCode::not_recognised},
      {make_root("CN=A").certificate->pem(), ErrorCode::empty},
      {std::string("\x30\x03\x02\x01\x05"), ErrorCode::malformed},
      {"-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n", ErrorCode::malformed},
      {"-----BEGIN PRIVATE KEY-----\nAA*A\n-----END PRIVATE KEY-----\n", ErrorCode::malformed},
  };
  for (const auto& [text, code] : cases) {
    const auto key = read_private_key(as_bytes(text), {});
    ASSERT_FALSE(key.has_value());
    EXPECT_EQ(key.error().code, code) << text << key.error().text;
  }
}

TEST(PrivateKey, SaysWhichFileCouldNotBeRead) {
  const TempFolder folder;
  const auto missing = read_private_key_file(folder.path("missing.key"), {});
  ASSERT_FALSE(missing.has_value());
  EXPECT_EQ(missing.error().code, ErrorCode::cannot_read);
  EXPECT_EQ(missing.error().where, folder.path("missing.key"));
  const std::string path = folder.write(
      "a.key", "words\n-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n");
  const auto broken = read_private_key_file(path, {});
  ASSERT_FALSE(broken.has_value());
  EXPECT_EQ(broken.error().describe().rfind(path + ":2: ", 0), 0U) << broken.error().describe();
}

TEST(Password, IsTheFirstLineOfItsFile) {
  const TempFolder folder;
  for (const auto& [content, expected] :
       {std::pair("secret\n", "secret"), std::pair("secret\r\nmore\n", "secret"),
        std::pair("secret", "secret"), std::pair(" a b \n", " a b "), std::pair("", ""),
        std::pair("\xEF\xBB\xBFsecret\r\n", "secret")}) {
    const auto password = password_from_file(folder.write("pass", std::string_view(content)));
    ASSERT_TRUE(password.has_value());
    EXPECT_EQ(*password, Password(expected));
  }
  EXPECT_FALSE(password_from_file(folder.path("missing")).has_value());
  EXPECT_FALSE(password_from_file(folder.write("long", std::string(5000, 'x'))).has_value());
}

TEST(Password, OfPowerShellIsTold) {
  const TempFolder folder;
  const auto utf16 =
      password_from_file(folder.write("pass", std::string("\xFF\xFEs\0\r\0\n\0", 8)));
  ASSERT_FALSE(utf16.has_value());
  EXPECT_EQ(utf16.error().text,
            "this password file is UTF-16, as PowerShell's > writes it; save it as UTF-8");
}

TEST(Password, ThatDoesNotFitIsDoubted) {
  const TempFolder folder;
  for (const auto& [content, doubt] :
       {std::pair("", " is empty"), std::pair("\nsecret\n", " is empty"),
        std::pair("secret \n", " begins or ends with a blank, which is taken for part of it"),
        std::pair("\tsecret\n", " begins or ends with a blank, which is taken for part of it"),
        std::pair("\"secret\"\n", " is in quotes, which are taken for part of it")}) {
    const std::string path = folder.write("pass", std::string_view(content));
    EXPECT_EQ(doubt_about_password_file(path), "; the first line of " + path + doubt) << content;
  }
  EXPECT_EQ(doubt_about_password_file(folder.write("pass", "secret\n")), "");
  EXPECT_EQ(doubt_about_password_file(folder.path("missing")), "");
}

TEST(Password, MayComeFromTheEnvironment) {
  ASSERT_EQ(setenv("CHAINMEND_TEST_PASSWORD", "secret", 1), 0);
  const auto password = password_from_environment("CHAINMEND_TEST_PASSWORD");
  ASSERT_TRUE(password.has_value());
  EXPECT_EQ(*password, Password("secret"));
  unsetenv("CHAINMEND_TEST_PASSWORD");
  EXPECT_FALSE(password_from_environment("CHAINMEND_TEST_PASSWORD").has_value());
}

}  // namespace
}  // namespace chainmend::certs
