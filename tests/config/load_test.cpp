// Files: those that cannot be read, and the examples that ship.
#include <sys/stat.h>
#include <unistd.h>

#include <cstdlib>
#include <fstream>

#include "tests/config/messages.h"

namespace chainmend::config {
namespace {

class Load : public testing::Test {
 protected:
  void SetUp() override {
    std::string pattern = (std::filesystem::temp_directory_path() / "chainmend-XXXXXX").string();
    ASSERT_NE(mkdtemp(pattern.data()), nullptr);
    folder_ = pattern;
  }
  void TearDown() override { std::filesystem::remove_all(folder_); }

  Path write(const std::string& name, const std::string& text) const {
    std::ofstream(folder_ / name, std::ios::binary) << text;
    return folder_ / name;
  }
  static Messages errors(const Path& file) {
    const Result<Config> config = load(file);
    return config ? Messages{} : describe(config.error());
  }

  Path folder_;
};

TEST_F(Load, ReadsAFileAndItsPathsFromItsFolder) {
  const Result<Config> config = load(write("c.yaml", kServing));
  ASSERT_TRUE(config);
  EXPECT_EQ(config->file, folder_ / "c.yaml");
  EXPECT_EQ(config->certificates[0].pfx->value, folder_ / "mail.pfx");
}

TEST_F(Load, NamesTheFileThatIsMissing) {
  EXPECT_EQ(errors(folder_ / "none.yaml"), Messages{(folder_ / "none.yaml").string() +
                                                    ": cannot read the configuration: No such file "
                                                    "or directory; \"chainmend init\" writes one"});
}

TEST_F(Load, NamesTheFolderThatIsNoFile) {
  EXPECT_EQ(errors(folder_),
            Messages{folder_.string() +
                     ": cannot read the configuration: Is a directory; name the file in it"});
}

TEST_F(Load, NamesTheFileThatMayNotBeRead) {
  const Path file = write("c.yaml", kServing);
  ASSERT_EQ(chmod(file.c_str(), 0), 0);
  // Root may read everything: give that up for the moment.
  const uid_t self = geteuid();
  constexpr uid_t kNobody = 65534;
  if (self == 0) {
    ASSERT_EQ(chmod(folder_.c_str(), 0755), 0);
    ASSERT_EQ(seteuid(kNobody), 0);
  }
  const Messages messages = errors(file);
  if (self == 0) {
    ASSERT_EQ(seteuid(self), 0);
  }
  EXPECT_EQ(
      messages,
      Messages{
          file.string() +
          ": cannot read the configuration: Permission denied; its owner or group must be yours"});
}

TEST_F(Load, NamesTheFileWhoseReadFails) {
  EXPECT_EQ(errors("/proc/self/mem"),
            Messages{"/proc/self/mem: cannot read the configuration: Input/output error"});
}

TEST_F(Load, StopsReadingAFileWithoutEnd) {
  EXPECT_EQ(errors("/dev/zero"),
            Messages{"/dev/zero: the file is larger than 1 MiB; that is no configuration"});
}

TEST_F(Load, TakesAFileOfExactlyOneMebibyte) {
  std::string text = kServing;
  text += "#" + std::string(1024 * 1024 - text.size() - 1, 'x');
  EXPECT_EQ(errors(write("c.yaml", text)), Messages{});
}

TEST_F(Load, GivesThePlaceOfAnErrorInTheFile) {
  const Path file = write("c.yaml", "proces: {}\n" + std::string(kServing));
  EXPECT_EQ(
      errors(file),
      (Messages{file.string() +
                    ":1:1: unknown key \"proces\" in the configuration; did you mean \"process\"?",
                file.string() + ":3:30: " + (file.parent_path() / "mail.pfx").string() +
                    ": cannot read: No such file or directory"}));
}

TEST_F(Load, GivesTheWarningsBehindTheErrors) {
  const Result<Config> config =
      load(write("c.yaml", "admin: { listen: \"0.0.0.0:9465\" }\nproces: {}\n"));
  ASSERT_FALSE(config);
  std::vector<Severity> severities;
  for (const Diagnostic& one : config.error()) {
    severities.push_back(one.severity);
  }
  using enum Severity;
  EXPECT_EQ(severities, (std::vector{error, error, warning}))
      << testing::PrintToString(describe(config.error()));
}

// What uses it may be what could not be read.
TEST_F(Load, CallsNothingUnusedBesideAnError) {
  const std::string unused = "trust_profiles: { old: { roots: /dev/null } }\n";
  EXPECT_EQ(warnings_of(unused + kServing).size(), 1U);
  EXPECT_EQ(warnings_of(unused + "proces: {}\n" + kServing), Messages{});
}

TEST(Examples, AreReadWithoutAWarning) {
  int examples = 0;
  for (const auto& entry :
       std::filesystem::directory_iterator(CHAINMEND_SOURCE_DIR "/config/examples")) {
    const Result<Config> config = load(entry.path());
    EXPECT_EQ(config ? describe(config->warnings) : describe(config.error()), Messages{})
        << entry.path();
    ++examples;
  }
  EXPECT_GE(examples, 2);
}

}  // namespace
}  // namespace chainmend::config
