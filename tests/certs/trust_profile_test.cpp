#include "certs/trust_profile.h"

#include <gtest/gtest.h>

#include <cstdlib>

#include "tests/certs/containers.h"
#include "tests/certs/temp_folder.h"

namespace chainmend::certs {
namespace {

using testing::Identity;
using testing::make_root;
using testing::TempFolder;

TEST(TrustProfile, HoldsCertificatesAndNotNames) {
  const Identity root = make_root("CN=Root");
  const Identity twin = make_root("CN=Root");
  const TrustProfile profile("phones", {root.certificate, root.certificate});
  EXPECT_EQ(profile.name(), "phones");
  EXPECT_EQ(profile.size(), 1U);
  EXPECT_TRUE(profile.contains(*root.certificate));
  EXPECT_FALSE(profile.contains(*twin.certificate));
  EXPECT_EQ(profile.with_subject(root.certificate->subject_key()).size(), 1U);
  EXPECT_TRUE(profile.with_subject("other").empty());
}

TEST(TrustProfile, IsReadFromFilesOfAnyKind) {
  const TempFolder folder;
  folder.write("a.pem", make_root("CN=A").certificate->pem());
  folder.write("b.sst", testing::make_sst({make_root("CN=B"), make_root("CN=C")}));
  folder.write("c.txt", "nothing\n");
  const auto loaded = TrustProfile::from_files("phones", {folder.path()});
  ASSERT_TRUE(loaded.has_value());
  EXPECT_EQ(loaded->profile->size(), 3U);
  EXPECT_EQ(loaded->problems.size(), 1U);
}

TEST(TrustProfile, HoldsTheSystemsRootsAndOwnOnesTogether) {
  const TempFolder folder;
  const Identity own = make_root("CN=Own");
  const Identity of_system = make_root("CN=System");
  folder.write("own.pem", own.certificate->pem());
  folder.write("system.pem", of_system.certificate->pem());
  ::setenv("SSL_CERT_FILE", folder.path("system.pem").c_str(), 1);
  const auto both = TrustProfile::system_and_files("corp", {folder.path("own.pem")});
  const auto missing = TrustProfile::system_and_files("corp", {folder.path("missing.pem")});
  ::unsetenv("SSL_CERT_FILE");
  ASSERT_TRUE(both.has_value());
  EXPECT_TRUE(both->profile->contains(*own.certificate));
  EXPECT_TRUE(both->profile->contains(*of_system.certificate));
  ASSERT_EQ(both->found.size(), 1U);
  EXPECT_EQ(both->found[0].certificate->subject(), own.certificate->subject());
  EXPECT_FALSE(missing.has_value());
}

TEST(TrustProfile, NeedsAtLeastOneRoot) {
  const TempFolder folder;
  const auto missing = TrustProfile::from_files("phones", {folder.path("missing.pem")});
  ASSERT_FALSE(missing.has_value());
  EXPECT_EQ(missing.error().code, ErrorCode::cannot_read);
  const auto none = TrustProfile::from_files("phones", {folder.path()});
  ASSERT_FALSE(none.has_value());
  EXPECT_EQ(none.error().code, ErrorCode::empty);
}

TEST(TrustProfile, TakesTheSystemStoreFromTheEnvironment) {
  const TempFolder folder;
  const Identity root = make_root("CN=A");
  const std::string file = folder.write("store.pem", root.certificate->pem());
  ASSERT_EQ(setenv("SSL_CERT_FILE", file.c_str(), 1), 0);
  const auto system = TrustProfile::system();
  unsetenv("SSL_CERT_FILE");
  ASSERT_TRUE(system.has_value());
  EXPECT_EQ(system->profile->name(), "system");
  EXPECT_TRUE(system->profile->contains(*root.certificate));
}

}  // namespace
}  // namespace chainmend::certs
