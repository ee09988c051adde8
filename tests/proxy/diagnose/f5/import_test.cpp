// What an import makes of small configurations: golden/NAME.conf has to become golden/NAME.txt, the
// YAML and a line for each property. CHAINMEND_REBASE=1 writes the texts anew; look at what
// changed.
#include "proxy/diagnose/f5/import.h"

#include <gtest/gtest.h>

#include <fmt/format.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>

#include "config/config.h"

namespace chainmend::diagnose::f5 {
namespace {

namespace fs = std::filesystem;

const fs::path kGolden = fs::path(CHAINMEND_SOURCE_DIR) / "tests/proxy/diagnose/f5/golden";

std::string content(const fs::path& file) {
  std::ifstream in(file);
  std::stringstream text;
  text << in.rdbuf();
  return text.str();
}

Import imported(const std::string& text, const ImportOptions& options = {}) {
  Sources sources;
  sources.files.push_back({"bigip.conf", text});
  const Configuration config(sources);
  return import_f5(config, CertificateStore(), options);
}

std::string shown(const Import& import) {
  std::string out = import.yaml;
  for (const LedgerLine& line : import.lines) {
    out += fmt::format("{}: {} {}{}{} (line {}): {}\n", to_string(line.outcome), line.kind,
                       line.object, line.property.empty() ? "" : " ", line.property, line.line,
                       line.how + (line.guards ? " [guards]" : ""));
  }
  for (const std::string& one : import.left_out) {
    out += "left out: " + one + "\n";
  }
  return out;
}

std::vector<std::string> fragments() {
  std::vector<std::string> out;
  for (const auto& entry : fs::directory_iterator(kGolden)) {
    if (entry.path().extension() == ".conf") {
      out.push_back(entry.path().stem().string());
    }
  }
  std::ranges::sort(out);
  return out;
}

class Golden : public testing::TestWithParam<std::string> {};

TEST_P(Golden, BecomesWhatItDidBefore) {
  const fs::path expected = kGolden / (GetParam() + ".txt");
  const std::string found = shown(imported(content(kGolden / (GetParam() + ".conf"))));
  if (std::getenv("CHAINMEND_REBASE") != nullptr) {
    std::ofstream(expected) << found;
  }
  EXPECT_EQ(found, content(expected));
}

// Every line of a property that a chosen virtual reaches is told of, mended or not.
TEST_P(Golden, IsAConfigurationThatChainmendTakes) {
  for (const bool as_is : {false, true}) {
    ImportOptions options;
    options.as_is = as_is;
    options.i_know = true;
    const Import import = imported(content(kGolden / (GetParam() + ".conf")), options);
    if (import.yaml.empty()) {
      EXPECT_EQ(import.taken, 0U);
      EXPECT_FALSE(import.left_out.empty());
      continue;
    }
    const auto config = config::parse(import.yaml, "/etc/chainmend.yaml");
    EXPECT_TRUE(config) << config.error().front().text << "\n" << import.yaml;
  }
}

INSTANTIATE_TEST_SUITE_P(Fragments, Golden, testing::ValuesIn(fragments()),
                         [](const auto& given) { return given.param; });

TEST(Import, TakesWhatGuardsOnlyWithAWarning) {
  const std::string text = content(kGolden / "guarded_by_rule.conf");
  EXPECT_EQ(imported(text).taken, 0U);
  ImportOptions options;
  options.i_know = true;
  const Import import = imported(text, options);
  EXPECT_EQ(import.taken, 1U);
  EXPECT_NE(import.yaml.find("WARNING: the BIG-IP guards this"), std::string::npos);
}

TEST(Import, ListensAndAsksAtTheAddressesThatStandForThoseOfTheBigIp) {
  ImportOptions options;
  options.addresses = {
      {"10.0.0.5", "127.0.0.1"}, {"10.0.0.11", "192.0.2.1"}, {"10.9.9.9", "192.0.2.2"}};
  const Import import = imported(content(kGolden / "chain_set.conf"), options);
  EXPECT_NE(import.yaml.find("listen: 127.0.0.1:8443"), std::string::npos);
  EXPECT_NE(import.yaml.find("http://192.0.2.1:8080"), std::string::npos);
  EXPECT_EQ(import.unused_addresses, std::vector<std::string>{"10.9.9.9"});
}

TEST(Import, TakesTheVirtualsThatAreNamedAndSaysWhichAreNotThere) {
  ImportOptions options;
  options.virtuals = {"ews", "/Common/nobody"};
  const Import import = imported(content(kGolden / "disabled.conf"), options);
  EXPECT_EQ(import.taken, 1U);
  EXPECT_EQ(import.unknown, std::vector<std::string>{"/Common/nobody"});
}

TEST(Import, HasNoSecretInAnything) {
  const std::string text = shown(imported(content(kGolden / "monitor_http.conf")));
  EXPECT_EQ(text.find("verysecret"), std::string::npos);
}

}  // namespace
}  // namespace chainmend::diagnose::f5
