#include "certs/pem.h"

#include <gtest/gtest.h>

namespace chainmend::certs {
namespace {

constexpr char kBlock[] = "-----BEGIN THING-----\nAAEC\n-----END THING-----\n";
const Bytes kContent{0, 1, 2};

std::string with(const std::string& text, const std::string& what, const std::string& by) {
  std::string out;
  std::size_t at = 0;
  for (std::size_t next = 0; (next = text.find(what, at)) != std::string::npos;
       at = next + what.size()) {
    out += text.substr(at, next - at) + by;
  }
  return out + text.substr(at);
}

struct GoodCase {
  const char* why;
  std::string text;
  std::size_t line;
};

TEST(Pem, ReadsABlockHoweverItIsWritten) {
  const GoodCase cases[] = {
      {"plain", kBlock, 1},
      {"no line end at the end", std::string(kBlock).substr(0, sizeof kBlock - 2), 1},
      {"CRLF", with(kBlock, "\n", "\r\n"), 1},
      {"byte order mark", std::string("\xEF\xBB\xBF\n") + kBlock, 2},
      {"text before", "subject=CN = A\nissuer=CN = B\n" + std::string(kBlock), 3},
      {"text behind", std::string(kBlock) + "trailing words\n", 1},
      {"indented", with(std::string("  ") + kBlock, "\n", "\n  "), 1},
      {"blanks at line ends", with(kBlock, "\n", " \t\n"), 1},
      {"empty lines inside", with(kBlock, "AAEC", "\nAAEC\n"), 1},
      {"short lines", with(kBlock, "AAEC", "A\nAE\nC"), 1},
  };
  for (const GoodCase& c : cases) {
    const PemText pem = read_pem(c.text);
    EXPECT_TRUE(pem.problems.empty()) << c.why;
    ASSERT_EQ(pem.blocks.size(), 1U) << c.why;
    EXPECT_EQ(pem.blocks[0].label, "THING") << c.why;
    EXPECT_EQ(pem.blocks[0].der, kContent) << c.why;
    EXPECT_EQ(pem.blocks[0].line, c.line) << c.why;
  }
}

TEST(Pem, ReadsAMarkRightBeforeTheFirstLine) {
  const PemText pem = read_pem(std::string("\xEF\xBB\xBF") + kBlock);
  ASSERT_EQ(pem.blocks.size(), 1U);
  EXPECT_EQ(pem.blocks[0].line, 1U);
}

struct BadCase {
  const char* why;
  std::string text;
  std::size_t line;
};

TEST(Pem, ReportsABrokenBlockWithItsLineAndUsesTheRest) {
  const BadCase cases[] = {
      {"never closed", "-----BEGIN THING-----\nAAEC\n", 4},
      {"next one begins first", "-----BEGIN THING-----\nAAEC\n" + std::string(kBlock), 4},
      {"no base64", "-----BEGIN THING-----\nAA*C\n-----END THING-----\n", 5},
      {"truncated", "-----BEGIN THING-----\nAAE\n-----END THING-----\n", 4},
      {"nothing inside", "-----BEGIN THING-----\n-----END THING-----\n", 4},
      {"padding only", "-----BEGIN THING-----\n====\n-----END THING-----\n", 4},
      {"closed as another kind", "-----BEGIN THING-----\nAAEC\n-----END OTHER-----\n", 6},
  };
  for (const BadCase& c : cases) {
    const PemText pem = read_pem(kBlock + c.text);
    ASSERT_EQ(pem.problems.size(), 1U) << c.why;
    EXPECT_EQ(pem.problems[0].line, c.line) << c.why;
    EXPECT_EQ(pem.problems[0].code, ErrorCode::malformed) << c.why;
    ASSERT_FALSE(pem.blocks.empty()) << c.why;
    EXPECT_EQ(pem.blocks.back().der, kContent) << c.why;
  }
}

TEST(Pem, LeavesEncryptedKeysWithHeadersAsText) {
  const std::string text =
      "-----BEGIN RSA PRIVATE KEY-----\nProc-Type: 4,ENCRYPTED\nDEK-Info: AES-128-CBC,00\n\nAAEC\n"
      "-----END RSA PRIVATE KEY-----";
  const PemText pem = read_pem(text);
  ASSERT_EQ(pem.blocks.size(), 1U);
  EXPECT_TRUE(pem.blocks[0].der.empty());
  EXPECT_EQ(pem.blocks[0].text, text);
}

TEST(Pem, NeverPrintsControlBytesOfALabel) {
  const PemText pem = read_pem("-----BEGIN \x1b[2J-----\n*\n-----END \x1b[2J-----\n");
  ASSERT_EQ(pem.problems.size(), 1U);
  EXPECT_EQ(pem.problems[0].text.find('\x1b'), std::string::npos);
}

TEST(Pem, SurvivesAMegabyteOfNonsense) {
  std::string nonsense;
  for (unsigned i = 0; nonsense.size() < 1'000'000; i = i * 1664525 + 1013904223) {
    nonsense += static_cast<char>(i >> 24);
  }
  EXPECT_TRUE(read_pem(nonsense).blocks.empty());
  std::string begins;
  while (begins.size() < 1'000'000) {
    begins += "-----BEGIN X-----\n";
  }
  EXPECT_TRUE(read_pem(begins).blocks.empty());
}

}  // namespace
}  // namespace chainmend::certs
