// Texts that are no YAML, more YAML than we read, or no text: one clear message with its place.
#include "tests/config/messages.h"

namespace chainmend::config {
namespace {

class YamlErrors : public testing::TestWithParam<MessageCase> {};

TEST_P(YamlErrors, SayWhatIsWrongAndWhere) {
  EXPECT_EQ(errors_of(GetParam().yaml), GetParam().messages);
}

std::string repeated(const char* text, std::size_t times) {
  std::string out;
  for (std::size_t i = 0; i < times; ++i) {
    out += text;
  }
  return out;
}

constexpr std::size_t kOneMillion = 1'000'000;

const char* const kNotTheConfiguration =
    "c.yaml:1:1: expected the configuration as a map of \"key: value\", found ";

INSTANTIATE_TEST_SUITE_P(
    NoText, YamlErrors,
    testing::Values(
        MessageCase{"Nothing",
                    "",
                    {"c.yaml: the configuration is empty; \"chainmend config\" prints every key"}},
        MessageCase{"OnlyComments",
                    "# nothing\n\n  # here\n",
                    {"c.yaml: the configuration is empty; \"chainmend config\" prints every key"}},
        MessageCase{"OnlyAByteOrderMark",
                    "\xEF\xBB\xBF",
                    {"c.yaml: the configuration is empty; \"chainmend config\" prints every key"}},
        MessageCase{"NulByte",
                    std::string("process:\n  thr\0eads: 1\n", 22),
                    {"c.yaml:2:6: byte 0x00 does not belong in a text file"}},
        MessageCase{"EscapeByte",
                    "a: \x1b[31m\n",
                    {"c.yaml:1:4: byte 0x1B does not belong in a text file"}},
        MessageCase{"Latin1",
                    "# M\xFCller\n",
                    {"c.yaml:1:4: byte 0xFC is not UTF-8; save the file as UTF-8 text"}},
        MessageCase{"Surrogate",
                    "a: \xED\xA0\x80\n",
                    {"c.yaml:1:4: byte 0xED is not UTF-8; save the file as UTF-8 text"}},
        MessageCase{"Overlong",
                    "a: \xC0\xAF\n",
                    {"c.yaml:1:4: byte 0xC0 is not UTF-8; save the file as UTF-8 text"}},
        MessageCase{"CutCharacter",
                    "a: \xE2\x82",
                    {"c.yaml:1:4: byte 0xE2 is not UTF-8; save the file as UTF-8 text"}},
        MessageCase{"Utf16",
                    std::string("\xFF\xFE"
                                "a\0",
                                4),
                    {"c.yaml:1:1: this file is UTF-16; save it as UTF-8"}},
        MessageCase{"TabIndentation",
                    "process:\n\tthreads: 1\n",
                    {"c.yaml:2:1: this line is indented with a tab; YAML wants spaces"}},
        MessageCase{"TabAfterSpaces",
                    "process:\r\n  \tthreads: 1\r\n",
                    {"c.yaml:2:3: this line is indented with a tab; YAML wants spaces"}},
        MessageCase{"MoreThanOneMebibyte",
                    std::string(1024 * 1024 + 1, '#'),
                    {"c.yaml: the file is larger than 1 MiB; that is no configuration"}}),
    name_of);

INSTANTIATE_TEST_SUITE_P(
    Syntax, YamlErrors,
    testing::Values(
        MessageCase{"MapInAValue",
                    "process: threads: 1\n",
                    {"c.yaml:1:17: no \"key: value\" can stand here; check the indentation, and "
                     "quote text that "
                     "holds \": \""}},
        MessageCase{"IndentedTooFar",
                    "logs:\n  level: info\n    handshakes: {}\n",
                    {"c.yaml:3:15: no \"key: value\" can stand here; check the indentation, and "
                     "quote text that "
                     "holds \": \""}},
        MessageCase{
            "IndentedTooLittle",
            "process:\n    threads: 1\n  drain: 1s\n",
            {"c.yaml:3:3: this line does not fit the lines above it; check the indentation"}},
        MessageCase{
            "NoListItem",
            "chain:\n  bundles:\n    - a\n   - b\n",
            {"c.yaml:4:4: this line does not fit the lines above it; check the indentation"}},
        MessageCase{"WindowsPath",
                    "logs: { handshakes: { file: \"C:\\certs\\log\" } }\n",
                    {"c.yaml:1:32: a backslash in double quotes begins an escape, and \\c is none; "
                     "write paths in single quotes, as in 'C:\\certs\\mail.pfx'"}},
        MessageCase{"OpenBrace",
                    "process: { threads: 1\nlogs: {}\n",
                    {"c.yaml:2:5: a { is not closed, or a comma is missing; it was opened on line "
                     "1 column 10"}},
        MessageCase{"OpenBracket",
                    "chain: { bundles: [a, b }\n",
                    {"c.yaml:1:25: this does not close what is open here; check the brackets"}},
        MessageCase{"OpenBracketAtTheEnd",
                    "chain:\n  bundles: [a, b\nlogs: {}\n",
                    {"c.yaml:3:5: a [ is not closed, or a comma is missing; it was opened on line "
                     "2 column 12"}},
        MessageCase{
            "OpenQuote", "admin: \"x\n", {"c.yaml:1:10: the file ends inside a quoted text"}},
        MessageCase{
            "BarePattern",
            "chain:\n  bundles: [*.pem]\n",
            {"c.yaml:2:13: * begins an alias in YAML; write text such as \"*.pem\" in quotes"}},
        MessageCase{"BareIpv6",
                    "listeners:\n  - listen: [::]:443\n",
                    {"c.yaml:2:17: write an IPv6 address in quotes, as in \"[::]:443\""}},
        MessageCase{"BareIpv6InAList",
                    "listeners:\n  - listen: [0.0.0.0:443, [2001:db8::1]:443]\n",
                    {"c.yaml:2:27: write an IPv6 address in quotes, as in \"[::]:443\""}},
        MessageCase{"ReservedCharacter",
                    "admin: @x\n",
                    {"c.yaml:1:8: text cannot begin with this character; write it in quotes"}},
        MessageCase{
            "OtherOnes", "a: !!! x\n", {"c.yaml:1:6: not valid YAML: tag handle with no suffix"}}),
    name_of);

// yaml-cpp reads all of these without a word.
INSTANTIATE_TEST_SUITE_P(
    MoreThanWeRead, YamlErrors,
    testing::Values(
        MessageCase{
            "DuplicateKey",
            "process: { threads: 1 }\nlogs: {}\nprocess: { threads: 2 }\n" + std::string(kServing),
            {"c.yaml:3:1: key \"process\" is given twice; first on line 1"}},
        MessageCase{
            "DuplicateKeyThreeTimes",
            "process:\n  threads: 1\n  threads: 2\n  \"threads\": 3\n" + std::string(kServing),
            {"c.yaml:3:3: key \"threads\" is given twice; first on line 2",
             "c.yaml:4:3: key \"threads\" is given twice; first on line 2"}},
        MessageCase{"SecondDocument",
                    "process: {}\n---\nlogs: {}\n",
                    {"c.yaml:2:1: a second document begins here; one file holds one"}},
        MessageCase{"TextAfterTheDocument",
                    "{process: {}}\nlogs\n",
                    {"c.yaml:2:1: this does not belong to what stands before it"}},
        MessageCase{"MergeKey",
                    "process:\n  <<: { threads: 1 }\n  drain: 5s\n" + std::string(kServing),
                    {"c.yaml:2:3: merge keys (<<) are not supported; write the values out"}},
        MessageCase{"AnchorAndAlias",
                    "process: &p { threads: 1 }\nlogs: *p\nadmin: &a off\n" + std::string(kServing),
                    {"c.yaml:1:10: anchors (&name) are not supported; write the value out, or in "
                     "quotes if it is "
                     "no anchor",
                     "c.yaml:2:7: aliases (*name) are not supported; write the value out, or in "
                     "quotes if it is "
                     "no alias",
                     "c.yaml:3:8: anchors (&name) are not supported; write the value out, or in "
                     "quotes if it is "
                     "no anchor"}},
        MessageCase{"Tag",
                    "process: { threads: !!int 1 }\n" + std::string(kServing),
                    {"c.yaml:1:21: tags (!name) are not supported; leave it out, or quote the "
                     "value if it is no "
                     "tag"}},
        MessageCase{"ListAsKey",
                    "? [a, b]\n: c\n",
                    {"c.yaml:1:3: a key must be a word, not a list or map; is this [ closed?"}},
        MessageCase{"MissingKey",
                    "process: {}\n: 1\n" + std::string(kServing),
                    {"c.yaml:2:1: a key is missing here"}}),
    name_of);

INSTANTIATE_TEST_SUITE_P(
    Bombs, YamlErrors,
    testing::Values(
        MessageCase{"BracketsOpen",
                    "chain: " + std::string(kOneMillion, '['),
                    {"c.yaml:1:9: a key must be a word, not a list or map; is this [ closed?"}},
        MessageCase{"ListsInLists",
                    repeated("- ", kOneMillion / 2),
                    {"c.yaml:1:65: nested more than 32 levels deep; that is no configuration"}},
        MessageCase{"MapsInMaps",
                    repeated("a: {", 33) + repeated("}", 33),
                    {"c.yaml:1:128: nested more than 32 levels deep; that is no configuration"}},
        MessageCase{"FourTimesTooManyKeys",
                    "chain: { bundles: [" + repeated("a,", kOneMillion / 4) + "] }\n",
                    {"c.yaml:1:200010: more than 100000 values; that is no configuration"}},
        MessageCase{"Words",
                    repeated("nonsense ", kOneMillion / 9),
                    {std::string(kNotTheConfiguration) +
                     "\"nonsense nonsense nonsense nonsense nons...\""}},
        MessageCase{"Commas",
                    std::string(kOneMillion, ','),
                    {"c.yaml:1:1: this does not belong to what stands before it"}},
        MessageCase{"Quotes",
                    std::string(kOneMillion, '"'),
                    {"c.yaml:1:3: this does not belong to what stands before it"}},
        MessageCase{"Bangs",
                    std::string(kOneMillion, '!'),
                    {"c.yaml:1:3: not valid YAML: tag handle with no suffix"}},
        MessageCase{"Documents",
                    repeated("---\n", kOneMillion / 4),
                    {"c.yaml:2:1: a second document begins here; one file holds one"}}),
    name_of);

TEST(YamlErrors, DoNotGrowWithAnAliasBomb) {
  std::string bomb = "a: &a [x, x, x, x, x, x, x, x, x]\n";
  for (char c = 'b'; c <= 'j'; ++c) {
    const std::string last(1, static_cast<char>(c - 1));
    bomb += std::string(1, c) + ": &" + c + " [" + repeated(("*" + last + ", ").c_str(), 8) + "*" +
            last + "]\n";
  }
  const Messages messages = errors_of(bomb);
  EXPECT_EQ(messages.size(), 101U);
  EXPECT_THAT(messages, testing::Contains("c.yaml:2:8: aliases (*name) are not supported; write "
                                          "the value out, or in quotes if it is no alias"));
}

TEST(YamlErrors, AreCutAfterAHundredWithTheirNumber) {
  const Messages messages = errors_of(repeated("a: 1\n", 150) + kServing);
  ASSERT_EQ(messages.size(), 101U);
  EXPECT_EQ(messages[1], "c.yaml:2:1: key \"a\" is given twice; first on line 1");
  EXPECT_EQ(messages[99], "c.yaml:100:1: key \"a\" is given twice; first on line 1");
  EXPECT_EQ(messages[100], "c.yaml: ... and 50 more");
}

TEST(Yaml, IsReadWithAByteOrderMarkWindowsLineEndsAndLegalTabs) {
  EXPECT_EQ(errors_of("\xEF\xBB\xBF"
                      "process:\r\n  threads: 1\t# four\r\n\t\r\n \t# a comment\r\n" +
                      std::string(kServing)),
            Messages{});
  EXPECT_EQ(
      errors_of("\xEF\xBB\xBF"
                "proces: {}\r\n" +
                std::string(kServing)),
      Messages{
          "c.yaml:1:1: unknown key \"proces\" in the configuration; did you mean \"process\"?"});
}

TEST(Yaml, MayBeginAndEndItsOneDocument) {
  EXPECT_EQ(errors_of("%YAML 1.1\n---\nprocess: {}\n" + std::string(kServing) + "...\n# the end\n"),
            Messages{});
}

}  // namespace
}  // namespace chainmend::config
