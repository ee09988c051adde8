#include "proxy/diagnose/probe/target.h"

#include <gtest/gtest.h>

namespace chainmend::diagnose {
namespace {

TEST(Target, IsReadFromWhatPeoplePaste) {
  struct Row {
    const char* text;
    const char* expected;
    bool is_address;
  };
  const Row rows[] = {
      {"mail.contoso.com", "mail.contoso.com:443", false},
      {"MAIL.contoso.com:8443", "mail.contoso.com:8443", false},
      {"mail.contoso.com.", "mail.contoso.com:443", false},
      {"mail.contoso.com.:8443", "mail.contoso.com:8443", false},
      {"https://mail.contoso.com", "mail.contoso.com:443", false},
      {"HTTPS://mail.contoso.com:444/ews/exchange.asmx?a=b#c", "mail.contoso.com:444", false},
      {" mail.contoso.com:443 ", "mail.contoso.com:443", false},
      {"10.0.0.5", "10.0.0.5:443", true},
      {"10.0.0.5:8443", "10.0.0.5:8443", true},
      {"2001:db8::1", "[2001:db8::1]:443", true},
      {"[2001:DB8::1]:8443", "[2001:db8::1]:8443", true},
      {"https://[::1]:8443/", "[::1]:8443", true},
      {"[fe80::1%lo]:8443", "[fe80::1%lo]:8443", true},
      {"fe80::1%lo", "[fe80::1%lo]:443", true},
      {"m\xc3\xbcnchen.de", "xn--mnchen-3ya.de:443", false},
      {"M\xc3\x9cNCHEN.de.:8443", "xn--mnchen-3ya.de:8443", false},
      {"https://stra\xc3\x9f"
       "e.de/owa",
       "xn--strae-oqa.de:443", false},
      {"xn--mnchen-3ya.de", "xn--mnchen-3ya.de:443", false},
  };
  for (const Row& row : rows) {
    const auto target = parse_target(row.text);
    ASSERT_TRUE(target) << row.text << ": " << target.error().describe();
    EXPECT_EQ(target->text(), row.expected);
    EXPECT_EQ(target->is_address, row.is_address) << row.text;
  }
}

TEST(Target, ThatIsNoneSaysWhatToWrite) {
  const std::pair<const char*, const char*> rows[] = {
      {"", "empty"},
      {"https://", "empty"},
      {"http://mail.contoso.com", "https://"},
      {"ldap://mail.contoso.com", "only https://"},
      {"mail.contoso.com/owa", "a path has no use"},
      {"user:secret@mail.contoso.com", "no user or password"},
      {"https://user:secret@mail.contoso.com", "no user or password"},
      {"mail.contoso.com:0", "from 1 to 65535"},
      {"mail.contoso.com:70000", "from 1 to 65535"},
      {"mail.contoso.com:https", "from 1 to 65535"},
      {"2001:db8::1:8443:443:9:9:9:9", "in brackets"},
      {"10.0.0.5:443:443", "more than one colon"},
      {"[2001:db8::1", "HOST"},
      {"mail%eth0", "[fe80::1%eth0]:443"},
      {"mail contoso.com", "blank"},
      {"mail\x1b[31m.com", "control character"},
      {"mail\xe2\x80\xae.com", "no name that DNS can have"},
      {"\xff.com", "no name that DNS can have"},
  };
  for (const auto& [text, words] : rows) {
    const auto target = parse_target(text);
    ASSERT_FALSE(target) << text;
    EXPECT_NE(target.error().text.find(words), std::string::npos)
        << text << ": " << target.error().text;
    EXPECT_EQ(target.error().describe().find("secret"), std::string::npos);
    EXPECT_EQ(target.error().describe().find('\x1b'), std::string::npos);
  }
}

}  // namespace
}  // namespace chainmend::diagnose
