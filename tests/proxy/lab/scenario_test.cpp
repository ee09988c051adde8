// The table of scenarios, and what its places stand for.
#include "proxy/lab/scenario.h"

#include <gtest/gtest.h>

#include <set>

#include "proxy/lab/lab.h"

namespace chainmend::lab {
namespace {

TEST(Scenario, IsFoundByItsName) {
  std::set<std::string_view> names;
  for (const Scenario& one : scenarios()) {
    EXPECT_TRUE(names.insert(one.name).second) << one.name;
    EXPECT_EQ(find_scenario(one.name), &one);
  }
  EXPECT_EQ(find_scenario("lpe"), nullptr);
}

TEST(Scenario, IsBrokenInAWayThatAFixChanges) {
  for (const Scenario& one : scenarios()) {
    bool shows = false;
    for (const Check& check : one.checks) {
      shows = shows || check.broken != 0;
    }
    EXPECT_TRUE(shows) << one.name;
    EXPECT_FALSE(one.logs.empty()) << one.name;
  }
}

TEST(Site, FillsEveryPlace) {
  for (const Scenario& one : scenarios()) {
    const Site site{.folder = "/tmp/lab", .base = 8450, .scenario = &one};
    for (const Check& check : one.checks) {
      for (const std::string& word : site.filled(check.command)) {
        EXPECT_EQ(word.find_first_of("{}"), std::string::npos) << one.name << ": " << word;
      }
    }
    for (const LogLines& lines : one.logs) {
      const std::string both = site.filled(lines.broken) + site.filled(lines.fixed);
      EXPECT_EQ(both.find_first_of("{}"), std::string::npos) << one.name << ": " << both;
    }
  }
}

TEST(Site, NamesItsParts) {
  const Site site{.folder = "/tmp/lab", .base = 9000, .scenario = find_scenario("lpe2012")};
  EXPECT_EQ(site.filled("{internal} {external} {chainmend} {pki}/a {host}"),
            "127.0.0.1:9001 127.0.0.1:9002 127.0.0.1:9003 /tmp/lab/pki/a mail.contoso.test");
}

TEST(Site, IsNotFoundWhereThereIsNone) {
  const auto none = find_site("/nonexistent");
  ASSERT_FALSE(none.has_value());
  EXPECT_NE(none.error().text.find("chainmend lab SCENARIO"), std::string::npos);
}

}  // namespace
}  // namespace chainmend::lab
