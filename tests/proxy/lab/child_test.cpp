#include "proxy/lab/child.h"

#include <gtest/gtest.h>

#include <csignal>

namespace chainmend::lab {
namespace {

using std::chrono::seconds;

TEST(Child, GivesWhatItPrintedAndHowItEnded) {
  const auto done = Child::run({"/bin/sh", "-c", "echo out; echo err >&2; exit 7"}, seconds(30));
  ASSERT_TRUE(done.has_value());
  EXPECT_EQ(done->status, 7);
  EXPECT_EQ(done->text, "out\nerr\n");
}

TEST(Child, ThatDoesNotEndIsEnded) {
  const auto done = Child::run({"/bin/sleep", "600"}, seconds(1));
  ASSERT_TRUE(done.has_value());
  EXPECT_EQ(done->status, 128 + SIGKILL);
}

TEST(Child, ThatIsNoProgramExits127) {
  const auto done = Child::run({"/nonexistent"}, seconds(30));
  ASSERT_TRUE(done.has_value());
  EXPECT_EQ(done->status, 127);
}

TEST(Child, EndsWithItsOwner) {
  pid_t pid = 0;
  {
    auto child = Child::start({"/bin/sleep", "600"}, "/dev/null");
    ASSERT_TRUE(child.has_value());
    pid = child->pid();
    EXPECT_FALSE(child->has_ended());
    EXPECT_EQ(kill(pid, 0), 0);
  }
  EXPECT_EQ(kill(pid, 0), -1);
}

}  // namespace
}  // namespace chainmend::lab
