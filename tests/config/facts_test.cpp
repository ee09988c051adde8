// What the parsers say of the keys that they read.
#include "config/facts.h"

#include <set>

#include "tests/config/messages.h"

namespace chainmend::config {
namespace {

Messages paths_of(std::string_view name) {
  Messages paths;
  for (const FoundFact& one : find_facts(name)) {
    paths.push_back(one.path);
  }
  return paths;
}

FoundFact one(std::string_view path) {
  const std::vector<FoundFact> found = find_facts(path);
  EXPECT_EQ(found.size(), 1U) << path;
  return found.empty() ? FoundFact{"", "", &facts()} : found.front();
}

TEST(Facts, EachHasWordsAndAValueToShow) {
  EXPECT_GT(all_facts().size(), 130U);
  for (const FoundFact& found : all_facts()) {
    EXPECT_FALSE(found.fact->key.words.empty()) << found.path;
    EXPECT_FALSE(found.fact->key.words.ends_with('.')) << found.path;
    EXPECT_NE(value_text(*found.fact), "") << found.path;
    if (!has_keys(*found.fact)) {
      EXPECT_FALSE(found.fact->shown().empty()) << found.path;
    }
  }
}

TEST(Facts, AreDeclaredOnce) {
  std::set<std::string> paths;
  for (const FoundFact& found : all_facts()) {
    EXPECT_TRUE(paths.insert(found.path).second) << found.path;
  }
}

TEST(Facts, AreFoundByTheEndOfTheirPath) {
  using testing::ElementsAre;
  EXPECT_THAT(paths_of("process.drain"), ElementsAre("process.drain"));
  EXPECT_THAT(paths_of("drain"), ElementsAre("process.drain"));
  EXPECT_THAT(paths_of("head"), ElementsAre("listeners.timeouts.head", "listeners.limits.head"));
  EXPECT_THAT(paths_of("timeouts.head"), ElementsAre("listeners.timeouts.head"));
  EXPECT_THAT(paths_of("ain"), ElementsAre());
  EXPECT_THAT(paths_of("listeners.head"), ElementsAre());
  EXPECT_THAT(paths_of(""), ElementsAre());
  EXPECT_THAT(paths_of("process."), ElementsAre());
}

TEST(Facts, AreFoundWithANameInPlaceOfTheStar) {
  for (const char* path :
       {"certificates.*.pfx", "certificates.pfx", "certificates.mail.pfx", "mail.pfx"}) {
    EXPECT_THAT(paths_of(path), testing::ElementsAre("certificates.*.pfx")) << path;
  }
}

TEST(Facts, AreFoundWithoutTheStars) {
  EXPECT_THAT(paths_of("certificates.chains.weak"),
              testing::Contains("certificates.*.chains.*.weak"));
}

TEST(Facts, HaveTheDefaultOfTheField) {
  EXPECT_EQ(one("process.drain").fact->default_value, "10m");
  EXPECT_EQ(one("process.threads").fact->default_value, "auto");
  EXPECT_EQ(one("admin.listen").fact->default_value, Admin{}.listen->value.text());
  EXPECT_EQ(one("chain.aia.cache").fact->default_value, Aia{}.cache.value.string());
  EXPECT_EQ(one("chain.bundles").fact->default_value, "[]");
  EXPECT_EQ(one("upstreams.*.tls.server_name").fact->default_value, "\"\"");
  EXPECT_EQ(one("listeners.routes.timeouts.response").fact->default_value, "");  // the listener's
  EXPECT_EQ(one("trust_profiles.*.roots").fact->default_value, "");              // it is required
}

TEST(Facts, KnowWhatIsRequiredAndWhatExcludesIt) {
  EXPECT_TRUE(one("listeners").fact->required);
  EXPECT_TRUE(one("upstreams.*.servers").fact->required);
  EXPECT_FALSE(one("upstreams").fact->required);
  EXPECT_EQ(one("certificates.*.cert").fact->key.instead_of, "pfx");
}

TEST(Facts, SayWhatAValueMayBe) {
  const auto value = [](std::string_view path) { return value_text(*one(path).fact); };
  EXPECT_EQ(value("process.max_connections"), "a number (1 to 10000000)");
  EXPECT_EQ(value("process.threads"), "auto or a number from 1 to 256");
  EXPECT_EQ(value("logs.level"), "one of debug, info, warn, error");
  EXPECT_EQ(value("chain.trust"), "system, or a file name, or a list of these");
  EXPECT_EQ(value("chain.aia.max_size"), "a size such as 1000, 64KiB or 2GiB (1KiB to 16MiB)");
  EXPECT_EQ(value("listeners.routes.max_body"), "off, or a size such as 1000, 64KiB or 2GiB");
  EXPECT_EQ(value("upstreams.*.keep_alive"), "a map, or off");
  EXPECT_EQ(value("upstreams"), "a map whose keys are names that you give");
  EXPECT_EQ(value("listeners"), "a map, or a list of these");
}

TEST(Facts, ShowWhereAKeyStands) {
  EXPECT_EQ(one("listeners.timeouts.head").yaml, "listeners:\n  - timeouts:\n      head: 30s\n");
  EXPECT_EQ(one("certificates.*.chains.*.weak").yaml,
            "certificates:\n  mail:\n    chains:\n      for-lync:\n        weak: refuse\n");
}

// To describe is not to read: nothing is left over in what is read next.
TEST(Facts, LeaveNoTraceInWhatIsRead) {
  ASSERT_FALSE(facts().keys.empty());
  EXPECT_EQ(errors_of(std::string(kServing)), Messages{});
  EXPECT_EQ(warnings_of(std::string(kServing)), Messages{});
}

}  // namespace
}  // namespace chainmend::config
