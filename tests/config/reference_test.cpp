// The reference says what is so: the program reads it as it is, it gives the defaults, and what it
// shows as a comment could stand in the place of what it shows.
#include "config/reference.h"

#include <algorithm>
#include <sstream>

#include "config/facts.h"
#include "tests/config/messages.h"

namespace chainmend::config {
namespace {

class Reference : public testing::Test {
 protected:
  void SetUp() override {
    Result<Config> config = parse(reference(), "reference.yaml");
    ASSERT_TRUE(config) << testing::PrintToString(describe(config.error()));
    config_ = *std::move(config);
  }

  Config config_;
};

TEST_F(Reference, GivesTheDefaults) {
  EXPECT_EQ(config_.admin, Admin{});
  Process process;
  process.user = config_.process.user;  // shown by an example: nobody without it
  EXPECT_EQ(config_.process, process);
  EXPECT_EQ(config_.reload, ReloadRules{});
  EXPECT_EQ(config_.logs, Logs{});
  EXPECT_EQ(config_.chain, Chain{});
  EXPECT_EQ(config_.clients, Clients{});
  EXPECT_EQ(config_.certificates.at(0).rules.serve, ChainRules{}.serve);
  EXPECT_EQ(config_.certificates.at(0).rules.send_root, ChainRules{}.send_root);
  EXPECT_EQ(config_.certificates.at(0).rules.weak, ChainRules{}.weak);
  EXPECT_EQ(config_.tls_policies.at(0).base, TlsPolicy{}.base);
  const Listener& listener = config_.listeners.at(0);
  EXPECT_EQ(listener.mode, Listener{}.mode);
  EXPECT_EQ(listener.policy, Listener{}.policy);
  EXPECT_EQ(listener.timeouts, Listener{}.timeouts);
  EXPECT_EQ(listener.limits, Listener{}.limits);
  EXPECT_EQ(listener.trusted_sources, Listener{}.trusted_sources);
  EXPECT_EQ(listener.proxy_protocol, Listener{}.proxy_protocol);
  EXPECT_EQ(listener.forwarded, Listener{}.forwarded);
  EXPECT_EQ(listener.via, Listener{}.via);
  const Route& route = listener.routes.at(0);
  EXPECT_EQ(route.path, Route{}.path);
  EXPECT_EQ(route.max_body, Route{}.max_body);
  EXPECT_EQ(route.continue_after, Route{}.continue_after);
  Upstream upstream;
  upstream.tls.trust = Chain{}.trust;  // what it stands for when it is left out
  const UpstreamTls& tls = config_.upstreams.at(0).tls;
  upstream.tls.min = tls.min;  // examples: the versions and ciphers of the policy without them
  upstream.tls.max = tls.max;
  upstream.tls.ciphers = tls.ciphers;
  upstream.tls.certificate = tls.certificate;  // likewise: none is shown without it
  EXPECT_EQ(tls, upstream.tls);
  EXPECT_EQ(config_.upstreams.at(0).timeouts, upstream.timeouts);
  EXPECT_EQ(config_.upstreams.at(0).keep_alive, upstream.keep_alive);
  EXPECT_EQ(config_.upstreams.at(0).proxy_protocol, upstream.proxy_protocol);
}

TEST_F(Reference, NamesTheBuiltInPolicies) {
  for (const std::string_view name : kBuiltInPolicies) {
    EXPECT_NE(reference().find(name), std::string::npos) << name;
  }
}

TEST_F(Reference, GivesNoWarning) { EXPECT_EQ(describe(config_.warnings), Messages{}); }

std::vector<std::string> lines_of(const std::string& text) {
  std::vector<std::string> lines;
  std::istringstream in(text);
  for (std::string line; std::getline(in, line);) {
    lines.push_back(line);
  }
  return lines;
}

TEST_F(Reference, FitsIntoAHundredColumns) {
  for (const std::string& line : lines_of(reference())) {
    EXPECT_LE(line.size(), 100U) << line;
  }
}

// The reference with the key that stands in place of another, which is still there.
std::string with_alternative(const FoundFact& found) {
  const std::string section = found.path.substr(0, found.path.find('.')) + ":";
  const std::string comment = "# " + std::string(found.fact->key.name) + ": ";
  std::string out;
  bool in_section = false;
  bool replaced = false;
  for (const std::string& line : lines_of(reference())) {
    in_section = in_section || line.starts_with(section);
    const std::size_t at = line.find_first_not_of(" -");
    const std::string text = line.substr(std::min(at, line.size()));
    if (in_section && !replaced && text.starts_with(comment)) {
      out += line.substr(0, at) + text.substr(2) + "\n";
      replaced = true;
    } else {
      out += line + "\n";
    }
  }
  EXPECT_TRUE(replaced) << comment;
  return out;
}

// Beside the other one it is refused for that alone: what is shown of it is right.
TEST_F(Reference, ShowsAlternativesAsTheyAreWritten) {
  std::size_t alternatives = 0;
  for (const FoundFact& found : all_facts()) {
    if (found.fact->key.instead_of.empty()) {
      continue;
    }
    ++alternatives;
    const std::string other = "\"" + std::string(found.fact->key.instead_of) + "\"";
    const Messages errors = errors_of(with_alternative(found));
    EXPECT_THAT(errors, testing::Contains(testing::HasSubstr(other))) << found.path;
    for (const std::string& error : errors) {
      EXPECT_THAT(error, testing::ContainsRegex("not both|leave out|does not go with|has one of|"
                                                "has no use beside"))
          << found.path;
    }
  }
  EXPECT_GE(alternatives, 6U);
}

TEST(StartingFile, IsReadAsItIs) {
  const Result<Config> config = parse(starting_file(), "c.yaml");
  ASSERT_TRUE(config) << testing::PrintToString(describe(config.error()));
  EXPECT_EQ(describe(config->warnings), Messages{});
  EXPECT_EQ(config->listeners.size(), 1U);
  EXPECT_TRUE(config->certificates.empty());
  EXPECT_TRUE(config->upstreams.empty());
}

// Only their owner may write there.
TEST(StartingFile, NamesNoFolderOfTheMachine) {
  for (const std::string& line : lines_of(starting_file())) {
    EXPECT_TRUE(line.starts_with('#') || line.find(": /var/") == std::string::npos) << line;
  }
}

}  // namespace
}  // namespace chainmend::config
