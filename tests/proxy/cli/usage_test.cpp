// What the program says to a command line, before any command has work to do.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <sstream>

#include "tests/certs/temp_folder.h"
#include "tests/proxy/cli/run_program.h"

namespace chainmend::cli {
namespace {

using ::testing::HasSubstr;
using ::testing::IsEmpty;
using testing::Outcome;
using ::testing::PrintToString;
using testing::run_chainmend;
using ::testing::StartsWith;

// Every command, as the program lists them: two spaces, the name, what it does.
std::vector<std::string> commands() {
  std::vector<std::string> names;
  std::istringstream lines(run_chainmend({"help"}).out);
  bool listed = false;
  for (std::string line; std::getline(lines, line);) {
    if (listed && line.size() > 2 && line.starts_with("  ") && line[2] != ' ') {
      names.push_back(line.substr(2, line.find(' ', 2) - 2));
    }
    listed = listed || line == "Commands:";
  }
  return names;
}

TEST(Usage, NamesTheWordThatIsWrongAndWhatWasMeant) {
  const std::pair<std::vector<std::string>, std::string> cases[] = {
      {{"chekc"}, "there is no command \"chekc\"; did you mean \"check\"?"},
      {{"serve"}, "there is no command \"serve\"\n"},
      {{"help", "chian"}, "there is no command \"chian\"; did you mean \"chain\"?"},
      {{"--verison"}, "there is no option \"--verison\"; did you mean \"--version\"?"},
      {{"check", "--jsno"}, "\"check\" has no option \"--jsno\"; did you mean \"--json\"?"},
      {{"check", "--confg=a"}, "\"check\" has no option \"--confg\"; did you mean \"--config\"?"},
      {{"chain", "--laef", "a.pem"},
       "\"chain\" has no option \"--laef\"; did you mean \"--leaf\"?"},
      {{"check", "a.yaml", "b.yaml"}, "\"check\" has no use for \"b.yaml\""},
      {{"version", "--json", "now"}, "\"version\" has no use for \"now\""},
      {{"-c", "a.yaml", "check"}, "options follow the command: chainmend check -c ..."},
      {{"check", "-c"}, "--config: 1 required FILE missing"},
      {{"chain"}, "--leaf is required"},
  };
  for (const auto& [arguments, words] : cases) {
    const Outcome outcome = run_chainmend(arguments);
    EXPECT_EQ(outcome.status, 2) << PrintToString(arguments);
    EXPECT_THAT(outcome.err, StartsWith("error: " + words)) << PrintToString(arguments);
    EXPECT_THAT(outcome.out, IsEmpty()) << PrintToString(arguments);
  }
}

TEST(Usage, SaysWhereTheHelpIs) {
  EXPECT_THAT(run_chainmend({"chekc"}).err,
              HasSubstr("\n\"chainmend help\" lists the commands.\n"));
  EXPECT_THAT(run_chainmend({"check", "--jsno"}).err,
              HasSubstr("\n\"chainmend help check\" shows how it is used.\n"));
}

TEST(Usage, WithoutACommandPrintsTheHelpAsAnError) {
  const Outcome outcome = run_chainmend({});
  EXPECT_EQ(outcome.status, 2);
  EXPECT_EQ(outcome.err, run_chainmend({"help"}).out);
}

TEST(Usage, VersionIsALine) {
  for (const char* option : {"--version", "-V"}) {
    const Outcome outcome = run_chainmend({option});
    EXPECT_EQ(outcome.status, 0);
    EXPECT_THAT(outcome.out, ::testing::MatchesRegex("chainmend [0-9.]+\n"));
  }
}

TEST(Usage, HelpIsTheSameInBothWays) {
  EXPECT_EQ(run_chainmend({"help"}).out, run_chainmend({"--help"}).out);
  EXPECT_THAT(commands(), ::testing::IsSupersetOf({"init", "proxy", "run", "check", "help"}));
  for (const std::string& command : commands()) {
    const Outcome asked = run_chainmend({"help", command});
    EXPECT_EQ(asked.status, 0) << command;
    EXPECT_EQ(asked.out, run_chainmend({command, "--help"}).out) << command;
    EXPECT_THAT(asked.out, HasSubstr("\n  chainmend " + command)) << command;
    EXPECT_THAT(asked.out, HasSubstr("\nExit status: ")) << command;
  }
}

TEST(Usage, HelpKeepsTo80Columns) {
  for (const std::string& command : commands()) {
    std::istringstream lines(run_chainmend({"help", command}).out);
    for (std::string line; std::getline(lines, line);) {
      EXPECT_LE(line.size(), 80U) << line;
    }
  }
}

// Runs chainmend in a folder of its own: there is only one working directory in a process.
class ConfigFileTest : public ::testing::Test {
 protected:
  void SetUp() override { std::filesystem::current_path(folder_.path()); }
  void TearDown() override { std::filesystem::current_path(before_); }

  std::filesystem::path before_ = std::filesystem::current_path();
  certs::testing::TempFolder folder_;
};

TEST_F(ConfigFileTest, IsTheOneInThisFolderWhenNoneIsNamed) {
  folder_.write("chainmend.yaml", std::string_view("listners: []\n"));
  const Outcome outcome = run_chainmend({"check"});
  EXPECT_EQ(outcome.status, 2);
  EXPECT_THAT(outcome.err, StartsWith("Configuration: ./chainmend.yaml\n"));
  EXPECT_THAT(outcome.err, HasSubstr("chainmend.yaml:1:1: error: unknown key \"listners\""));
}

TEST_F(ConfigFileTest, IsTheOneThatIsNamedInEitherWay) {
  folder_.write("chainmend.yaml", std::string_view("listners: []\n"));
  folder_.write("other.yaml", std::string_view("upstraems: {}\n"));
  for (const std::vector<std::string>& named :
       {std::vector<std::string>{"other.yaml"}, {"-c", "other.yaml"}, {"--config=other.yaml"}}) {
    for (const char* command : {"check", "run", "clients"}) {
      std::vector<std::string> arguments{command};
      arguments.insert(arguments.end(), named.begin(), named.end());
      const Outcome outcome = run_chainmend(arguments);
      EXPECT_EQ(outcome.status, 2) << PrintToString(arguments);
      EXPECT_THAT(outcome.err, StartsWith("other.yaml:1:1: error: ")) << PrintToString(arguments);
    }
  }
}

TEST_F(ConfigFileTest, IsAskedForWhenThereIsNone) {
  if (std::filesystem::exists("/etc/chainmend/chainmend.yaml")) {
    GTEST_SKIP() << "this machine has one";
  }
  for (const char* command : {"check", "run", "clients"}) {
    const Outcome outcome = run_chainmend({command});
    EXPECT_EQ(outcome.status, 2) << command;
    for (const char* words :
         {"./chainmend.yaml", "/etc/chainmend/chainmend.yaml", "chainmend init", "-c FILE"}) {
      EXPECT_THAT(outcome.err, HasSubstr(words)) << command;
    }
  }
}

TEST_F(ConfigFileTest, ThatIsAFolderIsToldAsThat) {
  std::filesystem::create_directory("chainmend.yaml");
  EXPECT_THAT(run_chainmend({"check"}).err, HasSubstr("./chainmend.yaml: error: "));
}

}  // namespace
}  // namespace chainmend::cli
