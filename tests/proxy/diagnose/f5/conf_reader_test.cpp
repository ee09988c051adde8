// The language of a BIG-IP's configuration, as tmsh saves and lists it. All objects are made up.
#include "proxy/diagnose/f5/conf_reader.h"

#include <gtest/gtest.h>

#include <fmt/format.h>

namespace chainmend::diagnose::f5 {
namespace {

// A statement in one line: words in brackets, then its body.
std::string shown(const Statement& one) {
  std::string out;
  for (const std::string& word : one.words) {
    out += (out.empty() ? "" : " ") + word;
  }
  if (!one.raw.empty()) {
    return out + " <raw>";
  }
  if (one.has_body) {
    out += "{";
    for (const Statement& inner : one.body) {
      out += (out.ends_with('{') ? "" : "; ") + shown(inner);
    }
    out += "}";
  }
  return out;
}

std::string read(std::string_view text) {
  const ConfText conf = read_conf(text, "bigip.conf");
  std::string out;
  for (const Statement& one : conf.statements) {
    out += (out.empty() ? "" : "\n") + shown(one);
  }
  for (const Problem& one : conf.problems) {
    out += fmt::format("\n{}:{}: {}", one.file, one.line, one.text);
  }
  return out;
}

struct Case {
  const char* name;
  const char* text;
  const char* expected;
};

class Grammar : public testing::TestWithParam<Case> {};

TEST_P(Grammar, IsReadAsTmshMeansIt) { EXPECT_EQ(read(GetParam().text), GetParam().expected); }

INSTANTIATE_TEST_SUITE_P(
    Forms, Grammar,
    testing::Values(
        Case{"nested",
             "ltm pool /Common/p {\n  members {\n    /Common/a:443 {\n      address 10.0.0.1\n    "
             "}\n  }\n}\n",
             "ltm pool /Common/p{members{/Common/a:443{address 10.0.0.1}}}"},
        Case{"one_line",
             "ltm pool p { members { a:443 { address 10.0.0.1 } b:443 {} } monitor http }",
             "ltm pool p{members{a:443{address 10.0.0.1}; b:443{}}; monitor http}"},
        Case{
            "several_in_one_line",
            "ltm virtual v { destination 10.0.0.1:443 pool p profiles { http { } c { context "
            "clientside } } }\nltm pool p { members { a:80 { address 10.0.0.1 ratio 2 } } monitor "
            "a and b "
            "}",
            "ltm virtual v{destination 10.0.0.1:443; pool p; profiles{http{}; c{context "
            "clientside}}}\nltm pool p{members{a:80{address 10.0.0.1; ratio 2}}; monitor a and b}"},
        Case{"list", "ltm profile client-ssl /Common/c {\n options { no-sslv3 no-tlsv1 }\n}\n",
             "ltm profile client-ssl /Common/c{options{no-sslv3 no-tlsv1}}"},
        Case{"no_indentation_crlf_tabs",
             "ltm node n {\r\naddress 10.0.0.1\r\n\t\tdescription x\r\n}\r\n",
             "ltm node n{address 10.0.0.1; description x}"},
        Case{"quoted", "ltm node n {\n description \"a { b } \\\"c\\\" \\\\d\"\n}\n",
             "ltm node n{description a { b } \"c\" \\d}"},
        Case{"quoted_lines", "ltm monitor http m {\n send \"GET /\nHost: x\"\n recv none\n}\n",
             "ltm monitor http m{send GET /\nHost: x; recv none}"},
        Case{"line_ends_in_quotes",
             "ltm monitor http m {\n send \"GET /\\r\\nHost: x\\\\r\\\\n\"\n}",
             "ltm monitor http m{send GET /\r\nHost: x\\r\\n}"},
        Case{"braces_in_words", "ltm x y {\n regex a{2}b\n other {\n}\n}",
             "ltm x y{regex a{2}b; other{}}"},
        Case{"brace_at_word", "ltm pool p{\n a b\n}", "ltm pool p{a b}"},
        Case{"comments",
             "# one\nltm node n {\n   # two {\n   address 10.0.0.1 # no comment\n}\n# end",
             "ltm node n{address 10.0.0.1 # no comment}"},
        Case{"anonymous", "sys x y {\n {\n a b\n }\n { c d }\n}", "sys x y{{a b}; {c d}}"},
        Case{"monitor_words", "ltm pool p {\n monitor min 1 of { a b }\n}",
             "ltm pool p{monitor min 1 of{a b}}"},
        Case{"name_with_blanks", "ltm node \"/Common/a b\" { address 10.0.0.1 }",
             "ltm node /Common/a b{address 10.0.0.1}"},
        Case{"no_name", "sys dns {\n search { a b }\n}", "sys dns{search{a b}}"},
        Case{"program",
             "ltm rule r {\nwhen X {\n # braces } and { count\n if { a } { }\n}\n}\nltm node n { }",
             "ltm rule r <raw>\nltm node n{}"},
        Case{"program_without_end", "ltm rule r {\nwhen X {\n log \"{\"\n}\n}\nltm node n { }",
             "ltm rule r <raw>\nltm node n{}\nbigip.conf:1: a program whose braces do not match; "
             "it is taken "
             "to end where a line has a closing brace alone"},
        Case{"program_with_escapes", "ltm rule r {\nwhen X { log \"\\{\" }\n}\nltm node n { }",
             "ltm rule r <raw>\nltm node n{}"}));

INSTANTIATE_TEST_SUITE_P(
    Faults, Grammar,
    testing::Values(
        Case{"missing_brace",
             "ltm pool p {\n members {\n  a:443 { }\nltm node n {\n address 10.0.0.1\n}\n",
             "ltm pool p{members{a:443{}}}\nltm node n{address 10.0.0.1}\nbigip.conf:2: a block "
             "that is "
             "not closed before the next one begins in line 4"},
        Case{"extra_brace", "ltm node n { }\n}\nltm node m { }",
             "ltm node n{}\nltm node m{}\nbigip.conf:2: a closing brace without a block to close"},
        Case{"cut_off", "ltm node n {\n address 10.0",
             "ltm node n{address 10.0}\nbigip.conf:1: a block that is not closed before the end of "
             "the file"},
        Case{"open_quote", "ltm node n {\n description \"x\n address 10.0.0.1\n}\n",
             "ltm node n{description x; address 10.0.0.1}\nbigip.conf:2: a quote that is not "
             "closed; "
             "it is taken to end with its line"},
        Case{"no_block", "hello\nltm node n { }",
             "ltm node n{}\nbigip.conf:1: no block begins in this line: 'hello'"},
        Case{"no_name", "{ a }\nltm node n { }",
             "ltm node n{}\nbigip.conf:1: a block without a name"}));

TEST(ConfReader, TellsTheVersion) {
  EXPECT_EQ(read_conf("#TMSH-VERSION: 15.1.0.4\n\nltm node n { }", "x").version, "15.1.0.4");
  EXPECT_EQ(read_conf("ltm node n { }", "x").version, "");
}

TEST(ConfReader, TellsTheLanguageOfVersionsBefore11) {
  EXPECT_TRUE(read_conf("pool p {\n monitor all http\n members 10.0.0.1:80 {}\n}", "x").is_old);
  EXPECT_TRUE(looks_like_conf("virtual ews {\n pool p\n}"));
  EXPECT_FALSE(read_conf("ltm pool p { }", "x").is_old);
}

TEST(ConfReader, TellsItsOwnFromOtherTexts) {
  EXPECT_TRUE(looks_like_conf("#TMSH-VERSION: 13.1.1\n"));
  EXPECT_TRUE(looks_like_conf("\r\n# saved\nltm virtual /Common/v {\n"));
  EXPECT_FALSE(looks_like_conf("server { listen 443; }"));
  EXPECT_FALSE(looks_like_conf("-----BEGIN CERTIFICATE-----\nMII"));
  EXPECT_FALSE(looks_like_conf(""));
}

TEST(ConfReader, NamesTheLineOfEachStatement) {
  const ConfText conf =
      read_conf("\n\nltm node n {\n  description \"a\nb\"\n  address 10.0.0.1\n}", "x");
  ASSERT_EQ(conf.statements.size(), 1U);
  EXPECT_EQ(conf.statements[0].line, 3U);
  EXPECT_EQ(conf.statements[0].body[0].line, 4U);
  EXPECT_EQ(conf.statements[0].body[1].line, 6U);
}

TEST(ConfReader, LeavesOutWhatIsNestedDeeperThanAnybodyWrites) {
  std::string text = "ltm x y ";
  for (int i = 0; i < 100'000; ++i) {
    text += "a { ";
  }
  const ConfText conf = read_conf(text, "x");
  EXPECT_EQ(conf.statements.size(), 1U);
  EXPECT_GE(conf.problems.size(), 1U);
}

}  // namespace
}  // namespace chainmend::diagnose::f5
