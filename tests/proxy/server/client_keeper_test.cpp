#include "proxy/server/client_keeper.h"

#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <optional>

#include "proxy/clients/learned_file.h"
#include "tests/proxy/logs/temp_dir.h"

namespace chainmend::server {
namespace {

using clients::ClientType;
using clients::LearnedClients;
using ::testing::HasSubstr;

// One process, as far as the file is concerned.
struct Process {
  explicit Process(const std::filesystem::path& log_file)
      : descriptor(::open(log_file.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600)) {}
  ~Process() {
    log.reset();
    ::close(descriptor);
  }
  void learn(std::uint8_t last_byte) {
    LearnedClients::Entry entry;
    entry.address.back() = last_byte;
    entry.ja4.fill('a');
    entry.type = ClientType::named("ios");
    entry.proved = std::chrono::floor<std::chrono::seconds>(std::chrono::system_clock::now());
    learned.restore({entry});
  }

  int descriptor;
  std::optional<logs::Log> log{std::in_place, logs::Log::Options{.descriptor = descriptor}};
  LearnedClients learned;
  ClientKeeper keeper{learned, *log};
};

class ClientKeeperTest : public ::testing::Test {
 protected:
  std::size_t saved() const { return clients::read_learned(dir_ / "clients").entries.size(); }

  logs::TempDir dir_;
  config::Clients config_{.file = {dir_ / "clients", {dir_ / "c.yaml", 3, 1}}};
};

TEST_F(ClientKeeperTest, KeepsWhatWasLearnedOverARestart) {
  {
    Process first(dir_ / "log");
    first.keeper.configure(config_);
    first.learn(1);
    first.keeper.save();
  }
  Process second(dir_ / "log");
  second.keeper.configure(config_);
  EXPECT_EQ(second.learned.size(), 1U);
}

TEST_F(ClientKeeperTest, TheSecondProcessWithAFileSaysSoAndDoesNotOverwriteIt) {
  Process first(dir_ / "log1");
  first.keeper.configure(config_);
  first.learn(1);
  first.learn(2);
  first.keeper.save();
  {
    Process second(dir_ / "log2");
    second.keeper.configure(config_);
    EXPECT_EQ(second.learned.size(), 2U);  // to read is no harm
    second.learn(3);
    second.keeper.save();
    second.keeper.save();
  }
  EXPECT_EQ(saved(), 2U);
  const std::string log = logs::read_file(dir_ / "log2");
  EXPECT_THAT(log, HasSubstr("clients.file"));
  EXPECT_EQ(log.find("clients.file"), log.rfind("clients.file")) << "told once";
  EXPECT_EQ(logs::read_file(dir_ / "log1"), "");
}

TEST_F(ClientKeeperTest, TakesOverWhenTheOtherProcessHasEnded) {
  std::optional<Process> first(std::in_place, dir_ / "log1");
  first->keeper.configure(config_);
  Process second(dir_ / "log2");
  second.keeper.configure(config_);
  second.learn(2);
  first->learn(1);
  first->keeper.save();
  first.reset();
  second.keeper.save();
  EXPECT_EQ(saved(), 2U);
}

TEST_F(ClientKeeperTest, MovesToTheFileOfAnotherConfiguration) {
  Process first(dir_ / "log1");
  first.keeper.configure(config_);
  config::Clients other = config_;
  other.file.value = dir_ / "others";
  first.keeper.configure(other);
  first.learn(1);
  first.keeper.save();
  EXPECT_EQ(saved(), 0U);
  Process second(dir_ / "log2");
  second.keeper.configure(config_);  // which nobody has now
  second.learn(2);
  second.keeper.save();
  EXPECT_EQ(saved(), 1U);
}

}  // namespace
}  // namespace chainmend::server
