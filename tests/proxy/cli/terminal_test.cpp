#include "proxy/cli/terminal.h"

#include <gtest/gtest.h>
#include <pty.h>
#include <unistd.h>

#include <cstdlib>
#include <functional>

namespace chainmend::cli {
namespace {

constexpr char kMark = '\x01';

// What arrives on the other side when `print` writes to a terminal.
std::string on_a_terminal(const std::function<void(const Terminal&)>& print) {
  int master = -1;
  int slave = -1;
  EXPECT_EQ(openpty(&master, &slave, nullptr, nullptr, nullptr), 0);
  std::FILE* stream = fdopen(slave, "w");
  print(Terminal(stream));
  std::fputc(kMark, stream);
  std::fflush(stream);
  // A terminal passes on what was written in as many pieces as it likes.
  std::string seen;
  for (char c = 0; read(master, &c, 1) == 1 && c != kMark;) {
    seen += c;
  }
  std::fclose(stream);
  close(master);
  return seen;
}

std::string in_a_file(const std::function<void(const Terminal&)>& print) {
  std::FILE* stream = std::tmpfile();
  print(Terminal(stream));
  std::rewind(stream);
  char buffer[4096];
  const std::size_t got = std::fread(buffer, 1, sizeof buffer, stream);
  std::fclose(stream);
  return {buffer, got};
}

void print_table(const Terminal& terminal) {
  terminal.table({"A", "LONG"}, {{"1", "x"}, {"\xC3\xBC\xC3\xBC\xC3\xBC", "y"}});
}

class TerminalTest : public ::testing::Test {
 protected:
  void SetUp() override {
    setenv("TERM", "xterm", 1);
    unsetenv("NO_COLOR");
  }
};

TEST_F(TerminalTest, AlignsColumnsByCharactersUnderAHeader) {
  EXPECT_EQ(on_a_terminal(print_table),
            "\033[1mA    LONG\033[0m\r\n1    x\r\n\xC3\xBC\xC3\xBC\xC3\xBC  y\r\n");
}

TEST_F(TerminalTest, SeparatesCellsByTabsElsewhere) {
  EXPECT_EQ(in_a_file(print_table), "A\tLONG\n1\tx\n\xC3\xBC\xC3\xBC\xC3\xBC\ty\n");
}

TEST_F(TerminalTest, ColoursForPeopleWhoWantThem) {
  const auto print = [](const Terminal& terminal) {
    terminal.line(terminal.styled(Style::bad, "no"));
  };
  EXPECT_EQ(on_a_terminal(print), "\033[31mno\033[0m\r\n");
  EXPECT_EQ(in_a_file(print), "no\n");
  setenv("NO_COLOR", "1", 1);
  EXPECT_EQ(on_a_terminal(print), "no\r\n");
  unsetenv("NO_COLOR");
  setenv("TERM", "dumb", 1);
  EXPECT_EQ(on_a_terminal(print), "no\r\n");
}

}  // namespace
}  // namespace chainmend::cli
