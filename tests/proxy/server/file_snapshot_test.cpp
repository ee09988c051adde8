// FileSnapshot over real files and links: which changes it tells, and where it says to look.
#include "proxy/server/file_snapshot.h"

#include <gmock/gmock.h>

#include "tests/certs/temp_folder.h"

namespace chainmend::server {
namespace {

namespace fs = std::filesystem;
using certs::testing::TempFolder;
using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::Key;
using ::testing::UnorderedElementsAre;

struct FileSnapshotTest : ::testing::Test {
  static FileSnapshot take(const fs::path& path) { return FileSnapshot::take({path}); }
  TempFolder temp;
  const fs::path folder = fs::canonical(temp.path());
};

TEST_F(FileSnapshotTest, IsTheSameForTheSameFiles) {
  const fs::path file = temp.write("a.pem", "1");
  EXPECT_THAT(take(file).changes_since(take(file)), IsEmpty());
}

TEST_F(FileSnapshotTest, TellsAnotherContentOfTheSameSizeAndTime) {
  const fs::path file = temp.write("a.pem", "1");
  const auto time = fs::last_write_time(file);
  const FileSnapshot before = take(file);
  fs::rename(temp.write("b.pem", "2"), file);
  fs::last_write_time(file, time);
  EXPECT_THAT(take(file).changes_since(before), ElementsAre(file));
}

TEST_F(FileSnapshotTest, TellsFilesOfAFolderThatComeAndGo) {
  const fs::path gone = temp.write("ca/a.pem", "1");
  const FileSnapshot before = take(folder / "ca");
  fs::remove(gone);
  const fs::path come = temp.write("ca/b.pem", "1");
  EXPECT_THAT(take(folder / "ca").changes_since(before), UnorderedElementsAre(gone, come));
  EXPECT_THAT(before.places.at(folder / "ca"), IsEmpty()) << "all names matter";
}

TEST_F(FileSnapshotTest, TellsFilesThatAPatternBeginsToMatch) {
  temp.write("ca/one/a.pem", "1");
  const fs::path pattern = folder / "ca/*/*.pem";
  const FileSnapshot before = take(pattern);
  const fs::path come = temp.write("ca/two/b.pem", "1");
  temp.write("ca/two/b.txt", "1");
  EXPECT_THAT(take(pattern).changes_since(before), ElementsAre(come));
  EXPECT_THAT(before.places.at(folder / "ca"), IsEmpty());
}

TEST_F(FileSnapshotTest, LooksAtAFileByItsNameAlone) {
  const fs::path file = temp.write("a.pem", "1");
  EXPECT_THAT(take(file).places.at(folder), ElementsAre("a.pem"));
}

// secret/tls.crt -> ..data/tls.crt, ..data -> ..2026: a renewal turns ..data alone.
TEST_F(FileSnapshotTest, FollowsTheLinksOfKubernetes) {
  temp.write("secret/..2026/tls.crt", "1");
  fs::create_directory_symlink("..2026", folder / "secret/..data");
  fs::create_symlink("..data/tls.crt", folder / "secret/tls.crt");
  const FileSnapshot before = take(folder / "secret/tls.crt");
  EXPECT_THAT(before.places.at(folder / "secret"), UnorderedElementsAre("tls.crt", "..data"));
  EXPECT_THAT(before.places, Contains(Key(folder / "secret/..2026")));
  temp.write("secret/..2027/tls.crt", "1");
  fs::create_directory_symlink("..2027", folder / "secret/..new");
  fs::rename(folder / "secret/..new", folder / "secret/..data");
  EXPECT_THAT(take(folder / "secret/tls.crt").changes_since(before),
              ElementsAre(folder / "secret/tls.crt"));
}

TEST_F(FileSnapshotTest, EndsOnLinksThatGoInACircle) {
  fs::create_symlink("b", folder / "a");
  fs::create_symlink("a", folder / "b");
  EXPECT_THAT(take(folder / "a").files, IsEmpty());
}

TEST_F(FileSnapshotTest, SaysWhereAFileThatIsMissingWouldCome) {
  const FileSnapshot before = take(folder / "a.pem");
  EXPECT_THAT(before.places.at(folder), ElementsAre("a.pem"));
  temp.write("a.pem", "1");
  EXPECT_THAT(take(folder / "a.pem").changes_since(before), ElementsAre(folder / "a.pem"));
}

}  // namespace
}  // namespace chainmend::server
