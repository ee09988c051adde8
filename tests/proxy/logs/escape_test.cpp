#include "proxy/logs/escape.h"

#include <gtest/gtest.h>

namespace chainmend::logs {
namespace {

using namespace std::string_view_literals;

std::string escaped(std::string_view value) {
  std::string out;
  append_value(out, value);
  return out;
}

TEST(AppendValue, LeavesPlainWordsBareAndQuotesTheRest) {
  struct Case {
    std::string_view value;
    std::string_view text;
  };
  for (const Case& c : {
           Case{"mail.contoso.com", "mail.contoso.com"},
           Case{"[2001:db8::1]:443", "[2001:db8::1]:443"},
           Case{"", R"("")"},
           Case{"two words", R"("two words")"},
           Case{"a=b", R"("a=b")"},
           Case{R"(say "hi")", R"("say \"hi\"")"},
           Case{R"(C:\x)", R"("C:\\x")"},
           Case{"Zürich 東京 😀", R"("Zürich 東京 😀")"},
           Case{"a\nlevel=error", R"("a\nlevel=error")"},
           Case{"a\r\tb", R"("a\r\tb")"},
           Case{"a\0b"sv, R"("a\x00b")"},
           Case{"\x1b[2J", R"("\x1b[2J")"},
           Case{"\x7f", R"("\x7f")"},
           Case{"\xc2\x9b"
                "31m",
                R"("\xc2\x9b31m")"},  // C1: CSI in one character
           Case{"\xe2\x80\xae"
                "gpj",
                R"("\xe2\x80\xaegpj")"},  // right-to-left override
           Case{"a\xe2\x80\xa8"
                "b",
                R"("a\xe2\x80\xa8b")"},  // line separator
           Case{"a\xe2\x80\x8b"
                "b",
                R"("a\xe2\x80\x8bb")"},                // zero-width space
           Case{"\xef\xbb\xbf", R"("\xef\xbb\xbf")"},  // byte order mark
           Case{"\xff\xfe", R"("\xff\xfe")"},
           Case{"\xc0\xaf", R"("\xc0\xaf")"},                  // overlong slash
           Case{"\xed\xa0\x80", R"("\xed\xa0\x80")"},          // surrogate
           Case{"\xf5\x80\x80\x80", R"("\xf5\x80\x80\x80")"},  // beyond U+10FFFF
           Case{"ok\xc3", R"("ok\xc3")"},                      // cut short
           Case{"\xe2\x28z", R"("\xe2(z")"},                   // a bad start keeps what follows
           Case{"\xe2\n", R"("\xe2\n")"},
       }) {
    EXPECT_EQ(escaped(c.value), c.text);
  }
}

TEST(AppendValue, NeverPutsAControlByteOrABareQuoteOut) {
  for (int a = 0; a < 256; ++a) {
    for (int b = 0; b < 256; ++b) {
      const std::string value{static_cast<char>(a), static_cast<char>(b)};
      const std::string text = escaped(value);
      for (const char c : text) {
        ASSERT_FALSE(static_cast<unsigned char>(c) < 0x20 || c == 0x7f) << a << ' ' << b;
      }
      if (text.find_first_of(" =\"\\") != std::string::npos) {
        ASSERT_EQ(text.front(), '"') << a << ' ' << b;
        ASSERT_EQ(text.back(), '"') << a << ' ' << b;
      }
    }
  }
}

TEST(Visible, LeavesTextAloneAndShowsWhatHides) {
  EXPECT_EQ(visible("CN=Lab Root, O=\"Contoso\" \xC3\xA4"), "CN=Lab Root, O=\"Contoso\" \xC3\xA4");
  EXPECT_EQ(visible("a\x1b[31mb\r\n"), "a\\x1b[31mb\\x0d\\x0a");
  EXPECT_EQ(visible("x\xE2\x80\xAEy"), "x\\xe2\\x80\\xaey");  // right-to-left override
  EXPECT_EQ(visible("\xC3"), "\\xc3");
  EXPECT_EQ(visible(""), "");
}

TEST(AppendValue, CutsLongValuesAndMarksThem) {
  EXPECT_EQ(escaped(std::string(kMaxValueBytes, 'a')), std::string(kMaxValueBytes, 'a'));
  EXPECT_EQ(escaped(std::string(kMaxValueBytes + 1, 'a')),
            '"' + std::string(kMaxValueBytes, 'a') + "\"...");
}

TEST(AppendValue, AddsToWhatIsThere) {
  std::string out = "key=";
  append_value(out, "value");
  EXPECT_EQ(out, "key=value");
}

}  // namespace
}  // namespace chainmend::logs
