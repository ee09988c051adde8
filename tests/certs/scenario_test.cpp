#include "tests/certs/scenario.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <fstream>
#include <sstream>

namespace chainmend::certs::testing {
namespace {

std::filesystem::path scenarios_folder() { return CHAINMEND_SCENARIOS; }

std::string read_text(const std::filesystem::path& path) {
  std::ifstream in(path, std::ios::binary);
  std::ostringstream text;
  text << in.rdbuf();
  return text.str();
}

std::vector<std::string> scenario_names() {
  std::vector<std::string> names;
  for (const auto& entry : std::filesystem::directory_iterator(scenarios_folder())) {
    // The others are about the whole program: tests/scenarios/drive.py plays them.
    if (entry.is_directory() &&
        read_text(entry.path() / "scenario.txt").find("\nwire\n") == std::string::npos) {
      names.push_back(entry.path().filename().string());
    }
  }
  std::ranges::sort(names);
  return names;
}

class Scenarios : public ::testing::TestWithParam<std::string> {};

// With CHAINMEND_REBASE set, writes what came out as the new expectation; look at the difference
// before keeping it.
TEST_P(Scenarios, EndAsExpected) {
  const auto folder = scenarios_folder() / GetParam();
  const std::string outcome = Scenario(read_text(folder / "scenario.txt")).run();
  if (std::getenv("CHAINMEND_REBASE") != nullptr) {
    std::ofstream(folder / "expected.txt", std::ios::binary) << outcome;
  }
  EXPECT_EQ(outcome, read_text(folder / "expected.txt"));
}

INSTANTIATE_TEST_SUITE_P(All, Scenarios, ::testing::ValuesIn(scenario_names()),
                         [](const auto& scenario) {
                           std::string name = scenario.param;
                           std::ranges::replace(name, '-', '_');
                           return name;
                         });

}  // namespace
}  // namespace chainmend::certs::testing
