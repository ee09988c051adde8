// FileWatch over real files and the real inotify; the background is run in place.
#include "proxy/server/file_watch.h"

#include <fcntl.h>
#include <gmock/gmock.h>
#include <unistd.h>

#include "tests/certs/temp_folder.h"

namespace chainmend::server {
namespace {

namespace fs = std::filesystem;
using namespace std::chrono_literals;
using certs::testing::TempFolder;
using ::testing::ElementsAre;
using ::testing::IsEmpty;

struct FileWatchTest : ::testing::Test {
  ~FileWatchTest() override { ::close(null); }

  void watch(const fs::path& path) { watch(path, FileSnapshot::take({path})); }
  void watch(const fs::path& path, FileSnapshot seen) { file_watch.watch({path}, seen, 40ms); }
  // Turns the loop until something was told, at most `patience`.
  void turn(std::chrono::milliseconds patience = 10s) {
    const auto end = std::chrono::steady_clock::now() + patience;
    io.restart();
    while (told.empty() && std::chrono::steady_clock::now() < end) {
      io.run_one_for(10ms);
    }
  }

  TempFolder temp;
  const fs::path folder = fs::canonical(temp.path());
  int null = ::open("/dev/null", O_WRONLY | O_CLOEXEC);
  logs::Log log{{.descriptor = null}};
  boost::asio::io_context io;
  int looks = 0;
  std::vector<FileWatch::Files> told;
  FileWatch file_watch{{io, log,
                        [this](const std::function<void()>& job) {
                          ++looks;
                          job();
                        },
                        [this](const FileWatch::Files& changed) { told.push_back(changed); }}};
};

TEST_F(FileWatchTest, TellsAFileThatIsWrittenAnew) {
  const fs::path file = temp.write("a.pem", "1");
  watch(file);
  turn(200ms);
  EXPECT_THAT(told, IsEmpty());
  temp.write("a.pem", "22");
  turn();
  EXPECT_THAT(told, ElementsAre(ElementsAre(file)));
}

TEST_F(FileWatchTest, TellsWhatChangedBeforeItBeganToWatch) {
  const fs::path file = temp.write("a.pem", "1");
  FileSnapshot seen = FileSnapshot::take({file});
  temp.write("a.pem", "22");
  watch(file, std::move(seen));
  turn();
  EXPECT_THAT(told, ElementsAre(ElementsAre(file)));
}

TEST_F(FileWatchTest, FollowsALinkThatTurnsMoreThanOnce) {
  temp.write("v1/a.pem", "1");
  fs::create_directory_symlink("v1", folder / "now");
  const fs::path file = folder / "now/a.pem";
  watch(file);
  for (const char* next : {"v2", "v3"}) {
    told.clear();
    temp.write(std::string(next) + "/a.pem", next);
    fs::create_directory_symlink(next, folder / "new");
    fs::rename(folder / "new", folder / "now");
    turn();
    EXPECT_THAT(told, ElementsAre(ElementsAre(file))) << next;
  }
  told.clear();
  temp.write("v3/a.pem", "in place");
  turn();
  EXPECT_THAT(told, ElementsAre(ElementsAre(file)));
}

TEST_F(FileWatchTest, WaitsUntilNobodyWritesAnyMore) {
  const fs::path file = temp.write("a.pem", "1");
  watch(file);
  turn(100ms);
  std::string text;
  for (int i = 0; i < 30; ++i) {
    temp.write("a.pem", text += 'x');
    turn(5ms);
    ASSERT_THAT(told, IsEmpty());
  }
  turn();
  EXPECT_THAT(told, ElementsAre(ElementsAre(file)));
}

TEST_F(FileWatchTest, LooksAtNothingForOtherFilesOfTheFolder) {
  watch(temp.write("a.pem", "1"));
  turn(200ms);
  const int before = looks;
  temp.write("b.log", "1");
  turn(200ms);
  EXPECT_EQ(looks, before);
}

TEST_F(FileWatchTest, TellsNothingOnceItIsStopped) {
  const fs::path file = temp.write("a.pem", "1");
  watch(file);
  temp.write("a.pem", "22");
  file_watch.stop();
  turn(200ms);
  EXPECT_THAT(told, IsEmpty());
  watch(file);
  temp.write("a.pem", "333");
  turn();
  EXPECT_THAT(told, ElementsAre(ElementsAre(file)));
}

}  // namespace
}  // namespace chainmend::server
