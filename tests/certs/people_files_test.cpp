// Certificate and key files as people have them: read with a note that says what was put right, or
// told as what they are.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <openssl/evp.h>
#include <openssl/pkcs12.h>
#include <openssl/x509.h>

#include <algorithm>
#include <cstring>
#include <functional>

#include "certs/certificate_reader.h"
#include "certs/credential.h"
#include "certs/private_key.h"
#include "tests/certs/containers.h"
#include "tests/certs/temp_folder.h"

namespace chainmend::certs {
namespace {

using testing::armour;
using testing::der_of;
using ::testing::HasSubstr;
using testing::Identity;
using testing::make_root;
using testing::TempFolder;

std::string replaced(std::string text, const std::string& what, const std::string& by) {
  for (std::size_t at = 0; (at = text.find(what, at)) != std::string::npos; at += by.size()) {
    text.replace(at, what.size(), by);
  }
  return text;
}

std::string base64(const std::string& text, bool lines) {
  std::string out(text.size() * 2 + 4, '\0');
  const int size = EVP_EncodeBlock(reinterpret_cast<unsigned char*>(out.data()),
                                   as_bytes(text).data(), static_cast<int>(text.size()));
  out.resize(static_cast<std::size_t>(size));
  for (std::size_t at = 76; lines && at < out.size(); at += 77) {
    out.insert(at, "\n");
  }
  return out;
}

std::string utf16(const std::string& text, bool little, bool mark) {
  std::string out = !mark ? "" : little ? "\xff\xfe" : "\xfe\xff";
  for (const char c : text) {
    out += little ? std::string{c, '\0'} : std::string{'\0', c};
  }
  return out;
}

struct Written {
  const char* how;
  std::function<std::string(const std::string&)> write;
  const char* note;  // empty: nothing to say
};

const std::vector<Written>& ways() {
  static const std::vector<Written> all = {
      {"plain", [](auto t) { return t; }, ""},
      {"UTF-16 LE", [](auto t) { return utf16(replaced(t, "\n", "\r\n"), true, true); }, "UTF-16"},
      {"UTF-16 BE", [](auto t) { return utf16(t, false, true); }, "UTF-16"},
      {"UTF-16 without a mark", [](auto t) { return utf16(t, true, false); }, "UTF-16"},
      {"CR alone", [](auto t) { return replaced(t, "\n", "\r"); }, "CR alone"},
      {"escaped", [](auto t) { return replaced(t, "\n", "\\n"); }, "\\n"},
      {"escaped CRLF in quotes", [](auto t) { return "\"" + replaced(t, "\n", "\\r\\n") + "\"\n"; },
       "\\n"},
      {"JSON", [](auto t) { return "{\n \"tls.crt\": \"" + replaced(t, "\n", "\\n") + "\"\n}\n"; },
       "\\n"},
      {"base64", [](auto t) { return base64(t, false) + "\n"; }, "Kubernetes"},
      {"base64 in lines", [](auto t) { return base64(t, true); }, "Kubernetes"},
      {"break tags", [](auto t) { return replaced(t, "\n", "<br>\n"); }, "markup"},
      {"quoted mail", [](auto t) { return "> " + replaced(t, "\n", "\n> "); }, ""},
      {"character references", [](auto t) { return replaced(t, "\n", "&#13;\n"); }, "markup"},
      {"backslashes", [](auto t) { return replaced(t, "\n", "\\\n"); }, "markup"},
  };
  return all;
}

TEST(PeoplesFiles, OfCertificatesAreReadWithANote) {
  const Identity a = make_root("CN=A");
  const Identity b = make_root("CN=B");
  const std::string text = a.certificate->pem() + b.certificate->pem();
  for (const Written& way : ways()) {
    const Reading reading = read_certificates(as_bytes(way.write(text)), "f");
    ASSERT_EQ(reading.certificates.size(), 2U) << way.how;
    EXPECT_EQ(reading.certificates[0].certificate->subject(), "CN=A") << way.how;
    EXPECT_EQ(reading.certificates[1].certificate->subject(), "CN=B") << way.how;
    EXPECT_TRUE(reading.problems.empty()) << way.how << ": " << reading.problems[0].describe();
    if (*way.note != '\0') {
      ASSERT_FALSE(reading.notes.empty()) << way.how;
      EXPECT_THAT(reading.notes[0].text, HasSubstr(way.note)) << way.how;
      EXPECT_EQ(reading.notes[0].where, "f");
    }
  }
}

TEST(PeoplesFiles, OfKeysAreReadLikewise) {
  const Identity a = make_root("CN=A");
  const std::string text = testing::key_pem(a);
  for (const Written& way : ways()) {
    const auto key = read_private_key(as_bytes(way.write(text)), {});
    ASSERT_TRUE(key.has_value()) << way.how << ": " << key.error().describe();
    EXPECT_EQ(spki_hash(**key), a.certificate->spki_hash()) << way.how;
  }
}

// What `cat` makes of files without a last line end.
TEST(PeoplesFiles, JoinedOnOneLineAreBothRead) {
  const Identity a = make_root("CN=A");
  const Identity b = make_root("CN=B");
  const std::string first = a.certificate->pem();
  const Reading reading =
      read_certificates(as_bytes(first.substr(0, first.size() - 1) + b.certificate->pem()), "f");
  ASSERT_EQ(reading.certificates.size(), 2U);
  EXPECT_TRUE(reading.problems.empty());
  ASSERT_EQ(reading.notes.size(), 1U);
  EXPECT_THAT(reading.notes[0].text, HasSubstr("joined"));
  EXPECT_EQ(reading.notes[0].line, reading.certificates[1].line);
}

TEST(PeoplesFiles, OfBase64WithoutArmourAreReadWhenTheyAreTheWholeFile) {
  const Identity a = make_root("CN=A");
  const std::string der(as_text(a.certificate->der()));
  const Reading reading = read_certificates(as_bytes(base64(der, true)), "f");
  ASSERT_EQ(reading.certificates.size(), 1U);
  ASSERT_EQ(reading.notes.size(), 1U);
  EXPECT_THAT(reading.notes[0].text, HasSubstr("without BEGIN"));
}

TEST(PeoplesFiles, WithACertificateThatLostItsBeginLineSayWhere) {
  const Identity a = make_root("CN=A");
  const Identity b = make_root("CN=B");
  const std::string lost = b.certificate->pem();
  const Reading reading =
      read_certificates(as_bytes(a.certificate->pem() + lost.substr(lost.find('\n') + 1)), "f");
  ASSERT_EQ(reading.certificates.size(), 1U);
  ASSERT_EQ(reading.problems.size(), 1U);
  EXPECT_THAT(reading.problems[0].text, HasSubstr("BEGIN"));
  const std::string first = a.certificate->pem();
  EXPECT_EQ(reading.problems[0].line,
            static_cast<std::size_t>(std::ranges::count(first, '\n')) + 1);
}

TEST(PeoplesFiles, ThatOnlySpeakOfABlockBeginNone) {
  const Identity a = make_root("CN=A");
  const Reading reading = read_certificates(
      as_bytes("# paste it below the -----BEGIN CERTIFICATE----- line\n" + a.certificate->pem()),
      "f");
  EXPECT_EQ(reading.certificates.size(), 1U);
  EXPECT_TRUE(reading.problems.empty());
}

template <typename T>
Bytes der_from(T* object, int (*write)(const T*, unsigned char**)) {
  unsigned char* der = nullptr;
  const int size = write(object, &der);
  Bytes out(der, der + size);
  OPENSSL_free(der);
  return out;
}

TEST(PeoplesFiles, ThatAreSomethingElseAreToldAsWhatTheyAre) {
  const Identity a = make_root("CN=A");
  const EvpPkeyPtr key = testing::key_of(a);
  X509_REQ* request = X509_REQ_new();
  X509_REQ_set_pubkey(request, key.get());
  X509_REQ_sign(request, key.get(), EVP_sha256());
  const Bytes csr = der_from<X509_REQ>(request, &i2d_X509_REQ);
  X509_REQ_free(request);
  const Bytes public_key = der_from<EVP_PKEY>(key.get(), &i2d_PUBKEY);
  const Bytes some = {1, 2, 3};
  const auto text = [](const char* words) { return Bytes(words, words + std::strlen(words)); };
  const auto armoured = [](const char* label, const Bytes& der) {
    const std::string pem = armour(label, der);
    return Bytes(pem.begin(), pem.end());
  };
  const std::pair<Bytes, const char*> rows[] = {
      {text("PK\x03\x04 and so on"), "unpack it first"},
      {{0xfe, 0xed, 0xfe, 0xed, 0, 0, 0, 2}, "keytool -importkeystore"},
      {{0xce, 0xce, 0xce, 0xce, 0, 0, 0, 2}, "keytool -importkeystore"},
      {{0x1e, 0xf1, 0xb5, 0xb0, 0, 0}, "PVK"},
      {{0x07, 0x02, 0, 0, 0, 0xa4, 0, 0}, "PRIVATEKEYBLOB"},
      {text("<!DOCTYPE html><html>"), "page"},
      {text("\r\n  <html>"), "page"},
      {text("%PDF-1.7"), "PDF"},
      {text("ssh-rsa AAAAB3Nza me@host"), "SSH"},
      {text("PuTTY-User-Key-File-3: ssh-rsa"), "PuTTY"},
      {armoured("CERTIFICATE REQUEST", csr), "certificate request"},
      {armoured("NEW CERTIFICATE REQUEST", csr), "certificate request"},
      {csr, "certificate request"},
      {armoured("PUBLIC KEY", public_key), "public key"},
      {public_key, "public key"},
      {armoured("OPENSSH PRIVATE KEY", some), "ssh-keygen"},
      {armoured("PGP PUBLIC KEY BLOCK", some), "PGP"},
      {armoured("EC PARAMETERS", some), "parameters of a curve"},
      {armoured("X509 CRL", some), "revocation list"},
  };
  for (const auto& [bytes, words] : rows) {
    const Reading reading = read_certificates(bytes, "f");
    EXPECT_TRUE(reading.certificates.empty()) << words;
    ASSERT_EQ(reading.problems.size(), 1U) << words;
    EXPECT_THAT(reading.problems[0].text, HasSubstr(words));
    const auto as_key = read_private_key(bytes, {});
    ASSERT_FALSE(as_key.has_value()) << words;
    if (bytes.front() != 0x30) {
      EXPECT_THAT(as_key.error().text, HasSubstr(words));
    }
  }
}

TEST(PeoplesFiles, WithKeyAndCertificateMixedUpSaySo) {
  const Identity a = make_root("CN=A");
  const Reading reading = read_certificates(as_bytes(testing::key_pem(a)), "f");
  ASSERT_EQ(reading.problems.size(), 1U);
  EXPECT_THAT(reading.problems[0].text, HasSubstr("a private key, where a certificate"));
  const auto key = read_private_key(as_bytes(a.certificate->pem()), {});
  ASSERT_FALSE(key.has_value());
  EXPECT_THAT(key.error().text, HasSubstr("a certificate, where a private key"));
}

// A PKCS#12 file with the key and certificate of each, under the names given.
Bytes make_pfx_of_two(const Identity& a, const char* name_a, const Identity& b,
                      const char* name_b) {
  STACK_OF(PKCS12_SAFEBAG)* bags = nullptr;
  for (const auto& [identity, name] : {std::pair(&a, name_a), std::pair(&b, name_b)}) {
    const EvpPkeyPtr key = testing::key_of(*identity);
    PKCS12_add_cert(&bags, identity->certificate->x509());
    PKCS12_SAFEBAG* bag = PKCS12_add_key(&bags, key.get(), 0, 1000, NID_aes_256_cbc, "x");
    PKCS12_add_friendlyname_utf8(bag, name, -1);
  }
  STACK_OF(PKCS7)* safes = nullptr;
  PKCS12_add_safe(&safes, bags, -1, 0, nullptr);
  PKCS12* file = PKCS12_add_safes(safes, 0);
  PKCS12_set_mac(file, "x", -1, nullptr, 0, 1000, EVP_sha256());
  const Bytes der = der_from<PKCS12>(file, &i2d_PKCS12);
  PKCS12_free(file);
  sk_PKCS7_pop_free(safes, PKCS7_free);
  sk_PKCS12_SAFEBAG_pop_free(bags, PKCS12_SAFEBAG_free);
  return der;
}

TEST(PeoplesFiles, WithTwoKeysWantOneNamed) {
  const TempFolder folder;
  const Identity a = make_root("CN=A");
  const Identity b = make_root("CN=B");
  const std::string file = folder.write("two.pfx", make_pfx_of_two(a, "Exchange", b, "Lync"));
  const auto none = load_pfx(file, "x");
  ASSERT_FALSE(none.has_value());
  EXPECT_EQ(none.error().code, ErrorCode::ambiguous);
  EXPECT_THAT(none.error().text, HasSubstr("'Exchange', 'Lync'"));
  const auto lync = load_pfx(file, "x", "Lync");
  ASSERT_TRUE(lync.has_value()) << lync.error().describe();
  EXPECT_EQ(lync->file.leaf->subject(), "CN=B");
  const auto wrong = load_pfx(file, "x", "OWA");
  ASSERT_FALSE(wrong.has_value());
  EXPECT_THAT(wrong.error().text, HasSubstr("'OWA'; it has 'Exchange', 'Lync'"));
}

}  // namespace
}  // namespace chainmend::certs
