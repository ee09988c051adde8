#include "certs/certificate_reader.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include "tests/certs/containers.h"
#include "tests/certs/temp_folder.h"

namespace chainmend::certs {
namespace {

using testing::armour;
using testing::der_of;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using testing::Identity;
using ::testing::IsEmpty;
using testing::make_root;
using ::testing::StartsWith;
using testing::TempFolder;

std::vector<std::string> subjects(const Reading& reading) {
  std::vector<std::string> all;
  for (const FoundCertificate& found : reading.certificates) {
    all.push_back(found.certificate->subject());
  }
  return all;
}

std::vector<std::string> problems(const Reading& reading) {
  std::vector<std::string> all;
  for (const Error& problem : reading.problems) {
    all.push_back(problem.describe());
  }
  return all;
}

Reading read(std::string_view text) { return read_certificates(as_bytes(text), "f"); }

TEST(ReadCertificates, TellsFormatsByContent) {
  const Identity a = make_root("CN=A");
  const Identity b = make_root("CN=B");
  const std::pair<const char*, Bytes> cases[] = {
      {"DER", der_of(a)},
      {"PKCS#7", testing::make_pkcs7({a, b})},
      {"SST", testing::make_sst({a, b})},
      {"PKCS#12", testing::make_pkcs12({a, b}, "")},
  };
  for (const auto& [format, bytes] : cases) {
    const Reading reading = read_certificates(bytes, "f");
    EXPECT_THAT(problems(reading), IsEmpty()) << format;
    ASSERT_FALSE(reading.certificates.empty()) << format;
    EXPECT_EQ(subjects(reading).front(), "CN=A") << format;
    EXPECT_EQ(reading.certificates.size(), format == std::string("DER") ? 1U : 2U) << format;
  }
}

TEST(ReadCertificates, ReadsEveryArmour) {
  const Identity a = make_root("CN=A");
  unsigned char* aux = nullptr;
  X509_alias_set1(a.certificate->x509(), reinterpret_cast<const unsigned char*>("alias"), -1);
  const int size = i2d_X509_AUX(a.certificate->x509(), &aux);
  const Bytes trusted(aux, aux + size);
  OPENSSL_free(aux);
  const std::string cases[] = {
      armour("CERTIFICATE", der_of(a)),
      armour("X509 CERTIFICATE", der_of(a)),
      armour("TRUSTED CERTIFICATE", trusted),
      armour("PKCS7", testing::make_pkcs7({a})),
      armour("CERTIFICATE", testing::make_pkcs7({a})),
  };
  for (const std::string& text : cases) {
    const Reading reading = read(text);
    EXPECT_THAT(subjects(reading), ElementsAre("CN=A")) << text;
    EXPECT_THAT(problems(reading), IsEmpty()) << text;
    EXPECT_EQ(reading.certificates[0].line, 1U);
  }
}

TEST(ReadCertificates, StepsOverKeysAndRemembersLines) {
  const Identity a = make_root("CN=A");
  const Identity b = make_root("CN=B");
  const std::string text = "some words\n" + armour("CERTIFICATE", der_of(a)) + testing::key_pem(a) +
                           armour("CERTIFICATE", der_of(b));
  const Reading reading = read(text);
  EXPECT_THAT(subjects(reading), ElementsAre("CN=A", "CN=B"));
  EXPECT_THAT(problems(reading), IsEmpty());
  EXPECT_EQ(reading.certificates[0].line, 2U);
  const auto before_b = text.substr(0, text.rfind("-----BEGIN"));
  EXPECT_EQ(reading.certificates[1].line,
            1U + static_cast<std::size_t>(std::ranges::count(before_b, '\n')));
}

TEST(ReadCertificates, ReportsABrokenEntryWithItsLineAndUsesTheRest) {
  const Identity a = make_root("CN=A");
  const std::string good = armour("CERTIFICATE", der_of(a));
  const Reading reading =
      read(good + armour("CERTIFICATE", as_bytes("no certificate")) +
           "-----BEGIN CERTIFICATE-----\n%%%\n-----END CERTIFICATE-----\n" + good);
  EXPECT_EQ(reading.certificates.size(), 2U);
  const auto line = static_cast<std::size_t>(std::ranges::count(good, '\n')) + 1;
  EXPECT_THAT(problems(reading),
              ::testing::UnorderedElementsAre(
                  StartsWith("f:" + std::to_string(line) + ": no readable certificate"),
                  HasSubstr("f:" + std::to_string(line + 4) + ": PEM block")));
}

TEST(ReadCertificates, SaysWhenThereIsNothing) {
  const std::tuple<const char*, std::string, ErrorCode> cases[] = {
      {"empty file", "", ErrorCode::empty},
      {"text", "hello\n", ErrorCode::not_recognised},
      {"key only", testing::key_pem(make_root("CN=A")), ErrorCode::empty},
      {"some other DER", std::string("\x30\x03\x02\x01\x05"), ErrorCode::malformed},
      {"encrypted", std::string(as_text(testing::make_pkcs12({make_root("CN=A")}, "x"))),
       ErrorCode::password_needed},
  };
  for (const auto& [why, text, code] : cases) {
    const Reading reading = read(text);
    EXPECT_TRUE(reading.certificates.empty()) << why;
    ASSERT_EQ(reading.problems.size(), 1U) << why;
    EXPECT_EQ(reading.problems[0].code, code) << why << ": " << reading.problems[0].text;
    EXPECT_EQ(reading.problems[0].where, "f") << why;
  }
}

TEST(ReadCertificates, BoundsWhatItReports) {
  std::string nonsense;
  while (nonsense.size() < 1'000'000) {
    nonsense += "-----BEGIN CERTIFICATE-----\n*\n-----END CERTIFICATE-----\n";
  }
  const Reading reading = read(nonsense);
  EXPECT_TRUE(reading.certificates.empty());
  EXPECT_LE(reading.problems.size(), 100U);
}

TEST(ReadCertificateFiles, ReadsAFolderInTheOrderOfNames) {
  const TempFolder folder;
  folder.write("b.crt", der_of(make_root("CN=B")));
  folder.write("a.pem", armour("CERTIFICATE", der_of(make_root("CN=A"))));
  folder.write("c.p7b", testing::make_pkcs7({make_root("CN=C")}));
  folder.write("notes.txt", "nothing\n");
  folder.write(".hidden", "nothing\n");
  folder.write("deeper/d.pem", armour("CERTIFICATE", der_of(make_root("CN=D"))));
  const Reading reading = read_certificate_files(folder.path());
  EXPECT_THAT(subjects(reading), ElementsAre("CN=A", "CN=B", "CN=C"));
  EXPECT_EQ(reading.certificates[0].file, folder.path("a.pem"));
  EXPECT_THAT(problems(reading), ElementsAre(StartsWith(folder.path("notes.txt") + ": ")));
}

TEST(ReadCertificateFiles, FollowsPatterns) {
  const TempFolder folder;
  folder.write("a.pem", armour("CERTIFICATE", der_of(make_root("CN=A"))));
  folder.write("b.crt", der_of(make_root("CN=B")));
  folder.write("c.txt", "nothing\n");
  EXPECT_THAT(subjects(read_certificate_files(folder.path("*.pem"))), ElementsAre("CN=A"));
  EXPECT_THAT(subjects(read_certificate_files(folder.path("*.{pem,crt}"))),
              ElementsAre("CN=A", "CN=B"));
  const Reading none = read_certificate_files(folder.path("*.p7b"));
  ASSERT_EQ(none.problems.size(), 1U);
  EXPECT_EQ(none.problems[0].code, ErrorCode::cannot_read);
}

TEST(ReadCertificateFiles, SaysWhyAFileCannotBeRead) {
  const TempFolder folder;
  const std::string pipe = folder.path("pipe");
  ASSERT_EQ(mkfifo(pipe.c_str(), 0600), 0);
  for (const std::string& path : {folder.path("missing.pem"), pipe}) {
    const Reading reading = read_certificate_files(path);
    ASSERT_EQ(reading.problems.size(), 1U);
    EXPECT_EQ(reading.problems[0].code, ErrorCode::cannot_read);
    EXPECT_EQ(reading.problems[0].where, path);
  }
}

TEST(ReadCertificateFiles, RefusesAFileThatIsTooLarge) {
  const TempFolder folder;
  const std::string path = folder.write("large.pem", "x");
  std::filesystem::resize_file(path, kMaxCertificateFileBytes + 1);  // sparse
  const Reading reading = read_certificate_files(path);
  ASSERT_EQ(reading.problems.size(), 1U);
  EXPECT_THAT(reading.problems[0].text, HasSubstr("larger than"));
}

}  // namespace
}  // namespace chainmend::certs
